#!/usr/bin/env python3
"""Cuts the network between three replicas of the key-value store, and shows how long they are without service.

usage: cut-network.py [--jar examples/target/paxos-kv.jar] [--rounds 20] [--seconds 30] [all follower pause loss]

  all       drops every packet between the members; the first write after the end of the cut
  follower  cuts one follower off, and kills the other one at the end of the cut: what is left is the only quorum
  pause     stops the process of a follower; whether the others give up a connection that is only not read
  loss      drops 30 % of the packets; how many seconds pass without any write

Each replica runs in a network namespace of its own. Packets are dropped by nft, so nobody is told of it. Clients are
never cut. Needs root. Exits with 1 if a first write takes longer than a second or a second passes without a write.
"""
import argparse, os, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time

parser = argparse.ArgumentParser()
parser.add_argument("--jar", default="examples/target/paxos-kv.jar")
parser.add_argument("--rounds", type=int, default=20)
parser.add_argument("--seconds", type=float, default=30)
parser.add_argument("--percent", type=int, default=30, help="of the packets that are lost")
parser.add_argument("kinds", nargs="*", default=[])
options = parser.parse_args()

MEMBERS = (1, 2, 3)
PEER_PORT, CLIENT_PORT = 7000, 6379
LIMIT_S = 1.0
PATIENCE_S = 60
tag = f"cut{os.getpid() % 10000}"
work = tempfile.mkdtemp(prefix="cut-network-")


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, text=True)


def space(id):
    return f"{tag}-{id}"


def address(id):
    return f"10.77.0.{id}"


def inside(id, *command):
    return run("ip", "netns", "exec", space(id), *command)


def build_network():
    """A switch in a namespace of its own, with the client beside it."""
    run("ip", "netns", "add", space(0))
    inside(0, "ip", "link", "add", "switch", "type", "bridge")
    inside(0, "ip", "addr", "add", "10.77.0.254/24", "dev", "switch")
    inside(0, "ip", "link", "set", "switch", "up")
    for id in MEMBERS:
        run("ip", "netns", "add", space(id))
        run("ip", "link", "add", "eth0", "netns", space(id), "type", "veth", "peer", f"to{id}", "netns", space(0))
        inside(0, "ip", "link", "set", f"to{id}", "master", "switch", "up")
        inside(id, "ip", "addr", "add", f"{address(id)}/24", "dev", "eth0")
        inside(id, "ip", "link", "set", "eth0", "up")
        inside(id, "ip", "link", "set", "lo", "up")


def remove_network():
    for id in (*MEMBERS, 0):
        run("ip", "netns", "del", space(id), check=False)


def drop(*ids, what=""):
    """Drops what goes between members, to or from these if any are given. In the switch: no sender is told of it."""
    ends = [f"ip {end} {address(id)}" for id in ids for end in ("saddr", "daddr")] or [""]
    rules = "".join(f"{end} tcp {port} {PEER_PORT} {what} drop\n" for end in ends for port in ("dport", "sport"))
    subprocess.run(["nft", "-f", "-"], check=True, text=True, input="table bridge cut {\nchain forward {\n"
                   f"type filter hook forward priority 0;\n{rules}}}\n}}\n")


def heal():
    run("nft", "delete", "table", "bridge", "cut")


class Replica:
    def __init__(self, id):
        self.id = id
        self.path = os.path.join(work, f"replica-{id}.out")
        members = ",".join(f"{member}={address(member)}:{PEER_PORT}" for member in MEMBERS)
        with open(self.path, "a") as output:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", space(id), "java", "-Xmx256m", "-jar", os.path.abspath(options.jar), "serve",
                 "--id", str(id), "--replicas", members, "--resp", f"{address(id)}:{CLIENT_PORT}",
                 "--data", os.path.join(work, f"data-{id}")], stdout=output, stderr=output)

    def signal(self, number):
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait(PATIENCE_S)

    def output(self):
        with open(self.path, errors="replace") as file:
            return file.read()


