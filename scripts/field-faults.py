#!/usr/bin/env python3
"""Shows on real processes whether a build has the faults that docs/lessons.md lists under "Found by use".

usage: field-faults.py [--jar examples/target/paxos-kv.jar] [F3 F15 ...]

Prints one line for each fault: what was done, and what came of it. Exits with 1 if one shows. The processes are those
of the key-value store, and of scripts/field where the store has no option for it. F18, F20 and F21 need root.
"""
import argparse, glob, os, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time, zipfile

parser = argparse.ArgumentParser()
parser.add_argument("--jar", default="examples/target/paxos-kv.jar")
parser.add_argument("faults", nargs="*")
options = parser.parse_args()

here = os.path.dirname(os.path.abspath(__file__))
work = tempfile.mkdtemp(prefix="field-faults-")
FLAGS = [f"--add-opens=java.base/{package}=ALL-UNNAMED"
         for package in ("java.lang.reflect", "sun.nio.ch", "jdk.internal.misc")]
FLAGS.append("--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED")
PATIENCE_S = 60  # for what must happen
WATCH_S = 10  # for what must not
FORMER = {  # names of now, and what they were when a cluster had no id of its own
    "io.paxos.Members": "io.paxos.protocol.Members", "io.paxos.Quorums": "io.paxos.protocol.Quorums",
    "io.paxos.Outcome": "io.paxos.replica.Outcome", "io.paxos.Read;": "io.paxos.replica.Read;",
    "io.paxos.Replica;": "io.paxos.replica.Replica;", "reply.reserve(": "reply.claim(", "windowSlots(": "window(",
    ".clusterId(42)": "", ".bootstrap()": "", ", 42, number(settings": ").clusterId(42).replicaId(number(settings",
}
processes = []
mounts = []
ports = set()


def until(found, seconds=PATIENCE_S):
    """What it has found, or what it found last when the time was over."""
    deadline = time.monotonic() + seconds
    while True:
        result = found()
        if result or time.monotonic() > deadline:
            return result
        time.sleep(0.05)


def require(found, what, seconds=PATIENCE_S):
    result = until(found, seconds)
    if not result:
        raise TimeoutError(f"not within {seconds} s: {what}")
    return result


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    if port in ports:
        return free_port()
    ports.add(port)
    return port


def new_directory():
    return tempfile.mkdtemp(dir=work)


class Process:
    """A JVM. What it prints is in a file."""

    def __init__(self, *command):
        self.path = tempfile.mkstemp(dir=work)[1]
        with open(self.path, "w") as output:
            self.process = subprocess.Popen(["java", *command], stdin=subprocess.PIPE, stdout=output, stderr=output,
                                            cwd=work, text=True)
        processes.append(self)

    def output(self):
        with open(self.path, errors="replace") as file:
            return file.read()

    def has_ended(self):
        return self.process.poll() is not None

    def last_line(self):
        return (self.output().strip().splitlines() or ["(nothing)"])[-1]

    def reason(self):
        """Why it has ended: the line that says it, short enough to be read."""
        said = [line for line in self.output().splitlines() if not line.startswith("\tat ")] or ["(nothing)"]
        line = re.sub(r".*(has stopped: [\w.]*(Exception)?:? ?|paxos-kv: |Exception: )", "", said[-1])
        return line.replace(work, "")[:160]

    def stop(self, how=signal.SIGKILL):
        if not self.has_ended():
            self.process.send_signal(how)
        self.process.wait(PATIENCE_S)


