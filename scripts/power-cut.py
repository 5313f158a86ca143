#!/usr/bin/env python3
"""Cuts the power of a replica again and again, on a disk that forgets its cache but for a random choice of sectors.

usage: power-cut.py [--rounds N] [--seed N] [--during run|opening] [--durability sync|replicated]
                    [--jar examples/target/paxos-kv.jar]

Each round mounts the disk, starts a replica, reads every write that was ever acknowledged, writes on, and cuts the
power: while it writes, or while it opens its log. Exits with 1 if an acknowledged write is lost or a start is refused.
Needs root, /dev/fuse and loop devices.
"""
import argparse, os, random, signal, socket, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=100)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--during", choices=["run", "opening"], default="run")
parser.add_argument("--durability", choices=["sync", "replicated"], default="sync")
parser.add_argument("--jar", default="examples/target/paxos-kv.jar")
options = parser.parse_args()

here = os.path.dirname(os.path.abspath(__file__))
work = tempfile.mkdtemp(prefix="power-cut-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
image, fuse, disk = (os.path.join(work, name) for name in ("image", "fuse", "disk"))
chance = random.Random(options.seed)
PORT, PEERS = 6990, 7990
START_S = 30


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def until(found, what):
    deadline = time.monotonic() + START_S
    while not found():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.02)


class Machine:
    """The disk, mounted."""

    def __init__(self, seed):
        self.daemon = subprocess.Popen([sys.executable, os.path.join(here, "forgetful-disk.py"), fuse, image, str(seed)],
                                       stdout=subprocess.PIPE, text=True)
        self.daemon.stdout.readline()
        self.loop = run("losetup", "-f", "--show", os.path.join(fuse, "disk"))
        run("mount", "-t", "ext4", self.loop, disk)

    def cut(self, replica):
        self.daemon.send_signal(signal.SIGUSR2)
        writeback = subprocess.Popen(["sync", "-f", disk], stderr=subprocess.DEVNULL)  # to the cache of the disk
        time.sleep(0.1)
        self.daemon.send_signal(signal.SIGUSR1)
        told = self.daemon.stdout.readline().strip()
        replica.kill()
        replica.wait()
        writeback.wait()
        run("umount", disk)
        run("losetup", "-d", self.loop)
        until(lambda: subprocess.run(["umount", fuse], capture_output=True).returncode == 0, "the disk stays in use")
        self.daemon.wait()
        return told


def start():
    log = open(os.path.join(work, "replica.log"), "w")
    return subprocess.Popen(["java", "-jar", options.jar, "serve", "--id", "1", "--replicas", f"1=127.0.0.1:{PEERS}",
                             "--resp", f"127.0.0.1:{PORT}", "--data", os.path.join(disk, "log"),
                             "--durability", options.durability], stdout=log, stderr=log)


def connect(replica):
    """A connection to a replica that leads; None if the replica has ended."""
    deadline = time.monotonic() + START_S
    while replica.poll() is None and time.monotonic() < deadline:
        try:
            connection = socket.create_connection(("127.0.0.1", PORT), 5)
            lines = connection.makefile("rb")
            connection.sendall(b"get none\r\n")
            if lines.readline().startswith(b"$-1"):
                return connection, lines
            connection.close()
        except OSError:
            pass
        time.sleep(0.05)
    return None


def lost(connection, lines, acknowledged):
    missing = []
    for first in range(0, acknowledged, 200):
        numbers = range(first, min(first + 200, acknowledged))
        connection.sendall(b"".join(b"get a%d\r\n" % number for number in numbers))
        for number in numbers:
            length = lines.readline()
            if length.startswith(b"$-1"):
                missing.append(number)
            elif lines.readline().strip() != b"%d" % number:
                missing.append(number)
    return missing


def write(connection, lines, number, until_s):
    """Writes until the time is over; returns the number behind the last acknowledged write."""
    while time.monotonic() < until_s:
        connection.sendall(b"".join(b"set a%d %d\r\n" % (n, n) for n in range(number, number + 20)))
        for _ in range(20):
            if lines.readline() != b"+OK\r\n":
                return number
            number += 1
    return number


def main():
    for directory in (fuse, disk):
        os.mkdir(directory)
    with open(image, "wb") as file:
        file.truncate(96 << 20)
    run("mkfs.ext4", "-q", "-F", "-O", "^metadata_csum", image)  # its superblock must not be torn
    acknowledged = 0
    losses = refusals = 0
    for round_number in range(1, options.rounds + 2):  # the last one only reads
        machine = Machine(options.seed * 100_003 + round_number)
        replica = start()
        if options.during == "opening" and round_number % 2 == 0:
            time.sleep(chance.uniform(0.3, 1.8))
            told = machine.cut(replica)
            print(f"round {round_number}: during opening, {told}", flush=True)
            continue
        connected = connect(replica)
        if connected is None:
            refusals += 1
            with open(os.path.join(work, "replica.log")) as log:
                print(f"round {round_number}: REFUSED: {log.read().strip()}", flush=True)
            machine.cut(replica)
            break
        missing = lost(*connected, acknowledged)
        if missing:
            losses += len(missing)
            print(f"round {round_number}: LOST {len(missing)} of {acknowledged} acknowledged, first a{missing[0]}")
            machine.cut(replica)
            break
        before = acknowledged
        if round_number <= options.rounds:
            acknowledged = write(*connected, acknowledged, time.monotonic() + chance.uniform(0.1, 1.0))
            connected[0].sendall(b"".join(b"set b%d %d\r\n" % (n, n) for n in range(400)))  # under way at the cut
            time.sleep(chance.uniform(0, 0.01))
        told = machine.cut(replica)
        print(f"round {round_number}: {before} read, {acknowledged - before} more acknowledged, {told}", flush=True)
    print(f"during={options.during} durability={options.durability} seed={options.seed} rounds={options.rounds}: "
          f"{acknowledged} acknowledged, {losses} lost, {refusals} refused; files in {work}")
    sys.exit(1 if losses or refusals else 0)


main()
