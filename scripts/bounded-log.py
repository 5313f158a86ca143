#!/usr/bin/env python3
"""Shows on real processes that the log of a replica stays within its budget, and what a crash meets meanwhile.

usage: bounded-log.py [--jar examples/target/paxos-kv.jar] [--work DIRECTORY] [--seed N] COMMAND ...

  fill  --gigabytes 50 --budget 1GB --keys 100000 --picture FILE.svg
        Writes far more than the budget. Draws disk, memory and throughput over time. Then restarts one replica.
  away  --budgets 10 --budget 64MB --kills 20
        One follower is away while ten budgets are written. It comes back by a snapshot while clients write, and sender
        and receiver are killed in turn.
  kill  --rounds 200 --budget 64MB --snapshot-bytes 2MB
        All three replicas are killed at a random moment, again and again.

Three replicas of the key-value store run on loopback. Values have 1 KiB. Each has the number of its key, and a version
that grows with each write of this key, so that a check knows whether a value is the last one. Clients write from
processes of their own, with requests that were prepared in advance. Sizes are powers of 1024: 1KB is 1024 bytes.

Exits with 1 if something is wrong, and says what. Then the files stay. Ctrl-C and SIGTERM stop all processes.
The seed decides all but the timing.
"""
import argparse, hashlib, multiprocessing, os, random, re, resource, shutil, signal, socket, subprocess, sys, tempfile
import threading, time