class Store(Process):
    """A replica of the key-value store."""

    def __init__(self, id, addresses, data, *more, serve=()):
        self.port = free_port()
        members = ",".join(f"{member}=127.0.0.1:{port}" for member, port in addresses.items())
        super().__init__(*more, "-jar", options.jar, "serve", "--id", str(id), "--replicas", members,
                         "--resp", f"127.0.0.1:{self.port}", "--data", data, *serve)

    def connect(self, seconds=7):
        return socket.create_connection(("127.0.0.1", self.port), seconds)

    def ask(self, *requests):
        """The reply to each request, "-" and more for an error; fewer if the connection ends."""
        replies = []
        try:
            with self.connect() as connection:
                lines = connection.makefile("rb")
                connection.sendall("".join(f"{request}\r\n" for request in requests).encode())
                for _ in requests:
                    line = lines.readline().decode().strip()
                    if not line:
                        break
                    if line.startswith("$") and line != "$-1":
                        line = lines.read(int(line[1:]) + 2).decode()[:-2]
                    replies.append(line)
        except OSError:
            pass
        return replies

    def set(self, key, value):
        return self.ask(f"set {key} {value}") == ["+OK"]

    def get(self, key):
        """None without an answer, "" without a value."""
        replies = self.ask(f"get {key}")
        return None if not replies or replies[0].startswith("-") else replies[0].replace("$-1", "")

    def info(self, name):
        found = re.search(rf"^{name}:(.*?)\r?$", "".join(self.ask("info paxos")), re.MULTILINE)
        return found.group(1) if found else ""

    def write(self, first, count, length=1):
        """How many of these keys were acknowledged, one after the other."""
        written = 0
        while written < count:
            some = range(first + written, first + min(written + 20, count))
            good = self.ask(*(f"set k{key} {'v' * length}" for key in some)).count("+OK")
            written += good
            if good < len(some):
                break
        return written

    def missing(self, count):
        return sum(self.ask(*(f"exists k{key}" for key in range(first, min(first + 200, count)))).count(":0")
                   for first in range(0, count, 200))


def alone(*flags, serve=()):
    """A replica of a cluster of one, up and leading."""
    store = Store(1, {1: free_port()}, os.path.join(new_directory(), "log"), *flags, serve=serve)
    require(lambda: store.set("x", "0"), f"a write; {store.last_line()}")
    return store


def slowest_answer(store, seconds, until_done=lambda: False):
    """How long the longest of many small requests took, each on a connection of its own."""
    slowest, end = 0, time.monotonic() + seconds
    while time.monotonic() < end and not until_done() and not store.has_ended():
        began = time.monotonic()
        is_answered = store.set("small", "1")
        slowest = max(slowest, time.monotonic() - began if is_answered else seconds)
        time.sleep(0.05)
    return slowest


class Cluster:
    """Replicas of the key-value store, all started and in touch."""

    def __init__(self, *ids, directory=None):
        self.directory = directory or new_directory()
        self.addresses = {id: free_port() for id in ids or (1, 2, 3)}
        self.start_all()

    def start_all(self):
        self.replicas = [self.start(id) for id in self.addresses]
        for replica in self.replicas:
            require(lambda: replica.set("x", "0"), f"a write at each replica; {replica.last_line()}")
            require(lambda: replica.info("connected") == str(len(self.addresses)), "all replicas connected")
        return self.replicas

    def data(self, id):
        return os.path.join(self.directory, f"replica-{id}")

    def start(self, id, **changes):
        return Store(id, changes.get("addresses", self.addresses), changes.get("data", self.data(id)))


class SumMember(Process):
    """A replica of a sum, see scripts/field/SumMember.java."""

    def __init__(self, id, addresses, data, **settings):
        members = ",".join(f"{member}={port}" for member, port in addresses.items())
        super().__init__(*FLAGS, "-cp", f"{options.jar}:{java_classes()}", "SumMember", str(id), members, data,
                         *(f"{name}={value}" for name, value in settings.items()))
        self.answers = 0
        require(lambda: self.has_ended() or self.lines(), "a member is up")

    def lines(self):
        return [line for line in self.output().splitlines()
                if re.match(r"up$|ok$|chosen |NotChosen|Unknown|Status|-?\d+$|io\.paxos\.\S*ReadFailed", line)]

    def ask(self, request):
        """The answer; the last line that it has printed if it has ended."""
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
        except OSError:
            return self.last_line()
        self.answers += 1
        until(lambda: len(self.lines()) > self.answers or self.has_ended(), 20)
        lines = self.lines()
        return lines[self.answers] if len(lines) > self.answers else self.last_line()

    def leads(self):
        return "role=LEADER" in self.ask("status")

    def fault(self):
        found = re.search(r"fault=(?!null)(.*)\]", self.ask("status"))
        return found.group(1) if found else self.last_line() if self.has_ended() else ""


def sums(settings):
    """Starts members, one for each of these settings."""
    addresses = {id: free_port() for id in settings}
    directory = new_directory()
    return {id: SumMember(id, addresses, os.path.join(directory, str(id)), **more) for id, more in settings.items()}


