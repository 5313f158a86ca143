#!/usr/bin/env python3
"""Cuts the power of a replica again and again, on a disk that forgets its cache but for a random choice of sectors.

usage: power-cut.py [--rounds N] [--seed N] [--during run|opening|failed-force] [--durability sync|replicated]
                    [--jar examples/target/paxos-kv.jar] [--snapshot-bytes N] [--log-budget-bytes N]

Each round mounts the disk, starts a replica, reads every write that was ever acknowledged, writes on, and cuts the
power:

  run           while the replica writes
  opening       in each second round, while it opens its log
  failed-force  while it writes, after a force has failed. The disk refuses some writes to data, or all, until the
                replica has stopped by itself. Then the disk works again, and the replica is started on the same mount:
                the page cache still has what was not written. It has to know all that was acknowledged, and it
                acknowledges more. In each fourth round the power is cut during this start instead.

"Data" is each block that was free when the file system was made. The journal and the fixed metadata of ext4 stay
writable: if they fail, ext4 refuses all later writes, and no replica can go on. Linux takes a page for clean after its
write has failed. ext4 keeps a new block marked as unwritten if it could not be written.

--snapshot-bytes and --log-budget-bytes are given to the replica, so that the power is also cut while it writes
snapshots and trims its log. With one of them each batch also overwrites 128 keys with long values, so that there is
something to trim.

Exits with 1 if an acknowledged write is lost, if a start is refused, or if a replica goes on after a failed force. Then
the files stay. Ctrl-C and SIGTERM unmount the disk and delete them.
The seed decides all but the timing. Needs root, /dev/fuse, loop devices, mkfs.ext4 and dumpe2fs.
"""
import argparse, os, random, re, shutil, signal, socket, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=100)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--during", choices=["run", "opening", "failed-force"], default="run")
parser.add_argument("--durability", choices=["sync", "replicated"], default="sync")
parser.add_argument("--jar", default="examples/target/paxos-kv.jar")
parser.add_argument("--snapshot-bytes", type=int, help="given to the replica")
parser.add_argument("--log-budget-bytes", type=int, help="given to the replica, with a disk that is so much larger")
options = parser.parse_args()

here = os.path.dirname(os.path.abspath(__file__))
work = tempfile.mkdtemp(prefix="power-cut-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
image, fuse, disk, output = (os.path.join(work, name) for name in ("image", "fuse", "disk", "replica.log"))
chance = random.Random(options.seed)
IMAGE_BYTES = (128 << 20) + 2 * (options.log_budget_bytes or 0)
BLOCK_SECTORS = 8
START_S = 60
BATCH = 20
LONG_KEYS = 128 if options.snapshot_bytes or options.log_budget_bytes else 0
LONG_BYTES = 1000
ENDS = (signal.SIGINT, signal.SIGTERM)


class Fault(Exception):
    """What must not happen, in one line."""


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def unmount(directory):
    """Waits until nobody uses it."""
    with open("/proc/mounts") as mounts:
        is_mounted = any(line.split()[1] == directory for line in mounts)
    if is_mounted:
        until(lambda: subprocess.run(["umount", directory], capture_output=True).returncode == 0, directory)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


PORT, PEERS = free_port(), free_port()
given = [text for name in ("snapshot_bytes", "log_budget_bytes") if getattr(options, name) is not None
         for text in ("--" + name.replace("_", "-"), str(getattr(options, name)))]


def until(found, what):
    deadline = time.monotonic() + START_S
    while not found():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} stays in use")
        time.sleep(0.02)


def data_sectors():
    """The sectors that hold no metadata of a file system that was just made, as "first-last"."""
    ranges = re.findall(r"^ +Free blocks: (.+)$", run("dumpe2fs", image), re.MULTILINE)
    ends = [blocks.strip().split("-") for line in ranges for blocks in line.split(",")]
    return [f"{int(end[0]) * BLOCK_SECTORS}-{(int(end[-1]) + 1) * BLOCK_SECTORS - 1}" for end in ends]


