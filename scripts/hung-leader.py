#!/usr/bin/env python3
"""Measures how long a cluster is without service when its leader hangs.

usage: hung-leader.py [--jar examples/target/paxos-kv.jar] [--rounds 20] [--within-s 0.5]

Starts three replicas of the key-value store with their defaults. In each round the process of the leader is stopped
with SIGSTOP, so that its connections stay open and no packet tells the others. A client of another replica writes one
value after the other. Prints the time from the signal to the first acknowledged write, of each round, and the median.
Exits with 1 if one is longer than --within-s.
"""
import argparse, os, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser()
parser.add_argument("--jar", default="examples/target/paxos-kv.jar")
parser.add_argument("--rounds", type=int, default=20)
parser.add_argument("--within-s", type=float, default=0.5)
options = parser.parse_args()

IDS = (1, 2, 3)
PATIENCE_S = 60
work = tempfile.mkdtemp(prefix="hung-leader-")


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def ask(port, line, timeout=7):
    """The answer; empty if there is none."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(line.encode() + b"\r\n")
            answer = b""
            while not answer.endswith(b"\r\n") or (answer.startswith(b"$") and answer.count(b"\r\n") < 3):
                more = connection.recv(1 << 16)
                if not more:
                    return ""
                answer += more
            return answer.decode()
    except OSError:
        return ""


def until(found, what):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        result = found()
        if result:
            return result
        time.sleep(0.02)
    raise SystemExit(f"{what}: not in {PATIENCE_S} s")


def main():
    members = ",".join(f"{id}=127.0.0.1:{port}" for id, port in zip(IDS, free_ports(len(IDS))))
    clients = dict(zip(IDS, free_ports(len(IDS))))
    processes = {}
    try:
        for id in IDS:
            with open(os.path.join(work, f"{id}.log"), "w") as output:
                processes[id] = subprocess.Popen(
                    ["java", "-jar", options.jar, "serve", "--id", str(id), "--replicas", members, "--resp",
                     f"127.0.0.1:{clients[id]}", "--data", os.path.join(work, str(id))], stdout=output, stderr=output)

        def leader():
            leading = [id for id in IDS if "role:leader" in ask(clients[id], "INFO", 1)]
            return leading[0] if len(leading) == 1 else 0

        times = []
        for number in range(options.rounds):
            until(lambda: all(ask(clients[id], f"SET settle {number}", 6).startswith("+OK") for id in IDS), "writes")
            hung = until(leader, "a leader")
            port = clients[hung % len(IDS) + 1]
            with socket.create_connection(("127.0.0.1", port), 7) as connection:
                connection.sendall(b"SET warm 1\r\n")
                connection.recv(100)
                processes[hung].send_signal(signal.SIGSTOP)
                begun = time.monotonic()
                answer = b""
                while not answer.startswith(b"+OK"):
                    connection.sendall(f"SET key {number}\r\n".encode())
                    answer = connection.recv(1000)
                times.append(time.monotonic() - begun)
            processes[hung].send_signal(signal.SIGCONT)
            print(f"round {number + 1}: leader {hung} hangs, a write after {times[-1]:.3f} s", flush=True)
        print(f"median {statistics.median(times):.3f} s, longest {max(times):.3f} s of {len(times)}")
        return 1 if max(times) > options.within_s else 0
    finally:
        for process in processes.values():
            process.kill()
            process.wait()


try:
    options.jar = os.path.abspath(options.jar)
    code = main()
finally:
    shutil.rmtree(work, ignore_errors=True)
sys.exit(code)