def java_classes():
    """The directory of the compiled programs of scripts/field."""
    classes = os.path.join(work, "classes")
    if not os.path.isdir(classes):
        sources = []
        with zipfile.ZipFile(options.jar) as jar:
            is_former = "io/paxos/Replica.class" not in jar.namelist()
        for path in glob.glob(os.path.join(here, "field", "*.java")):
            with open(path) as file:
                text = file.read()
            for now, before in FORMER.items() if is_former else ():
                text = text.replace(now, before)
            sources.append(os.path.join(work, os.path.basename(path)))
            with open(sources[-1], "w") as file:
                file.write(text)
        subprocess.run(["javac", "-d", classes, "-cp", options.jar, *sources], check=True)
    return classes


def log_user(directory, what, *flags):
    return Process(*FLAGS, *flags, "-cp", f"{options.jar}:{java_classes()}", "LogUser", directory, what)


def mount(size, *more):
    """A new file system of this size, in memory."""
    directory = new_directory()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", directory], check=True)
    mounts.append(directory)
    return directory


def fill(path, free_bytes):
    """Leaves so many bytes of its file system free."""
    with open(path, "wb") as file:
        state = os.statvfs(os.path.dirname(path))
        os.posix_fallocate(file.fileno(), 0, max(1, state.f_bavail * state.f_frsize - free_bytes))


# The faults. Each returns whether it shows, and what was seen.


def f3():
    """the directory of a member that has voted is emptied"""
    cluster = Cluster()
    one, two, three = cluster.replicas
    one.stop()
    require(lambda: two.set("x", "1000"), "a write at 2 and 3")
    two.stop()
    three.stop()
    shutil.rmtree(cluster.data(3))
    one, three = cluster.start(1), cluster.start(3)
    seen = require(lambda: one.get("x") or three.has_ended() and "refused", "an answer of 1, or the end of 3")
    if seen != "refused":
        return True, f"LOST: acknowledged 1000, members 1 and 3 read {seen}"
    two = cluster.start(2)
    value = require(lambda: one.get("x"), "a read at 1 and 2")
    return value != "1000", f"nothing lost; member 3: {three.reason()}"


def f4():
    """one of five members is built with other quorums; a builder has the log of another member"""
    addresses = {id: free_port() for id in range(1, 6)}
    directory = new_directory()
    start = lambda id, **more: SumMember(id, addresses, os.path.join(directory, str(id)), **more)
    others = [start(id, heartbeatMs=20_000) for id in range(1, 5)]  # so that 5 is the first candidate
    five = start(5, phase1=5, phase2=1)
    refusal = until(lambda: five.leads() or re.search(r"quorums: [^;]*", five.output()), 20)
    if refusal is True:
        for other in others:
            other.stop()
        acknowledged = five.ask("add 1000")
        five.stop()
        one, two, three = [start(id) for id in (1, 2, 3)]
        seen = until(lambda: re.search(r"^\d+$", one.ask("sum"))).group()
        return acknowledged.startswith("chosen") and seen == "0", f"LOST: {acknowledged} at 5; 1, 2 and 3 read {seen}"
    mixed = SumMember(2, {2: free_port(), 3: free_port()}, new_directory(), logId=1, transportId=3)
    if not mixed.has_ended():
        return True, "builder 2 starts with the log of 1 and the transport of 3"
    return not refusal, f"{refusal and refusal.group()}; builder 2: {mixed.reason()}"


def f5():
    """the leader takes longer values than the others, by the transport"""
    return longer_values("transportValueMax")


def f31():
    """the leader takes longer values than the others, by the log"""
    return longer_values("logValueMax")


def longer_values(setting):
    small = {setting: 64 << 10, "heartbeatMs": 1000}
    members = sums({1: {setting: 3 << 20}, 2: small, 3: small})
    until(lambda: members[1].leads() or any(member.fault() for member in members.values()), 20)
    long = members[1].ask(f"add 1 {2 << 20}")
    later = [member.ask("add 1") for member in members.values()]
    faults = " ".join(member.fault() + member.output() for member in members.values())
    refusal = re.search(r"the longest value[^;]*", faults)
    if refusal:
        return "chosen" in long, f"refused before the first value: {refusal.group()}"
    return True, f"one long value: {long[:60]}; later ones: {', '.join(answer[:40] for answer in later)}"