UNITS = {"": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
MIB = 1 << 20
PATIENCE_S = 60  # for what must happen
VALUE_BYTES = 1024
VERSION_DIGITS = 8
REQUEST_HEAD = b"*3\r\n$3\r\nSET\r\n$9\r\nk%08d\r\n$1024\r\n"
REQUEST_BYTES = len(REQUEST_HEAD % 0) + VALUE_BYTES + 2
OK = b"+OK\r\n"
SEGMENT_BYTES_MAX = 64 << 20  # serve takes segments of this size, or of an eighth of the budget
PORTS = range(20_000, 32_000)  # below those that Linux gives to callers, so that a port stays free while it is unused
RESTART_S_MAX = 5
RATIO_MIN = 0.7
GROWTH_MAX = 1.1
HEAP_SHARE = 0.6  # below it the collector lets garbage stay, however little is in use
TOUCHED_HEAP = ("-Xms{heap}", "-XX:+AlwaysPreTouch")  # so that resident memory grows by what is not heap alone
FAST_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


def size(text):
    """The bytes of 64MB, 1GB, 4096."""
    found = re.fullmatch(r"(\d+)\s*([KMG]B)?", text.upper())
    if not found:
        raise argparse.ArgumentTypeError(f"'{text}' is no size, as in 64MB")
    return int(found.group(1)) * UNITS[found.group(2) or ""]


parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
parser.add_argument("--jar", default="examples/target/paxos-kv.jar")
parser.add_argument("--work", help="the directory of all files, not there yet; a temporary one unless given")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--heap", default="512m", help="the heap of each replica, as in 512m")
commands = parser.add_subparsers(dest="command", required=True)
fill_options = commands.add_parser("fill")
fill_options.add_argument("--gigabytes", type=float, default=50)
fill_options.add_argument("--keys", type=int, default=100_000)
fill_options.add_argument("--picture", default="bounded-log.svg", help="a file; its figures are beside it, as .csv")
away_options = commands.add_parser("away")
away_options.add_argument("--budgets", type=float, default=10, help="how many are written while the follower is away")
away_options.add_argument("--kills", type=int, default=20)
away_options.add_argument("--keys", type=int, default=100_000)
away_options.add_argument("--measure-seconds", type=float, default=10, help="how long each throughput is measured")
away_options.add_argument("--transfer-bytes-per-second", type=size, default=0,
                          help="unless given: so slow that the transfer outlasts the kills")
away_options.add_argument("--load-bytes-per-second", type=size, default=0,
                          help="how fast clients write during the transfer at most; 0: as fast as they can")
kill_options = commands.add_parser("kill")
kill_options.add_argument("--rounds", type=int, default=200)
kill_options.add_argument("--keys", type=int, default=2000)
for command, budget, snapshot, connections, batch in ((fill_options, "1GB", "64MB", 32, 60),
                                                      (away_options, "64MB", "8MB", 32, 60),
                                                      (kill_options, "64MB", "2MB", 8, 20)):
    command.add_argument("--budget", type=size, default=size(budget), help="of the log of each replica")
    command.add_argument("--snapshot-bytes", type=size, default=size(snapshot))
    command.add_argument("--seed", type=int, default=argparse.SUPPRESS)
    command.add_argument("--clients", type=int, default=2, help="processes that write")
    command.add_argument("--connections", type=int, default=connections, help="of all clients together")
    command.add_argument("--batch", type=int, default=batch, help="writes that are sent at once")
    command.add_argument("--depth", type=int, default=2, help="batches of a connection that wait for their replies")
options = parser.parse_args()

chance = random.Random(options.seed)
fork = multiprocessing.get_context("fork")
replicas = []
loads = []
faults = []


def say(text):
    print(text, flush=True)


def fault(text):
    faults.append(text)
    say("FAULT: " + text)


def until(found, seconds=PATIENCE_S, step=0.02):
    """What it has found, or what it found last when the time was over."""
    deadline = time.monotonic() + seconds
    while True:
        result = found()
        if result or time.monotonic() > deadline:
            return result
        time.sleep(step)


def require(found, what, seconds=PATIENCE_S):
    result = until(found, seconds)
    if not result:
        raise TimeoutError(f"not within {seconds} s: {what}")
    return result


def free_ports(count):
    """Different ones: each stays taken until all are found."""
    probes = []
    while len(probes) < count:
        probe = socket.socket()
        try:
            probe.bind(("127.0.0.1", random.choice(PORTS)))  # not by the seed: another run may be using those
            probes.append(probe)
        except OSError:
            probe.close()
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


# Values.


def tail(key):
    """What the value of a key has behind its version."""
    return b" k%08d " % key + hashlib.shake_128(b"%d" % key).digest(VALUE_BYTES - VERSION_DIGITS - 11)


def version(key, value):
    """The version of a value; None if these are not the bytes that were written."""
    digits = value[:VERSION_DIGITS]
    return int(digits) if digits.isdigit() and value[VERSION_DIGITS:] == tail(key) else None


# Replicas.


class Replica:
    """One replica of the key-value store. What it prints is in a file, over all its lives."""

    def __init__(self, id, peers, port, *java):
        self.id = id
        self.port = port
        self.data = os.path.join(work, f"replica-{id}")
        self.path = os.path.join(work, f"replica-{id}.log")
        self.collections = os.path.join(work, f"replica-{id}.gc")
        self.process = None
        self.java = java
        self.arguments = ["serve", "--id", str(id), "--replicas", peers, "--resp", f"127.0.0.1:{port}", "--data",
                          self.data, "--log-budget-bytes", str(options.budget), "--snapshot-bytes",
                          str(options.snapshot_bytes)]

    def start(self, *more):
        with open(self.path, "a") as output:
            self.process = subprocess.Popen(
                ["java", f"-Xmx{options.heap}", *self.java, f"-Xlog:gc:file={self.collections}:uptime",
                 "-Dorg.slf4j.simpleLogger.log.io.paxos=info", "-Dorg.slf4j.simpleLogger.showDateTime=true",
                 "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS", "-jar", options.jar, *self.arguments, *more],
                stdout=output, stderr=output, start_new_session=True)

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def output(self):
        with open(self.path, errors="replace") as file:
            return file.read()

    def require_alive(self):
        if self.process.poll() is not None:
            lines = [line for line in self.output().splitlines() if not line.startswith("\tat ")]
            raise RuntimeError(f"replica {self.id} has ended by itself: {lines[-1] if lines else 'no output'}")

    def info(self):
        """The lines of INFO; nothing if it does not answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                return info(connection)
        except OSError:
            return {}

    def reads(self):
        """Whether it answers a linearizable read."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                connection.sendall(b"get none\r\n")
                return connection.recv(16).startswith(b"$-1")
        except OSError:
            return False

    def require_reads(self):
        def answers():
            self.require_alive()
            return self.reads()
        require(answers, f"a linearizable read at replica {self.id}")

    def memory_bytes(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) << 10

    def heap_bytes(self):
        """What the last collection has left in the heap; 0 before the first."""
        with open(self.collections, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 2000))
            left = re.findall(r"Pause .*M->(\d+)M\(", file.read().decode(errors="replace"))
        return int(left[-1]) * MIB if left else 0

    def disk_bytes(self):
        """Allocated bytes of the log, and of the snapshots."""
        log = snapshots = 0
        for directory, _, names in os.walk(self.data):
            for name in names:
                try:
                    allocated = os.stat(os.path.join(directory, name)).st_blocks * 512
                except FileNotFoundError:
                    continue  # deleted meanwhile
                if os.path.basename(directory) == "snapshots":
                    snapshots += allocated
                else:
                    log += allocated
        return log, snapshots

    def reads_a_snapshot(self):
        """Whether a snapshot is open."""
        directory = f"/proc/{self.process.pid}/fd"
        try:
            return any("/snapshots/snapshot-" in os.readlink(os.path.join(directory, fd))
                       for fd in os.listdir(directory))
        except FileNotFoundError:
            return False


def info(connection):
    """The lines of INFO on this connection; OSError if it ends."""
    connection.sendall(b"info paxos\r\n")
    lines = connection.makefile("rb")
    head = lines.readline()
    if not head.startswith(b"$"):
        raise OSError("no INFO")
    text = lines.read(int(head[1:]) + 2).decode()
    return dict(re.findall(r"^(\w+):(.*?)\r?$", text, re.MULTILINE))


def start_all(*java):
    ports = free_ports(6)
    peers = ",".join(f"{id}=127.0.0.1:{ports[id - 1]}" for id in (1, 2, 3))
    replicas.extend(Replica(id, peers, ports[2 + id], *java) for id in (1, 2, 3))
    for replica in replicas:
        replica.start()
    require_all()