class Machine:
    """The disk, mounted, and the replica on it."""

    def __init__(self, seed):
        self.replica = self.loop = None
        self.daemon = subprocess.Popen(
            [sys.executable, os.path.join(here, "forgetful-disk.py"), fuse, image, str(seed)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, start_new_session=True)
        try:
            self.daemon.stdout.readline()
            self.loop = run("losetup", "-f", "--show", os.path.join(fuse, "disk"))
            run("mount", "-t", "ext4", self.loop, disk)
        except BaseException:
            self.close()
            raise

    def tell(self, command):
        """What the disk answers."""
        self.daemon.stdin.write(command + "\n")
        return self.daemon.stdout.readline().strip()

    def start(self):
        with open(output, "w") as log:
            self.replica = subprocess.Popen(
                ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-jar", options.jar, "serve",
                 "--id", "1", "--replicas", f"1=127.0.0.1:{PEERS}", "--resp", f"127.0.0.1:{PORT}",
                 "--data", os.path.join(disk, "log"), "--durability", options.durability, *given],
                stdout=log, stderr=log, start_new_session=True)

    def cut(self):
        self.tell("last-moment")
        writeback = subprocess.Popen(["sync", "-f", disk], stderr=subprocess.DEVNULL)  # to the cache of the disk
        time.sleep(0.1)
        told = self.tell("power-off")
        self.kill()
        writeback.wait()
        self.close()
        return told

    def kill(self):
        if self.replica is not None:
            self.replica.kill()
            self.replica.wait()

    def close(self):
        """Leaves no process, no mount and no loop device, whatever has failed. A second Ctrl-C waits for it."""
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
        try:
            self.kill()
            unmount(disk)
            if self.loop is not None:
                subprocess.run(["losetup", "-d", self.loop], capture_output=True)
                self.loop = None  # the next one may have this name
            unmount(fuse)
            self.daemon.wait()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)


class Client:
    """Writes the keys a0, a1, ... and knows which of them were acknowledged. Overwrites the long ones: c0, c1, ..."""

    def __init__(self):
        self.acknowledged = 0
        self.long_sent = self.long_acknowledged = 0  # versions of the long values
        self.connection = self.lines = None

    def connect(self, replica):
        """To a replica that leads."""
        deadline = time.monotonic() + START_S
        while replica.poll() is None and time.monotonic() < deadline:
            try:
                self.connection = socket.create_connection(("127.0.0.1", PORT), 5)
                self.connection.settimeout(START_S)
                self.lines = self.connection.makefile("rb")
                self.connection.sendall(b"get none\r\n")
                if self.lines.readline().startswith(b"$-1"):
                    return
                self.connection.close()
            except OSError:
                pass
            time.sleep(0.02)
        raise Fault("REFUSED: " + said())

    def require_acknowledged(self):
        missing = []
        for first in range(0, self.acknowledged, 500):
            numbers = range(first, min(first + 500, self.acknowledged))
            self.connection.sendall(b"".join(b"get a%d\r\n" % number for number in numbers))
            for number in numbers:
                length = self.lines.readline()
                if not length.startswith(b"$"):
                    raise Fault(f"STOPPED while it was read, with {length}: " + said())
                if length.startswith(b"$-1") or self.lines.readline().strip() != b"%d" % number:
                    missing.append(number)
        self.require_long()
        if missing:
            raise Fault(f"LOST {len(missing)} of {self.acknowledged} acknowledged, first a{missing[0]}: " + said())

    def require_long(self):
        self.connection.sendall(b"".join(b"get c%d\r\n" % key for key in range(LONG_KEYS)))
        for key in range(LONG_KEYS):
            length = self.lines.readline()
            if not length.startswith(b"$"):
                raise Fault(f"STOPPED while it was read, with {length}: " + said())
            value = b"" if length.startswith(b"$-1") else self.lines.read(int(length[1:]) + 2)[:-2]
            found = int(value.split(b".")[0] or 0)
            is_whole = value == (long_value(found) if found else b"")
            if not is_whole or not self.long_acknowledged <= found <= self.long_sent:
                raise Fault(f"LOST a long value: c{key} has version {found}, {len(value)} bytes, acknowledged is "
                            f"{self.long_acknowledged}, sent {self.long_sent}: " + said())

    def long_writes(self):
        self.long_sent += 1
        return b"".join(b"set c%d %s\r\n" % (key, long_value(self.long_sent)) for key in range(LONG_KEYS))

    def snapshot(self):
        """Which snapshot there is, and where the log begins."""
        self.connection.sendall(b"info paxos\r\n")
        text = self.lines.read(int(self.lines.readline()[1:]) + 2).decode()
        found = dict(re.findall(r"^(first_slot|snapshot_slot):(\d+)", text, re.MULTILINE))
        return ", snapshot of slot {snapshot_slot}, log from slot {first_slot} on".format(**found)

    def write(self, batches):
        """Returns False if the replica has stopped."""
        try:
            for _ in range(batches):
                numbers = range(self.acknowledged, self.acknowledged + BATCH)
                self.connection.sendall(b"".join(b"set a%d %d\r\n" % (n, n) for n in numbers) + self.long_writes())
                for _ in numbers:
                    if self.lines.readline() != b"+OK\r\n":
                        return False
                    self.acknowledged += 1
                for _ in range(LONG_KEYS):
                    if self.lines.readline() != b"+OK\r\n":
                        return False
                self.long_acknowledged = self.long_sent
                time.sleep(chance.choice((0, 0, 0, 0.03)))
            return True
        except ConnectionError:
            return False

    def write_without_answer(self):
        self.connection.sendall(b"".join(b"set b%d %d\r\n" % (n, n) for n in range(400)) + self.long_writes())


