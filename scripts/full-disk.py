#!/usr/bin/env python3
"""Fills the disks of three replicas while a client writes, and frees them again. No replica may stop.

usage: full-disk.py [--rounds N] [--seed N] [--jar examples/target/paxos-kv.jar]

Each replica of the key-value store has a file system of its own, ext4 with 128 MiB. A round fills one, two or three of
them until nothing more fits, and frees them after some seconds:

  one follower       each write at the others is acknowledged: they are a quorum. Those at itself are refused. Here
                     the blocks that the replica has set aside are taken away from it, too
  the leader         each write is refused with the reason, at each replica
  all three          as above. One replica is killed and starts again while its disk is full

After each round all replicas have the same, and every write that was ever acknowledged is read. Exits with 1 if one is
lost, if a replica stops, or if a write gets no answer. Then the files stay.
Needs root, loop devices and mkfs.ext4.
"""
import argparse, os, random, re, shutil, socket, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
parser.add_argument("--rounds", type=int, default=12)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--jar", default="examples/target/paxos-kv.jar")
options = parser.parse_args()

chance = random.Random(options.seed)
work = tempfile.mkdtemp(prefix="full-disk-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
IDS = (1, 2, 3)
DISK_BYTES = 128 << 20
PATIENCE_S = 60
FULL_S = 4
VALUE_BYTES = 20_000
KEYS = 200


class Fault(Exception):
    """What must not happen, in one line."""


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


PEERS = {id: free_port() for id in IDS}
CLIENTS = {id: free_port() for id in IDS}


def until(found, what, seconds=PATIENCE_S):
    deadline = time.monotonic() + seconds
    while True:
        result = found()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Fault(f"not within {seconds} s: {what}")
        time.sleep(0.05)


class Replica:
    def __init__(self, id):
        self.id = id
        self.disk = os.path.join(work, f"disk{id}")
        self.output = os.path.join(work, f"replica{id}.log")
        self.filler = os.path.join(self.disk, "filler")
        image = os.path.join(work, f"image{id}")
        with open(image, "wb") as file:
            file.truncate(DISK_BYTES)
        run("mkfs.ext4", "-q", "-F", image)
        os.mkdir(self.disk)
        run("mount", "-o", "loop", image, self.disk)
        self.start()

    def start(self):
        with open(self.output, "a") as log:
            self.process = subprocess.Popen(
                ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-jar", options.jar, "serve",
                 "--id", str(self.id), "--replicas", ",".join(f"{id}=127.0.0.1:{PEERS[id]}" for id in IDS),
                 "--resp", f"127.0.0.1:{CLIENTS[self.id]}", "--data", os.path.join(self.disk, "log"),
                 "--snapshot-bytes", str(2 << 20), "--log-budget-bytes", str(64 << 20)],
                stdout=log, stderr=log, start_new_session=True)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def fill(self):
        """Until nothing more fits, also into what a replica gives back for a moment."""
        with open(self.filler, "ab", buffering=0) as file:
            for size in (1 << 20, 4096):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass

    def free(self):
        if os.path.exists(self.filler):
            os.remove(self.filler)

    def require_alive(self):
        if self.process.poll() is not None:
            with open(self.output) as log:
                said = [line.strip() for line in log if line.strip()][-3:]
            raise Fault(f"replica {self.id} STOPPED: " + " | ".join(said))

    def ask(self, *words):
        """The reply; an error begins with '-'. None if there is none within 10 s."""
        try:
            with socket.create_connection(("127.0.0.1", CLIENTS[self.id]), 10) as connection:
                connection.settimeout(10)
                lines = connection.makefile("rb")
                connection.sendall(b"*%d\r\n" % len(words) + b"".join(
                    b"$%d\r\n%s\r\n" % (len(word), word) for word in (w.encode() for w in words)))
                head = lines.readline()
                if head.startswith(b"$") and not head.startswith(b"$-1"):
                    return lines.read(int(head[1:]) + 2)[:-2].decode()
                return head.decode().strip() or None
        except OSError:
            return None

    def info(self):
        text = self.ask("info", "paxos") or ""
        return dict(line.split(":", 1) for line in text.replace("\r", "").split("\n") if ":" in line)