def require_all():
    for replica in replicas:
        replica.require_reads()
    require(lambda: all(replica.info().get("connected") == "3" for replica in replicas), "all replicas are connected")


def leader():
    return require(lambda: next((r for r in replicas if r.info().get("role") == "leader"), None), "a leader")


def versions(replica, keys):
    """The version of each key by linearizable reads at this replica: 0 without a value, None for a wrong one."""
    found = []
    with socket.create_connection(("127.0.0.1", replica.port), PATIENCE_S) as connection:
        lines = connection.makefile("rb")
        for first in range(0, keys, 100):
            some = range(first, min(first + 100, keys))
            connection.sendall(b"".join(b"get k%08d\r\n" % key for key in some))
            for key in some:
                head = lines.readline()
                if not head.startswith(b"$"):
                    raise RuntimeError(f"replica {replica.id} does not answer a read of k{key:08}: {head.decode()}")
                length = int(head[1:])
                found.append(0 if length < 0 else version(key, lines.read(length + 2)[:-2]))
    return found


# Clients.


class Load:
    """Processes that write all keys again and again. What was acknowledged and sent is in shared memory."""

    def __init__(self, keys):
        if keys < options.connections * options.batch * (options.depth + 1):
            raise ValueError(f"{keys} keys are too few for {options.connections} connections, each with "
                             f"{options.depth} batches of {options.batch} writes on their way")
        self.keys = keys
        self.acknowledged = fork.RawArray("q", keys)  # the version of each key that is known to be written
        self.sent = fork.RawArray("q", keys)  # the highest version of each key that may be written
        self.counts = fork.RawArray("q", options.connections * 8)  # for each connection: written, refused, unknown
        self.stopping = fork.RawValue("b", 0)
        self.bytes_per_second = fork.RawValue("q", 0)  # 0: no bound
        self.processes = []
        self.reasons = set()  # of this process
        loads.append(self)

    def start(self):
        self.stopping.value = 0
        self.processes = [fork.Process(target=self.run, args=(number,), daemon=True)
                          for number in range(options.clients)]
        for process in self.processes:
            process.start()

    def stop(self):
        """Ends when everything that was sent has its reply, or when there is nobody to write to."""
        self.stopping.value = 1
        for process in self.processes:
            process.join(PATIENCE_S)
        hung = any(process.is_alive() for process in self.processes)
        self.kill()
        if hung:
            raise TimeoutError(f"clients have no reply after {PATIENCE_S} s")

    def kill(self):
        for process in self.processes:
            process.kill()
            process.join()
        self.processes = []

    def run(self, process):
        """One process: every so many connections are its own."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        threads = [threading.Thread(target=Writer(self, number).run)
                   for number in range(process, options.connections, options.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def written(self):
        return sum(self.counts[0::8])

    def note(self, line):
        """Keeps each reason once, without its numbers."""
        reason = re.sub(r"\d+", "N", line.decode(errors="replace").strip())
        if reason not in self.reasons:
            self.reasons.add(reason)
            with open(reasons_path, "a") as file:
                file.write(reason + "\n")

    def refused(self):
        return sum(self.counts[1::8])

    def unknown(self):
        return sum(self.counts[2::8])

    def rate(self, seconds):
        """Commands per second from now on."""
        before, begin = self.written(), time.monotonic()
        time.sleep(seconds)
        return (self.written() - before) / (time.monotonic() - begin)

    def wrong(self, found):
        """How many of these versions are not the last ones, and the first of them in words."""
        bad = [key for key in range(self.keys)
               if found[key] is None or not self.acknowledged[key] <= found[key] <= self.sent[key]]
        if not bad:
            return 0, ""
        key = bad[0]
        return len(bad), (f"first k{key:08}: version {found[key]}, acknowledged {self.acknowledged[key]}, "
                          f"sent {self.sent[key]}")


class Writer:
    """One connection: writes its own keys in turn. What is not acknowledged is written again before anything else."""

    def __init__(self, load, number):
        self.load = load
        self.number = number
        per_connection = load.keys // options.connections
        self.first = number * per_connection
        self.limit = load.keys if number == options.connections - 1 else self.first + per_connection
        self.block = bytearray(b"".join(
            REQUEST_HEAD % key + b"0" * VERSION_DIGITS + tail(key) + b"\r\n" for key in range(self.first, self.limit)))
        self.view = memoryview(self.block)
        self.version = max(load.sent[self.first:self.limit]) + 1
        self.next = self.first
        self.again = []  # (first key, limit, version) without a good reply
        self.waiting = []  # the same, sent and not answered
        self.connection = self.replies = None
        self.random = random.Random(number)

    def run(self):
        while not (self.load.stopping.value and not self.again and not self.waiting):
            try:
                if self.connection is None:
                    self.connect()
                self.step()
            except OSError:
                self.hang_up()
                if self.load.stopping.value:
                    return
                time.sleep(0.05)
        self.hang_up()

    def step(self):
        """Sends a batch if one may be sent, and reads the replies to the oldest one if none may."""
        if self.again and not self.waiting:
            time.sleep(0.05)
            self.send(*self.again.pop(0))
        elif not self.again and not self.load.stopping.value and len(self.waiting) < options.depth:
            first, limit, version = self.fresh()
            self.send(first, limit, version)
            self.slow_down(limit - first)
        elif self.waiting:
            self.receive()

    def fresh(self):
        first = self.next
        limit = min(first + self.batch(), self.limit)
        batch = first, limit, self.version
        self.next = limit
        if limit == self.limit:
            self.next = self.first
            self.version += 1
        return batch

    def send(self, first, limit, version):
        count = limit - first
        start, end = (first - self.first) * REQUEST_BYTES, (limit - self.first) * REQUEST_BYTES
        at = start + REQUEST_BYTES - 2 - VALUE_BYTES
        for place, digit in enumerate(b"%08d" % version):
            self.block[at + place:end:REQUEST_BYTES] = bytes((digit,)) * count
        self.load.sent[first:limit] = [version] * count
        self.waiting.append((first, limit, version))
        self.connection.sendall(self.view[start:end])

    def receive(self):
        first, limit, version = self.waiting[0]
        count = limit - first
        found = self.replies.read(len(OK) * count)
        if found == OK * count:
            self.load.acknowledged[first:limit] = [version] * count
            self.load.counts[self.number * 8] += count
        else:
            self.take(found, first, limit, version)
        self.waiting.pop(0)

    def take(self, found, first, limit, version):
        """Not all replies are good: goes through them one by one."""
        lines = found.splitlines(keepends=True)
        is_good = True
        for key in range(first, limit):
            line = lines.pop(0) if lines else self.replies.readline()
            if not line.endswith(b"\n"):
                line += self.replies.readline()
            if not line.endswith(b"\n"):
                raise OSError("the connection has ended")
            if line == OK:
                self.load.acknowledged[key] = version
                self.load.counts[self.number * 8] += 1
            else:
                is_good = False
                self.load.note(line)
                self.load.counts[self.number * 8 + (2 if line.startswith(b"-UNKNOWN") else 1)] += 1
        if not is_good:
            self.again.append((first, limit, version))

    def batch(self):
        """How many writes are sent at once: fewer if they are bounded, so that they come evenly."""
        bound = self.load.bytes_per_second.value
        each_quarter_second = bound // (4 * VALUE_BYTES * options.connections)
        return min(options.batch, max(1, each_quarter_second)) if bound else options.batch

    def slow_down(self, count):
        bound = self.load.bytes_per_second.value
        if bound:
            time.sleep(count * VALUE_BYTES * options.connections / bound)

    def connect(self):
        """To the leader; to any replica if none is known."""
        order = self.random.sample(replicas, len(replicas))
        for replica in order:
            leads = replica.info().get("leader_id")
            if leads is not None:
                target = next((other for other in order if str(other.id) == leads), replica)
                self.connection = socket.create_connection(("127.0.0.1", target.port), 5)
                self.connection.settimeout(20)
                self.replies = self.connection.makefile("rb")
                return
        raise OSError("no replica answers")

    def hang_up(self):
        if self.connection is not None:
            self.replies.close()
            self.connection.close()
            self.connection = None
        self.again = self.waiting + self.again
        self.waiting = []


def check_values(load):
    """Each key at each replica."""
    for replica in replicas:
        count, first = load.wrong(versions(replica, load.keys))
        if count:
            fault(f"replica {replica.id} has {count} wrong values of {load.keys}, {first}")


# fill


class Sample:
    """What was seen at one moment. Lists are by replica."""

    def __init__(self, seconds, written, rate):
        self.seconds = seconds
        self.written = written
        self.rate = rate
        self.memory = [replica.memory_bytes() for replica in replicas]
        self.heap = [replica.heap_bytes() for replica in replicas]
        disk = [replica.disk_bytes() for replica in replicas]
        self.log = [log for log, _ in disk]
        self.snapshots = [snapshots for _, snapshots in disk]
        self.disk = [log + snapshots for log, snapshots in disk]
        infos = [replica.info() for replica in replicas]
        self.log_bytes = [int(found.get("log_bytes", 0)) for found in infos]
        self.snapshot_bytes = [int(found.get("snapshot_bytes", 0)) for found in infos]
        self.pause_us = [int(found.get("snapshot_pause_us", 0)) for found in infos]


def fill():
    start_all(*(flag.format(heap=options.heap) for flag in TOUCHED_HEAP))
    load = Load(options.keys)
    goal = int(options.gigabytes * UNITS["GB"] / VALUE_BYTES)
    samples = sample_all(load, goal)
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)  # the replicas have not ended yet, so they do not count
    seconds = samples[-1].seconds
    written = load.written()
    largest = max(max(sample.snapshot_bytes) for sample in samples)
    limit = disk_limit(largest)
    say(f"wrote {written} values of {VALUE_BYTES} bytes over {load.keys} keys in {seconds:.1f} s: "
        f"{written * VALUE_BYTES / UNITS['GB']:.2f} GB, {written / seconds:.0f} commands/s; {load.refused()} refused, "
        f"{load.unknown()} unknown; the clients used {cpu.ru_utime + cpu.ru_stime:.1f} s of a processor")
    for number, replica in enumerate(replicas):
        judge(replica, number, samples, limit)
    say(f"longest pause of a replica for a slice of a snapshot: {max(max(s.pause_us) for s in samples)} us; "
        f"the longest snapshot has {largest / MIB:.1f} MB")
    write_csv(samples)
    draw(samples, limit)
    until(lambda: len({replica.info().get("applied") for replica in replicas}) == 1)
    check_values(load)
    restart_seconds, reading_seconds = restart()
    check_values(load)
    memory = [thirds(samples, "memory", number) for number in range(3)]
    say(f"fill seed={options.seed}: {written * VALUE_BYTES / UNITS['GB']:.2f} GB in {seconds:.0f} s, "
        f"{written / seconds:.0f} commands/s; most disk MB "
        + "/".join(f"{max(s.disk[n] for s in samples) / MIB:.0f}" for n in range(3))
        + f" of {limit / MIB:.0f}; most memory MB "
        + "/".join(f"{max(s.memory[n] for s in samples) / MIB:.0f}" for n in range(3))
        + "; mean memory in the last third, most in the first, MB "
        + " ".join(f"{last / MIB:.0f}/{first / MIB:.0f}" for first, last in memory)
        + f"; {load.refused()} refused, {load.unknown()} unknown; restart {restart_seconds:.2f} s, of which "
        f"{reading_seconds:.2f} s read a snapshot; {verdict()}")


def sample_all(load, goal):
    """Writes as much, and looks at everything once a second."""
    load.start()
    begin = time.monotonic()
    require(load.written, "a write")
    samples, before, before_seconds, due = [], 0, 0.0, 1.0
    while load.written() < goal:
        time.sleep(max(0.0, min(0.1, due - (time.monotonic() - begin))))
        for replica in replicas:
            replica.require_alive()
        seconds = time.monotonic() - begin
        if seconds < due:
            continue
        written = load.written()
        samples.append(Sample(seconds, written, (written - before) / (seconds - before_seconds)))
        if len(samples) % 60 == 0:
            say(f"  {seconds:.0f} s: {written * VALUE_BYTES / UNITS['GB']:.2f} GB, disk "
                f"{max(samples[-1].disk) / MIB:.0f} MB, memory {max(samples[-1].memory) / MIB:.0f} MB")
        before, before_seconds = written, seconds
        due = seconds // 1 + 1
    load.stop()
    seconds = time.monotonic() - begin
    samples.append(Sample(seconds, load.written(), (load.written() - before) / max(0.001, seconds - before_seconds)))
    return samples


def disk_limit(snapshot_bytes):
    """The budget and two snapshots. The slack: a third snapshot, which is being written; two segments, one made in
    advance and one that is being deleted; 4 MB for the small files."""
    segment = min(SEGMENT_BYTES_MAX, options.budget // 8)
    return options.budget + 3 * snapshot_bytes + 2 * segment + 4 * MIB


def thirds(samples, what, number):
    """The most in the first third of the time, and the mean of the last."""
    end = samples[-1].seconds
    first = [getattr(sample, what)[number] for sample in samples if sample.seconds <= end / 3]
    last = [getattr(sample, what)[number] for sample in samples if sample.seconds >= end * 2 / 3]
    return max(first or [0]), sum(last) / len(last)


def slope(samples, number):
    """By how many bytes memory grows for each byte written, in the second half of the time."""
    half = [sample for sample in samples if sample.seconds >= samples[-1].seconds / 2]
    x = [sample.written * VALUE_BYTES for sample in half]
    y = [sample.memory[number] for sample in half]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    square = sum((value - mean_x) ** 2 for value in x)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / square if square else 0.0


def judge(replica, number, samples, limit):
    disk = max(sample.disk[number] for sample in samples)
    say(f"replica {replica.id}: most disk {disk / MIB:.0f} MB (log {max(s.log[number] for s in samples) / MIB:.0f}, "
        f"snapshots {max(s.snapshots[number] for s in samples) / MIB:.0f}), most log_bytes "
        f"{max(s.log_bytes[number] for s in samples) / MIB:.0f} MB; memory in the second half "
        f"{slope(samples, number) * 1024:+.2f} MB for each GB written")
    if disk > limit:
        fault(f"replica {replica.id} has {disk / MIB:.0f} MB on disk. The limit is {limit / MIB:.0f} MB: the budget, "
              "two snapshots, and as slack one more snapshot, two segments and 4 MB")
    for what, name in (("memory", "resident memory"), ("heap", "heap after a collection")):
        first, last = thirds(samples, what, number)
        enough = HEAP_SHARE * size(options.heap + "b") if what == "heap" else 0
        is_flat = last <= max(first * GROWTH_MAX, enough)
        say(f"replica {replica.id}: {name} is {'flat' if is_flat else 'GROWING'}: at most {first / MIB:.0f} MB in the "
            f"first third of the time, {last / MIB:.0f} MB on average in the last")
        if not is_flat:
            fault(f"the {name} of replica {replica.id} grows by more than a tenth")


def restart():
    """Kills a follower and starts it. Returns the seconds until it reads, and those with a snapshot open."""
    replica = next(other for other in replicas if other is not leader())
    replica.kill()
    replica.java = ()
    begin = time.monotonic()
    replica.start()
    opened = []
    done = threading.Event()

    def watch():
        while not done.is_set():
            if replica.reads_a_snapshot():
                opened.append(time.monotonic())
            time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        replica.require_reads()
    finally:
        seconds = time.monotonic() - begin
        done.set()
        watcher.join()
    reading = opened[-1] - opened[0] if opened else 0.0
    say(f"replica {replica.id} was killed and restarted: a linearizable read after {seconds:.2f} s; its snapshot was "
        f"open for {reading:.2f} s of them")
    if seconds > RESTART_S_MAX + reading:
        fault(f"a restart takes {seconds:.2f} s: more than {RESTART_S_MAX} s and the reading of the snapshot")
    return seconds, reading


def write_csv(samples):
    names = ["memory", "heap", "disk", "log", "snapshots", "log_bytes", "snapshot_bytes", "pause_us"]
    with open(os.path.splitext(options.picture)[0] + ".csv", "w") as file:
        file.write("seconds,written,commands_per_second,"
                   + ",".join(f"{name}_{id}" for name in names for id in (1, 2, 3)) + "\n")
        for sample in samples:
            values = [value for name in names for value in getattr(sample, name)]
            file.write(f"{sample.seconds:.2f},{sample.written},{sample.rate:.0f}," + ",".join(map(str, values)) + "\n")


COLORS = ("#1f6fb4", "#d9822b", "#3a923a")
WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 1000, 200, 80, 200, 64, 72


def step(most):
    """A round distance between the lines of an axis."""
    power = 1.0
    while power * 10 < most:
        power *= 10
    while power > most:
        power /= 10
    return next(power * factor for factor in (0.2, 0.5, 1, 2) if most / (power * factor) <= 6)


class Panel:
    """One diagram of the picture."""

    def __init__(self, number, title, unit, seconds, most):
        self.top = TOP + number * (PANEL + GAP)
        self.seconds = seconds
        self.most = most * 1.08 or 1
        self.parts = [f'<text x="{LEFT}" y="{self.top - 12}" class="title">{title}</text>']
        bottom = self.top + PANEL
        for value in self.marks(self.most):
            y = self.y(value)
            self.parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" class="grid"/>')
            self.parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" class="y">{value:,g}</text>')
        for value in self.marks(seconds):
            x = self.x(value)
            self.parts.append(f'<line x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{bottom + 5}" class="axis"/>')
            self.parts.append(f'<text x="{x:.1f}" y="{bottom + 19}" class="x">{value:,g}</text>')
        self.parts.append(f'<path d="M{LEFT} {self.top}V{bottom}H{WIDTH - RIGHT}" class="axis"/>')
        self.parts.append(f'<text x="{WIDTH - RIGHT}" y="{bottom + 34}" class="y">seconds</text>')
        middle = self.top + PANEL // 2
        self.parts.append(f'<text transform="translate(18 {middle}) rotate(-90)" class="x">{unit}</text>')
        self.legend = self.top + 8

    def marks(self, most):
        distance = step(most)
        return [round(distance * number, 6) for number in range(int(most / distance) + 1)]

    def x(self, seconds):
        return LEFT + (WIDTH - RIGHT - LEFT) * seconds / self.seconds

    def y(self, value):
        return self.top + PANEL - PANEL * min(value, self.most) / self.most

    def line(self, points, color, name, style=""):
        path = " ".join(f"{self.x(seconds):.1f},{self.y(value):.1f}" for seconds, value in points)
        self.parts.append(f'<polyline points="{path}" stroke="{color}" {style} class="line"/>')
        x = WIDTH - RIGHT + 14
        self.parts.append(f'<line x1="{x}" y1="{self.legend}" x2="{x + 24}" y2="{self.legend}" stroke="{color}" '
                          f'{style} class="line"/>')
        self.parts.append(f'<text x="{x + 32}" y="{self.legend + 4}" class="name">{name}</text>')
        self.legend += 20


def draw(samples, limit):
    seconds = samples[-1].seconds
    ends = (0, seconds)
    disk = Panel(0, "Disk of each replica", "MB", seconds, max(limit / MIB, max(max(s.disk) for s in samples) / MIB))
    memory = Panel(1, "Resident memory of each replica (*heap: what the last collection has left)", "MB", seconds,
                   max(max(s.memory) for s in samples) / MIB)
    rate = Panel(2, "Throughput", "commands/s", seconds, max(s.rate for s in samples))
    dotted = 'stroke-dasharray="2 3"'
    for number, color in enumerate(COLORS):
        name = f"replica {number + 1}"
        disk.line([(s.seconds, s.disk[number] / MIB) for s in samples], color, name)
        disk.line([(s.seconds, s.log[number] / MIB) for s in samples], color, name + ", its log", dotted)
        memory.line([(s.seconds, s.memory[number] / MIB) for s in samples], color, name)
        memory.line([(s.seconds, s.heap[number] / MIB) for s in samples], color, name + ", heap*", dotted)
    disk.line([(x, options.budget / MIB) for x in ends], "#b00020", "budget of the log", 'stroke-dasharray="9 4"')
    disk.line([(x, limit / MIB) for x in ends], "#777777", "limit of all files", 'stroke-dasharray="9 4"')
    rate.line([(s.seconds, s.rate) for s in samples], "#555577", "1 KiB writes")
    height = TOP + 3 * (PANEL + GAP)
    title = (f"{samples[-1].written * VALUE_BYTES / UNITS['GB']:.1f} GB of commands through a log of "
             f"{options.budget / MIB:g} MB, {options.keys:,} keys")
    with open(options.picture, "w") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
            'font-size="12">\n<style>.title{font-size:14px;font-weight:bold}.head{font-size:16px;font-weight:bold}'
            '.y{text-anchor:end}.x{text-anchor:middle}.grid{stroke:#e4e4e4}.axis{stroke:#444;fill:none}'
            '.line{fill:none;stroke-width:1.5}text{fill:#222}</style>\n'
            f'<rect width="{WIDTH}" height="{height}" fill="#fdfdfd"/>\n<text x="{LEFT}" y="26" class="head">{title}'
            '</text>\n' + "\n".join(part for panel in (disk, memory, rate) for part in panel.parts) + "\n</svg>\n")
    say(f"drew {options.picture}")


# away


BEGUN = re.compile(r"receives the snapshot of slot (\d+) from (\d+), from byte (\d+) of (\d+) on")
INSTALLED = re.compile(r"goes on from the snapshot of slot (\d+) that it received")


def away():
    start_all()
    load = Load(options.keys)
    load.start()
    require(lambda: load.written() >= 2 * load.keys, "all keys twice", 10 * PATIENCE_S)
    before = load.rate(options.measure_seconds)
    receiver = next(replica for replica in replicas if replica is not leader())
    receiver.kill()
    say(f"replica {receiver.id} is away; before, {before:.0f} commands/s")
    goal = load.written() + int(options.budgets * options.budget / VALUE_BYTES)
    begin, first = time.monotonic(), load.written()
    while load.written() < goal:
        time.sleep(0.05)
    alone = (load.written() - first) / (time.monotonic() - begin)
    say(f"{options.budgets:g} budgets are written, at {alone:.0f} commands/s with two replicas")
    if options.load_bytes_per_second:
        load.bytes_per_second.value = options.load_bytes_per_second
        time.sleep(2)
        before = load.rate(options.measure_seconds)
        say(f"writes are slowed down: {before:.0f} commands/s before the transfer")
    snapshot = max(int(replica.info().get("snapshot_bytes", 0)) for replica in replicas if replica is not receiver)
    pace = options.transfer_bytes_per_second or int(snapshot / (options.measure_seconds + 1.5 * options.kills))
    during, kills = transfer(load, receiver, pace)
    load.bytes_per_second.value = 0
    load.stop()
    require(lambda: len({replica.info().get("applied") for replica in replicas}) == 1,
            "all replicas have executed the same slots")
    check_values(load)
    ratio = during / before
    if ratio < RATIO_MIN:
        fault(f"throughput during the transfer is {ratio:.2f} of before, less than {RATIO_MIN}")
    begun = [tuple(map(int, found)) for found in BEGUN.findall(receiver.output())]
    again = sum(place == 0 for _, _, place, _ in begun[1:])
    say(f"away seed={options.seed}: {options.budgets:g} budgets of {options.budget / MIB:g} MB while away, a snapshot "
        f"of {snapshot / MIB:.1f} MB at {pace / MIB:.2f} MB/s; {kills} kills, {len(begun)} transfers begun, {again} of "
        f"them again from byte 0; {before:.0f} commands/s before, {alone:.0f} while away, {during:.0f} during the "
        f"transfer, ratio {ratio:.2f}; {load.refused()} refused, {load.unknown()} unknown; {verdict()}")


def transfer(load, receiver, pace):
    """Starts the receiver, and kills it and the senders in turn. Returns commands/s without kills, and the kills."""
    receiver.start("--transfer-bytes-per-second", str(pace))
    begun = next_transfer(receiver, 0)
    during = load.rate(options.measure_seconds)
    say(f"{during:.0f} commands/s during the transfer, at {pace / MIB:.2f} MB/s")
    kills = 0
    while begun and kills < options.kills:
        time.sleep(chance.uniform(0.1, 2))
        count = len(BEGUN.findall(receiver.output()))
        sender = int(BEGUN.findall(receiver.output())[-1][1])
        if INSTALLED.search(receiver.output()):
            break
        is_receiver = kills % 2 == 0
        is_last = kills == options.kills - 1
        victim = receiver if is_receiver else replicas[sender - 1]
        victim.kill()
        victim.start(*(("--transfer-bytes-per-second", str(pace)) if is_receiver else ()))
        kills += 1
        say(f"kill {kills}: {'receiver' if is_receiver else 'sender'} {victim.id}")
        begun = next_transfer(receiver, count)
        if is_last and begun:
            receiver.kill()  # the rest may go fast
            receiver.start()
            next_transfer(receiver, count + 1)
    if kills < options.kills:
        fault(f"the transfer was over after {kills} of {options.kills} kills; choose a smaller "
              "--transfer-bytes-per-second, or more keys")
    require(lambda: INSTALLED.search(receiver.output()), "the receiver goes on from the snapshot", 3 * PATIENCE_S)
    say(f"replica {receiver.id} goes on from the snapshot of slot {INSTALLED.findall(receiver.output())[-1]}")
    catch_up(receiver)
    return during, kills


def catch_up(receiver):
    """Waits until the receiver has executed what the leader had executed a second before."""
    begin = time.monotonic()

    def applied(replica):
        return int(replica.info().get("applied", 0))

    def is_back():
        goal = max(applied(replica) for replica in replicas)
        time.sleep(1)
        return applied(receiver) >= goal

    is_caught_up = until(is_back, 2 * PATIENCE_S)
    seconds = time.monotonic() - begin
    if is_caught_up:
        say(f"replica {receiver.id} has caught up with the clients after {seconds:.1f} s more")
    else:
        fault(f"replica {receiver.id} has not caught up with the clients after {seconds:.1f} s")


def next_transfer(receiver, count):
    """Waits for a transfer beyond so many. Returns False if there is none because the receiver is done."""
    def seen():
        receiver.require_alive()
        text = receiver.output()
        return len(BEGUN.findall(text)) > count or INSTALLED.search(text)
    require(seen, f"a transfer after {count} others", 2 * PATIENCE_S)
    for number, found in enumerate(BEGUN.findall(receiver.output())[count:], count + 1):
        slot, sender, place, length = map(int, found)
        say(f"transfer {number}: slot {slot} from {sender}, from byte {place} of {length}")
        if number > 1 and place == 0:
            fault(f"transfer {number} begins again from byte 0, with a snapshot of slot {slot}")
    return len(BEGUN.findall(receiver.output())) > count


# kill


def kill():
    start_all(*FAST_START)
    load = Load(options.keys)
    lost = rounds = 0
    while lost == 0 and rounds < options.rounds:
        rounds += 1
        before = load.written()
        load.start()
        require(lambda: load.written() > before, "a write")
        time.sleep(chance.uniform(0, 2.5))
        slots = [int(replica.info().get("snapshot_slot", 0)) for replica in replicas]
        first = min(int(replica.info().get("first_slot", 0)) for replica in replicas)
        for replica in chance.sample(replicas, len(replicas)):
            replica.process.kill()
            time.sleep(chance.choice((0, 0, 0.001, 0.01)))
        load.stop()
        open_writes = sum(sent > known for sent, known in zip(load.sent, load.acknowledged))
        for replica in replicas:
            replica.process.wait()
            replica.start()
        require_all()
        lost = count_lost(load)
        say(f"round {rounds}: {load.written() - before} acknowledged, {open_writes} open, snapshots of slots "
            + " ".join(map(str, slots)) + f", first slot {first}, {lost} lost")
    say(f"kill seed={options.seed}: {rounds} rounds, {load.written()} acknowledged, {load.refused()} refused, "
        f"{load.unknown()} unknown, {len(re.findall('has a snapshot of slot', outputs()))} snapshots, {lost} lost; "
        + verdict())


def count_lost(load):
    """Also takes what was read for known: no later read may show an older version."""
    lost = 0
    for replica in replicas:
        found = versions(replica, load.keys)
        count, first = load.wrong(found)
        if count:
            fault(f"replica {replica.id} has {count} wrong values of {load.keys}, {first}")
        else:
            load.acknowledged[:] = found
        lost += count
    return lost


def outputs():
    return "".join(replica.output() for replica in replicas)


def verdict():
    warnings = len(re.findall(r"^\S+ (?:\[\S+\] )?(?:WARN|ERROR)", outputs(), re.MULTILINE))
    told = f"{warnings} warnings in the logs, " if warnings else ""
    return told + (f"{len(faults)} faults" if faults else "all values right")


signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
options.jar = os.path.abspath(options.jar)
if not os.path.isfile(options.jar):
    sys.exit(f"there is no {options.jar}; build it, or name it with --jar")
if options.work:
    os.makedirs(options.work)
work = os.path.abspath(options.work or tempfile.mkdtemp(prefix="bounded-log-"))
reasons_path = os.path.join(work, "refusals")
is_good = False
try:
    {"fill": fill, "away": away, "kill": kill}[options.command]()
    is_good = not faults
except (RuntimeError, TimeoutError, OSError) as e:
    fault(str(e))
finally:
    for load in loads:
        load.kill()
    for replica in replicas:
        replica.kill()
    if os.path.exists(reasons_path):
        with open(reasons_path) as file:
            for reason in sorted(set(file)):
                say("a client was told: " + reason.strip())
    if is_good:
        shutil.rmtree(work)
    else:
        say(f"the files are in {work}")
sys.exit(not is_good)