def ask(id, request, timeout=7):
    """The first line of the reply and what follows, as bytes; empty without one. Asked from the client's namespace."""
    try:
        with socket.create_connection((address(id), CLIENT_PORT), timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(f"{request}\r\n".encode())
            reply = connection.recv(65536)
            while reply.startswith(b"$") and not reply.endswith(b"\r\n"):
                reply += connection.recv(65536)
            return reply
    except OSError:
        return b""


def info(id, name):
    found = re.search(rb"^" + name.encode() + rb":(.*?)\r?$", ask(id, "info paxos", 2), re.MULTILINE)
    return found.group(1).decode() if found else ""


class Writers:
    """Writes at some replicas, a new write on a new connection each 50 ms. Notes when each of them has succeeded."""

    def __init__(self, ids):
        self.begun = time.monotonic()
        self.successes = []  # seconds since the begin
        self.stopped = threading.Event()
        self.first = threading.Event()
        for id in ids:
            threading.Thread(target=self.run, args=(id,), daemon=True).start()

    def run(self, id):
        while not self.stopped.is_set():
            threading.Thread(target=self.write, args=(id,), daemon=True).start()
            self.stopped.wait(0.05)

    def write(self, id):
        if ask(id, f"set key{id} value", 6).startswith(b"+OK"):
            self.successes.append(time.monotonic() - self.begun)
            self.first.set()

    def first_s(self):
        """When the first write had succeeded, in seconds since the begin; None if none has in time."""
        self.first.wait(PATIENCE_S)
        self.stopped.set()
        return min(self.successes) if self.successes else None


def started():
    """Three replicas that are in touch, and the ids of the leader and of the followers."""
    for id in MEMBERS:
        shutil.rmtree(os.path.join(work, f"data-{id}"), ignore_errors=True)
    replicas = {id: Replica(id) for id in MEMBERS}
    settle(replicas)
    return replicas


def settle(replicas):
    deadline = time.monotonic() + PATIENCE_S
    while not all(ask(id, "set x 0").startswith(b"+OK") and info(id, "connected") == "3" for id in replicas):
        if time.monotonic() > deadline:
            raise TimeoutError("the replicas do not find each other: " + replicas[1].output()[-500:])
        time.sleep(0.2)


def leader_of(replicas):
    return next((id for id in replicas if info(id, "role") == "leader"), None)


def stop(replicas):
    for replica in replicas.values():
        if replica.process.poll() is None:
            replica.signal(signal.SIGCONT)
            replica.signal(signal.SIGKILL)


def cut_all():
    """Seconds from the end of each cut to the first write."""
    replicas = started()
    try:
        for _ in range(options.rounds):
            settle(replicas)
            drop()
            time.sleep(options.seconds)
            heal()
            yield Writers(MEMBERS).first_s()
    finally:
        stop(replicas)


def cut_follower():
    for _ in range(options.rounds):
        replicas = started()
        try:
            leader = leader_of(replicas)
            away, killed = (id for id in MEMBERS if id != leader)
            drop(away)
            time.sleep(options.seconds)
            heal()
            replicas[killed].signal(signal.SIGKILL)
            yield Writers((leader, away)).first_s()
        finally:
            stop(replicas)


def pause():
    """Seconds from the end of each pause to the first write at the follower that was stopped."""
    replicas = started()
    try:
        for _ in range(options.rounds):
            settle(replicas)
            away = next(id for id in MEMBERS if id != leader_of(replicas))
            others = [id for id in MEMBERS if id != away]
            before = sum(len(re.findall("connecting anew", replicas[id].output())) for id in others)
            replicas[away].signal(signal.SIGSTOP)
            time.sleep(min(options.seconds, 4))
            replicas[away].signal(signal.SIGCONT)
            first = Writers((away,)).first_s()
            after = sum(len(re.findall("connecting anew", replicas[id].output())) for id in others)
            print(f"  the others have given up {after - before} connections")
            yield first
    finally:
        stop(replicas)


def lose():
    """The longest time without a write, with many writes under way."""
    replicas = started()
    try:
        for _ in range(options.rounds):
            settle(replicas)
            drop(what=f"numgen random mod 100 < {options.percent}")
            writers = Writers(MEMBERS)
            time.sleep(options.seconds)
            writers.stopped.set()
            heal()
            times = [0.0, *sorted(at for at in writers.successes if at < options.seconds), options.seconds]
            per_second = [sum(second <= at < second + 1 for at in times[1:-1])
                          for second in range(int(options.seconds))]
            print(f"  {len(times) - 2} writes; {per_second.count(0)} of {len(per_second)} seconds without one")
            yield max(b - a for a, b in zip(times, times[1:]))
    finally:
        stop(replicas)


KINDS = {"all": cut_all, "follower": cut_follower, "pause": pause, "loss": lose}


def main():
    """Runs in the namespace of the switch, because the clients are there."""
    failed = False
    for kind in options.kinds or list(KINDS):
        times = []
        for first in KINDS[kind]():
            times.append(PATIENCE_S if first is None else first)
            print(f"{kind}: round {len(times)}: {times[-1]:.2f} s", flush=True)
        good = sum(seconds <= LIMIT_S for seconds in times)
        ordered = sorted(times)
        print(f"{kind}: {good} of {len(times)} within {LIMIT_S:.0f} s, median {ordered[len(ordered) // 2]:.2f} s,"
              f" worst {ordered[-1]:.2f} s", flush=True)
        failed |= good < len(times)
    return 1 if failed else 0


if os.environ.get("CUT_NETWORK_TAG"):
    tag = os.environ["CUT_NETWORK_TAG"]
    try:
        sys.exit(main())
    finally:
        shutil.rmtree(work, ignore_errors=True)
if os.geteuid() != 0:
    sys.exit("cut-network.py: needs root, for network namespaces and nft")
try:
    build_network()
    code = subprocess.run(["ip", "netns", "exec", space(0), sys.executable, *sys.argv],
                          env={**os.environ, "CUT_NETWORK_TAG": tag}).returncode
finally:
    remove_network()
    shutil.rmtree(work, ignore_errors=True)
sys.exit(code)