def long_value(version):
    return (b"%d." % version).ljust(LONG_BYTES, b"x")


def said():
    """What the replica has printed, in one line."""
    with open(output) as log:
        return " | ".join(line.strip() for line in log if line.strip())


def fail_a_force(machine, client, sectors):
    """The replica stops because a force fails. The disk works again."""
    machine.tell(f"fail {chance.choice((0, 0, 1, 2, 5))} {sectors}")
    deadline = time.monotonic() + START_S
    while client.write(1):
        if time.monotonic() > deadline:
            raise Fault(f"WENT ON although {machine.tell('mend')}: {said()}")
    try:
        machine.replica.wait(START_S)
    except subprocess.TimeoutExpired:
        raise Fault(f"DID NOT STOP although {machine.tell('mend')}: {said()}") from None
    reasons = re.findall(r"has stopped: [^|]*forcing \S+ failed [^|]*", said())
    if len(reasons) != 1:
        raise Fault("STOPPED WITHOUT A REASON in one line: " + said())
    return machine.tell("mend")


def one_round(machine, client, number, sectors):
    """Returns what has happened."""
    machine.start()
    if options.during == "opening" and number % 2 == 0:
        time.sleep(chance.uniform(0.2, 1.5))
        return "cut during opening"
    client.connect(machine.replica)
    client.require_acknowledged()
    before = client.acknowledged
    told = f"{before} read"
    if number > options.rounds:
        return told
    client.write(chance.randint(1, 40))
    if options.during == "failed-force":
        told += f", {client.acknowledged - before} more acknowledged, " + fail_a_force(machine, client, sectors)
        before = client.acknowledged
        machine.start()
        if number % 4 == 0:
            time.sleep(chance.uniform(0.2, 1.5))
            return told + ", cut during opening"
        client.connect(machine.replica)
        client.require_acknowledged()
        client.write(chance.randint(1, 40))
    if given:
        told += client.snapshot()
    client.write_without_answer()
    time.sleep(chance.uniform(0, 0.01))
    return told + f", {client.acknowledged - before} more acknowledged"


def make_disk():
    for directory in (fuse, disk):
        os.mkdir(directory)
    with open(image, "wb") as file:
        file.truncate(IMAGE_BYTES)
    run("mkfs.ext4", "-q", "-F", "-b", str(BLOCK_SECTORS * 512), "-O", "^metadata_csum", "-E",
        "lazy_itable_init=0,lazy_journal_init=0", image)  # without checksums: its superblock must not be torn


def main():
    """Returns the fault, or None."""
    make_disk()
    sectors = " ".join(data_sectors())
    client = Client()
    fault = None
    rounds = 0
    while fault is None and rounds <= options.rounds:  # the last one only reads
        rounds += 1
        machine = Machine(options.seed * 100_003 + rounds)
        try:
            told = one_round(machine, client, rounds, sectors)
            told += ", " + machine.cut()
        except Fault as e:
            fault = told = str(e)
        finally:
            machine.close()
        print(f"round {rounds}: {told}", flush=True)
    print(f"during={options.during} durability={options.durability} seed={options.seed}"
          f" rounds={min(rounds, options.rounds)}: {client.acknowledged} acknowledged, "
          + (f"stopped by a fault; files in {work}" if fault else "none lost, no start refused"))
    return fault


signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
has_fault = False
try:
    has_fault = main() is not None
finally:
    if not has_fault:
        shutil.rmtree(work)
sys.exit(has_fault)