class Client:
    """Overwrites some keys with long values. The version of a key is the first number of its value."""

    def __init__(self):
        self.versions = {}  # that were acknowledged
        self.doubtful = {}  # later ones, whose outcome is not known
        self.version = 0

    def write(self, replica):
        self.version += 1
        key = f"k{self.version % KEYS}"
        reply = replica.ask("set", key, f"{self.version}.".ljust(VALUE_BYTES, "x"))
        if reply == "+OK":
            self.versions[key] = self.version
            self.doubtful.pop(key, None)
        elif reply is None or "UNKNOWN" in reply:
            self.doubtful.setdefault(key, []).append(self.version)
        return reply

    def check(self, replica):
        for key, version in self.versions.items():
            value = replica.ask("get", key) or ""
            found = int(value.split(".")[0]) if "." in value else 0
            if found != version and found not in self.doubtful.get(key, []):
                raise Fault(f"LOST: {key} has version {found} at replica {replica.id}, acknowledged is {version}")


def leader(replicas):
    """The one that all agree on."""
    told = {replica.info().get("leader_id") for replica in replicas}
    return next((r for r in replicas if told == {str(r.id)}), None)


def one_round(number, replicas, client):
    leads = until(lambda: leader(replicas), "one leader")
    followers = [replica for replica in replicas if replica is not leads]
    kind = ("one follower", "the leader", "all three")[number % 3]
    full = {"one follower": [chance.choice(followers)], "the leader": [leads], "all three": replicas}[kind]
    for replica in full:
        replica.fill()
    replies = {}
    refused = set()
    begun = time.monotonic()
    ends = begun + FULL_S
    restarted = False
    while time.monotonic() < ends or is_due(kind, refused, begun):
        if kind == "one follower":
            full[0].fill()  # takes what the replica has given back, too
        replica = chance.choice(replicas)
        reply = client.write(replica)
        word = "no answer" if reply is None else reply.split()[0]
        word += " at a full one" if replica in full else " at another one"
        replies[word] = replies.get(word, 0) + 1
        if reply is not None and reply.startswith("-") and "UNKNOWN" not in reply:
            refused.add(re.sub(r"[0-9]+", "N", reply))
        if kind == "all three" and refused and not restarted and time.monotonic() > ends - FULL_S / 2:
            restarted = True
            again = chance.choice(followers)
            again.kill()
            again.start()
            until(lambda: again.info().get("applied") or again.require_alive(), f"replica {again.id} starts")
            ends = time.monotonic() + FULL_S / 2
        for each in replicas:
            each.require_alive()
    if kind == "one follower" and any("another" in word and "+OK" not in word for word in replies):
        raise Fault(f"a follower whose disk is full costs writes: {replies} {refused}")
    if kind != "one follower" and not any("full" in text for text in refused):
        raise Fault(f"no write was refused with the reason: {replies} {refused}")
    for replica in full:
        replica.free()
    until(lambda: client.write(chance.choice(replicas)) == "+OK", "a write after the disks are free again")
    for replica in replicas:
        replica.require_alive()
    until(lambda: len({replica.info().get("applied") for replica in replicas}) == 1, "all have applied the same")
    client.check(chance.choice(replicas))
    return f"{kind}: " + ", ".join(f"{count} {word}" for word, count in sorted(replies.items())) + "".join(
        "\n    " + text for text in sorted(refused))


def is_due(kind, refused, begun):
    """Whether a refusal has still to come. A write that was under way has its outcome at its deadline."""
    return kind != "one follower" and not refused and time.monotonic() < begun + PATIENCE_S


def main():
    replicas = []
    fault = None
    client = Client()
    try:
        replicas.extend(Replica(id) for id in IDS)
        until(lambda: client.write(replicas[0]) == "+OK", "the first write")
        for number in range(options.rounds):
            print(f"round {number + 1}: {one_round(number, replicas, client)}", flush=True)
    except Fault as e:
        fault = str(e)
    finally:
        for replica in replicas:
            replica.kill()
        for id in IDS:
            subprocess.run(["umount", os.path.join(work, f"disk{id}")], capture_output=True)
    print(f"{len(client.versions)} keys, {client.version} writes, "
          + (f"FAULT: {fault}; files in {work}" if fault else "none lost, no replica stopped"))
    if not fault:
        shutil.rmtree(work)
    return fault


sys.exit(1 if main() else 0)
