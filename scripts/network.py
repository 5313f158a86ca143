"""Three replicas of the key-value store, each in a network namespace of its own, on a switch in another one.

A script imports this, builds its parser with `arguments`, and gives its main function to `run_in_network`. That runs
the script a second time, in the namespace of the switch, because the clients are there. Needs root.
"""
import argparse, os, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time

MEMBERS = (1, 2, 3)
PEER_PORT, CLIENT_PORT = 7000, 6379
PATIENCE_S = 60
TAG = "PAXOS_NETWORK_TAG"
tag = os.environ.get(TAG, f"px{os.getpid() % 10000}")
work = tempfile.mkdtemp(prefix="paxos-network-")
options = None  # set by arguments


def arguments(parser):
    global options
    parser.add_argument("--jar", default="examples/target/paxos-kv.jar")
    options = parser.parse_args()
    return options


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


def run_in_network(main, shape=lambda: None):
    """Ends the process with what `main` returns. `shape` may change the network before that, out of the namespaces."""
    if TAG in os.environ:
        try:
            sys.exit(main())
        finally:
            shutil.rmtree(work, ignore_errors=True)
    if os.geteuid() != 0:
        sys.exit(f"{os.path.basename(sys.argv[0])}: needs root, for network namespaces and nft")
    code = 1
    try:
        build_network()
        shape()
        code = subprocess.run(["ip", "netns", "exec", space(0), sys.executable, *sys.argv],
                              env={**os.environ, TAG: tag}).returncode
    finally:
        remove_network()
        shutil.rmtree(work, ignore_errors=True)
    sys.exit(code)