def f10():
    """windows of 8, 32 and 128 slots"""
    members = sums({1: {"window": 8}, 2: {"window": 32}, 3: {"window": 128}})
    require(lambda: members[1].ask("add 1").startswith("chosen"), "a command is chosen")
    warned = [line for member in members.values() for line in member.output().splitlines() if "other settings" in line]
    return not warned, warned[0][:200] if warned else "slow in silence: no line says that the settings differ"


def f12():
    """one wrong reading of the leader's clock, 100 years ahead"""
    members = sums({1: {}, 2: {}, 3: {}})
    leader = require(lambda: [member for member in members.values() if member.leads()], "a leader")[0]
    require(lambda: leader.ask("add 1").startswith("chosen"), "a command is chosen")
    leader.ask("clock 100")
    leader.ask("add 1")
    alarm = re.search(r"clockAlarm=(\w+)", leader.ask("status"))
    leader.ask("clock 0")
    leader.ask("add 1")
    ahead_s = int(leader.ask("time")) / 1000 - time.time()
    return ahead_s > 60, f"cluster time is {max(0, ahead_s) / 31_536_000:.1f} years ahead" + (
        f"; alarm {alarm.group(1)}" if alarm else "")


def f14():
    """clients ask for much and do not read, read slowly, echo, and scan with a long pattern"""
    parts = [not_read(), read_by_many(), echoed(), scanned()]
    return any(is_shown for is_shown, _ in parts), "; ".join(seen for _, seen in parts)


def with_large_values(*flags):
    store = alone(*flags)
    with store.connect() as client:
        for key in range(32):
            client.sendall(f"*3\r\n$3\r\nSET\r\n${len(f'k{key}')}\r\nk{key}\r\n$500000\r\n{'v' * 500_000}\r\n".encode())
            if client.recv(100) != b"+OK\r\n":
                raise ValueError("a large value is refused")
    return store, f"mget {' '.join(f'k{key}' for key in range(32))}\r\n".encode()


def not_read():
    """30 clients ask for 16 MB each, at 256 MiB of heap, and read nothing"""
    store, request = with_large_values("-Xmx256m")
    clients = [store.connect() for _ in range(30)]
    for client in clients:
        client.sendall(request)
    slowest = slowest_answer(store, WATCH_S)
    seen = f"the replica ends: {store.reason()[:60]}" if store.has_ended() else f"others wait {slowest:.1f} s at most"
    store.stop()
    return store.process.returncode != -signal.SIGKILL or slowest > 3, f"30 x 16 MB not read: {seen}"


def read_by_many():
    """60 clients ask for 16 MB each at once, at 512 MiB of heap, and read"""
    store, request = with_large_values("-Xmx512m")
    lengths, refusals = [], []

    def read():
        try:
            with store.connect(30) as client:
                client.sendall(request)
                answer = client.makefile("rb")
                first = answer.readline()
                if first.startswith(b"-"):
                    refusals.append(first)
                elif first == b"*32\r\n":
                    lengths.append(len(answer.read(32 * (len("$500000\r\n") + 500_002))))
        except OSError:
            pass

    readers = [threading.Thread(target=read) for _ in range(60)]
    for reader in readers:
        reader.start()
    slowest = slowest_answer(store, 30, lambda: not any(reader.is_alive() for reader in readers))
    for reader in readers:
        reader.join()
    seen = f"{len(lengths)} of 60 answered, {len(refusals)} refused, others wait {slowest:.1f} s at most"
    is_shown = len(lengths) + len(refusals) < 60 or not lengths or slowest > 5 or store.has_ended()
    store.stop()
    return is_shown, seen


def echoed():
    """one client sends 240 MB of ECHO and reads nothing"""
    store = alone("-Xmx512m")
    taken, request = 0, b"*2\r\n$4\r\nECHO\r\n$240000\r\n" + b"e" * 240_000 + b"\r\n"
    with store.connect(3) as client:
        try:
            for _ in range(1000):
                client.sendall(request)
                taken += len(request)
        except OSError:
            pass
    store.stop()
    return taken > 64 << 20, f"{taken >> 20} MB of echoes taken from a client that does not read"


def scanned():
    """a pattern of 50 kB and a key of 100 kB"""
    store = alone()
    name = "a" * 100_000
    with store.connect(PATIENCE_S) as client:
        client.sendall(f"*3\r\n$3\r\nSET\r\n${len(name)}\r\n{name}\r\n$1\r\nv\r\n".encode())
        client.recv(100)
        client.sendall(f"scan 0 match *{'a' * 50_000}b count 10\r\n".encode())
        slowest = slowest_answer(store, 20)
    store.stop()
    return slowest > 2, f"others wait {slowest:.1f} s at most for a SCAN"


def f15():
    """two members of cluster B have the address of a member of cluster A as their third"""
    a = Cluster()
    addresses = {1: free_port(), 2: free_port(), 3: a.addresses[3]}
    directory = new_directory()
    for start in range(3):  # each start raises the ballot of B, in the end above that of A
        b = [Store(id, addresses, os.path.join(directory, str(id))) for id in (1, 2)]
        require(lambda: all(" is up" in replica.output() for replica in b), "cluster B is up")
        until(lambda: b[0].set("b", "1"), WATCH_S)
        if start < 2:
            b[0].stop()
            b[1].stop()
    if until(lambda: any(replica.get("b") for replica in a.replicas), WATCH_S):
        return True, "cluster A executed a command of cluster B"
    good = all(until(lambda: replica.set("x", "1"), WATCH_S) for replica in a.replicas)
    return not good, "A goes on, B takes no part" if good else "writes of A fail"


def f16():
    """members 1,2,3 are edited to 2,3,4, and 3 and 4 start first"""
    cluster = Cluster()
    one, two, three = cluster.replicas
    three.stop()
    require(lambda: one.set("x", "5"), "a write at 1 and 2")
    one.stop()
    two.stop()
    edited = {2: cluster.addresses[2], 3: cluster.addresses[3], 4: free_port()}
    three, four = cluster.start(3, addresses=edited), cluster.start(4, addresses=edited)
    seen = until(lambda: four.get("x") if not three.has_ended() else "refused", 30)
    if seen != "refused":
        return True, f"LOST: acknowledged 5, members 3 and 4 read {seen or 'nothing'}"
    return False, three.reason()


def f17():
    """an older copy of a member's directory is put back while another member is down"""
    cluster = Cluster()
    one, two, three = cluster.replicas
    three.stop(signal.SIGTERM)
    copy = shutil.copytree(cluster.data(3), os.path.join(cluster.directory, "copy"))
    three = cluster.start(3)
    require(lambda: three.set("x", "1") and one.info("connected") == "3", "member 3 is back")
    one.stop()
    require(lambda: two.set("x", "1000"), "a write at 2 and 3")
    two.stop()
    three.stop()
    one, three = cluster.start(1), cluster.start(3, data=copy)
    seen = require(lambda: one.get("x") or three.has_ended() and "refused", "an answer of 1, or the end of 3")
    if seen != "refused":
        return True, f"LOST: acknowledged 1000, members 1 and 3 read {seen}"
    return False, three.reason()


def f18():
    """three members on a disk whose writes failed for a while, restarted, closed, and mounted anew"""
    memory = mount("400M")
    image, disk = os.path.join(memory, "image"), new_directory()
    with open(image, "wb") as file:
        file.truncate(800 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-E", "lazy_itable_init=0", image], check=True)
    attach = lambda: (subprocess.run(["mount", "-o", "loop", image, disk], check=True), mounts.append(disk))
    detach = lambda: (subprocess.run(["umount", disk], check=True), mounts.remove(disk))
    attach()
    cluster = Cluster(directory=disk)
    written = cluster.replicas[0].write(0, 300)
    fill(os.path.join(memory, "filler"), 0)
    end = time.monotonic() + PATIENCE_S
    while not all(replica.has_ended() for replica in cluster.replicas) and time.monotonic() < end:
        written += cluster.replicas[0].write(written, 200, 50_000)
    for replica in cluster.replicas:
        replica.stop(signal.SIGTERM)
    os.unlink(os.path.join(memory, "filler"))
    written += require(lambda: cluster.start_all(), "restarted")[0].write(written, 300)
    for replica in cluster.replicas:
        replica.stop(signal.SIGTERM)
    detach()
    attach()
    replicas = [cluster.start(id) for id in (1, 2, 3)]
    until(lambda: replicas[0].set("x", "0") or all(replica.has_ended() for replica in replicas))
    if replicas[0].get("x") is None:
        return True, f"OUT OF REACH: {written} acknowledged writes; {replicas[0].reason()}"
    missing = replicas[0].missing(written)
    return missing > 0, f"{missing} of {written} acknowledged writes are lost"


def f19():
    """a process opens a directory twice; then another process opens it"""
    directory = new_directory()
    first = log_user(directory, "twice")
    require(lambda: first.has_ended() or len(first.output().splitlines()) > 1, "two openings")
    second = log_user(directory, "once")
    second.process.wait(PATIENCE_S)
    return "opened with" in second.output(), f"second process: {second.last_line().replace(work, '')[:150]}"


def f20():
    """a start with little free disk space"""
    disk = mount("8M")
    for free_kib in (4, 8, 12, 140, 144, 200):
        filler = os.path.join(disk, "filler")
        fill(filler, free_kib << 10)
        store = Store(1, {1: free_port()}, os.path.join(disk, "log"))
        until(lambda: store.has_ended() or " is up" in store.output())
        store.stop(signal.SIGTERM)
        if re.search("SIGBUS|InternalError|fatal error", store.output()):
            return True, f"{free_kib} KiB free: the process is ended by a signal or an internal error"
        os.unlink(filler)
        shutil.rmtree(os.path.join(disk, "log"), ignore_errors=True)
    return False, f"each start is refused in one line or succeeds; {store.reason()}"


def f21():
    """a disk of 40 MiB is filled with values"""
    store = Store(1, {1: free_port()}, os.path.join(mount("40M"), "log"))
    require(lambda: store.set("x", "0"), "a write")
    stored = store.write(0, 100, 7000)
    time.sleep(1)  # in which the log prepares its next segment
    stored += store.write(stored, 10_000, 7000)
    mib = stored * 7000 / (1 << 20)
    return mib < 30, f"{mib:.1f} MiB of values are acknowledged before it is full"


def f24():
    """the index of a log outgrows the direct memory of the process"""
    directory = new_directory()
    writer = log_user(directory, "1000000", "-XX:MaxDirectMemorySize=6m")
    writer.process.wait(4 * PATIENCE_S)
    reader = log_user(directory, "once", "-XX:MaxDirectMemorySize=5m")
    reader.process.wait(4 * PATIENCE_S)
    named = ["MaxDirectMemorySize" in process.output() and "OutOfMemoryError" not in process.output()
             for process in (writer, reader)]
    return not all(named), " / ".join(process.last_line().replace(work, "")[-110:] for process in (writer, reader))


def f25():
    """three members are started 7 s apart; each says whether it is ready, and gets one write when it is"""
    addresses = {id: free_port() for id in (1, 2, 3)}
    directory = new_directory()
    stores, seen = [], []
    for id in addresses:
        if stores:
            time.sleep(7)
            seen.append(stores[0].info("ready") or "nothing")
        stores.append(Store(id, addresses, os.path.join(directory, str(id))))
        require(lambda: " is up" in stores[-1].output(), "a start")
    reason = stores[0].info("not_ready")[:60]
    are_ready = until(lambda: all(store.info("ready") == "1" for store in stores), 20)
    written = [store.ask("set x 1") for store in stores]
    return not are_ready or seen != ["0", "0"] or written != [["+OK"]] * 3, (
        f"ready while the others are missing: {seen}; later: {are_ready}; the first write at each: {written}; {reason}")


def f29():
    """a second process has the id of a running member, an empty directory and another port"""
    cluster = Cluster()
    second = cluster.start(3, data=cluster.data("3-again"), addresses={**cluster.addresses, 3: free_port()})
    until(lambda: second.has_ended() or second.info("leader_id") not in ("", "0"), 20)
    if not second.has_ended():
        return True, "it is not refused, and no replica logs it: " + second.last_line().replace(work, "")
    good = all(until(lambda: replica.set("x", "1"), WATCH_S) for replica in cluster.replicas)
    said = any("replica 3" in replica.output().replace("replica 3 is up", "") for replica in cluster.replicas)
    return not good or not said, f"the first one goes on, a peer logs it; the second: {second.reason()}"


def f30():
    """all three members restart and replay 60,000 commands of 0.2 ms"""
    addresses = {id: free_port() for id in (1, 2, 3)}
    directory = new_directory()
    start = lambda id, **more: SumMember(id, addresses, os.path.join(directory, str(id)), **more)
    members = [start(id) for id in addresses]
    require(lambda: members[0].ask("add 1").startswith("chosen"), "a command is chosen")
    members[0].ask("fill 60000")
    for member in members:
        member.stop()
    members = [start(id, applyMicros=200) for id in addresses]
    began = time.monotonic()
    require(lambda: any(member.leads() for member in members), "a leader", 60)
    leader_s = time.monotonic() - began
    asked = time.monotonic()
    outcome = members[0].ask("add 1")
    outcome_s = time.monotonic() - asked
    require(lambda: members[0].ask("add 1").startswith("chosen"), "a command is chosen", 60)
    seen = f"a leader {leader_s:.1f} s after the start, {outcome[:40]} after {outcome_s:.2f} s"
    return leader_s > 2 or outcome_s > 5.1, f"{seen}, service after {time.monotonic() - began:.1f} s"


def f34():
    """1,000 clients do nothing"""
    store = alone()
    idle = [store.connect() for _ in range(1000)]
    time.sleep(2)
    answer = store.ask("ping")
    for client in idle:
        client.close()
    until(lambda: store.ask("ping") == ["+PONG"])
    with store.connect() as client:
        client.sendall(b"ping\r\n")
        client.recv(100)
        is_kept_alive = has_keep_alive_timer(store.port, client.getsockname()[1])
    return answer != ["+PONG"] or not is_kept_alive, (
        f"the next one is told {answer}; keep-alive of TCP: {is_kept_alive}")


def has_keep_alive_timer(port, peer_port):
    """Whether the connection from this port of the client has one at the server."""
    with open("/proc/net/tcp") as file:
        fields = [line.split() for line in file]
    with open("/proc/net/tcp6") as file:
        fields += [line.split() for line in file]
    return any(field[1].endswith(f":{port:04X}") and field[2].endswith(f":{peer_port:04X}")
               and field[5].startswith("02:") for field in fields)


def f35():
    """60 clients send large arguments at 64 MiB of heap"""
    store = alone("-Xmx64m")
    executed, refused = [], []
    request = b"*4\r\n$3\r\nSET\r\n$4\r\nnone\r\n$480000\r\n" + b"v" * 480_000 + b"\r\n$2\r\nXX\r\n"

    def send():
        end = time.monotonic() + WATCH_S
        while time.monotonic() < end:
            try:
                with store.connect(3) as client:
                    answers = client.makefile("rb")
                    for _ in range(5):
                        client.sendall(8 * request)
                        for _ in range(8):
                            answer = answers.readline()
                            (executed if answer.startswith(b"+OK") else refused).append(answer)
            except OSError:
                time.sleep(0.1)

    senders = [threading.Thread(target=send) for _ in range(60)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    shortened = f"{len(executed)} requests executed without their value, " if executed else ""
    names = f", a class in an error: {[a for a in refused if b'java.' in a][0]!r}" if any(
        b"java." in answer for answer in refused) else ""
    if until(store.has_ended, 1):
        is_loud = store.process.returncode > 0 and "paxos-kv: " in store.output()
        return bool(executed or names) or not is_loud, (
            f"{shortened}ended with {store.process.returncode}: {store.reason()[:80]}{names}")
    is_served = until(lambda: store.set("x", "1"), WATCH_S)
    return bool(executed or names) or not is_served, (
        f"{shortened}afterwards {'it serves' if is_served else 'the port is deaf and the process lives'}{names}")


def f36():
    """the directory of a running replica is moved away"""
    cluster = Cluster(1)
    store, data = cluster.replicas[0], cluster.data(1)
    written = store.write(0, 100, 60_000)
    os.rename(data, data + "-moved")
    written += store.write(written, 3000, 60_000)  # more than two segments
    until(store.has_ended, WATCH_S)
    line = store.reason() if store.has_ended() else "it has not noticed"
    store.stop()
    again = cluster.start(1, data=data + "-moved")
    opens = until(lambda: again.get("x") or again.has_ended()) == "0"
    missing = again.missing(written) if opens else written
    return missing > 0, f"{written} acknowledged, {missing} out of reach; {line if opens else again.reason()}"


def f38():
    """HTTP requests carry commands; a line ends with LF alone"""
    store = alone()
    answers = []
    for request in (b"POST / HTTP/1.1\r\nHost: x\r\n\r\nSET got 1\r\n", b"GET / HTTP/1.1\r\n\r\nSET got 2\r\n",
                    b"Host: x\r\nSET got 3\r\n", b"$4\r\nPING\r\n"):
        with store.connect(2) as client:
            client.sendall(request)
            try:
                while answer := client.recv(4096):
                    answers.append(answer)
            except OSError:
                answers.append(b"")
    with store.connect(2) as client:
        client.sendall(b"PING\n")
        line = client.recv(4096)
    got = store.get("got")
    names = [answer for answer in answers + [line] if b"netty" in answer or b"java." in answer]
    return got != "" or line != b"+PONG\r\n" or bool(names), (
        f"commands in HTTP: {'SET got ' + got + ' executed' if got else 'none executed'}; PING with LF: {line[:90]!r}"
        + (f"; a class in an error: {names[0][:120]!r}" if names else ""))


def f45():
    """a member without a quorum is asked: with an option for the deadline, and when it knows that the others are gone"""
    addresses = {id: free_port() for id in (1, 2, 3)}
    store = Store(1, addresses, os.path.join(new_directory(), "log"), serve=("--timeout-ms", "300"))
    require(lambda: store.has_ended() or " is up" in store.output(), "a start")
    if store.has_ended():
        return True, f"there is no option: {store.reason()}"
    began = time.monotonic()
    answer = store.ask("set x 1")
    took = time.monotonic() - began
    store.stop()
    cluster = Cluster()
    left = require(lambda: next((one for one in cluster.replicas if one.info("role") == "leader"), None), "a leader")
    for other in cluster.replicas:
        if other is not left:
            other.stop()
    time.sleep(3)
    began = time.monotonic()
    refusal = left.ask("set x 1")
    refused = time.monotonic() - began
    shown = f"role {left.info('role')}, leader {left.info('leader_id')}, connected {left.info('connected')}"
    return took > 1 or not answer or refused > 1 or left.info("leader_id") != "0", (
        f"{answer} after {took:.2f} s; 3 s after the others were killed: {shown}, {refusal} after {refused:.2f} s")


def f46():
    """a segment is cut off behind a record, another one is deleted"""
    cluster = Cluster(1)
    store = cluster.replicas[0]
    store.write(0, 20)
    store.stop()
    segment = max(glob.glob(os.path.join(cluster.data(1), "*", "*.cq4")))
    with open(segment, "r+b") as file:
        file.truncate(len(file.read().rstrip(b"\0")) - 40)
    cut = cluster.start(1)
    until(lambda: cut.get("x") is not None or cut.has_ended())
    cut.stop(signal.SIGTERM)
    claims = "never durable" in cut.output()
    cluster = Cluster(1)
    cluster.replicas[0].write(0, 1300, 60_000)  # more than a segment
    cluster.replicas[0].stop(signal.SIGTERM)
    first = min(glob.glob(os.path.join(cluster.data(1), "*", "*.cq4")))
    os.unlink(first)
    deleted = cluster.start(1)
    until(lambda: deleted.has_ended() or deleted.get("x") is not None)
    is_named = os.path.basename(first) in deleted.output()
    told = "claims that nothing durable is missing" if claims else "does not claim what it cannot know"
    return claims or not is_named, f"cut off: {told}; deleted: {deleted.reason()}"


def main():
    shown = 0
    faults = {name.upper(): function for name, function in globals().items() if re.fullmatch(r"f\d+", name)}
    for name in options.faults or sorted(faults, key=lambda name: int(name[1:])):
        if name in ("F18", "F20", "F21") and os.geteuid() != 0:
            print(f"{name:4} skipped: needs root", flush=True)
            continue
        try:
            is_shown, seen = faults[name]()
            shown += is_shown
            print(f"{name:4} {'FAULT' if is_shown else 'ok':5} {faults[name].__doc__}: {seen}", flush=True)
        finally:
            for process in processes:
                process.process.kill()
                process.process.wait()
            processes.clear()
            for directory in reversed(mounts):
                subprocess.run(["umount", directory])
            mounts.clear()
    sys.exit(1 if shown else 0)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that it cleans up
try:
    options.jar = os.path.abspath(options.jar)
    main()
finally:
    shutil.rmtree(work, ignore_errors=True)
