#!/usr/bin/env python3
"""Fills the links between three replicas of the key-value store, and shows what of them is used.

usage: full-link.py [--jar examples/target/paxos-kv.jar] [--seconds 60] [--mbit 100] [--bytes 16384] [--in-flight 256]
                    [--share 0.85] [--clients leader|all]

Each replica has a link of its own to the switch. A token bucket bounds what it sends; what it receives is not bounded,
and clients send over the same link in that direction. Each value leaves the leader twice, once to each follower. So
the link of the leader is the one that is full, and carries at most this many bytes of values each second:

  mbit / 8  x  1448 / 1514 (the payload of a packet)  x  bytes / (bytes + 100) (of a command, and of a value)  / 2

It can be a little more: a follower that falls behind fetches values from the other follower, over that one's link.

Clients send SET commands, so many at any time. Prints for each 10 s how many commands succeeded, and at the end:
goodput, its share of what the link carries, bytes that each replica has sent for each command, and elections. Needs
root. Exits with 1 if there was an election or the share is too low.
"""
import argparse, re, selectors, socket, threading, time
from network import *

parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=float, default=60)
parser.add_argument("--warmup", type=float, default=5)
parser.add_argument("--mbit", type=int, default=100, help="of each link, in the direction from the replica")
parser.add_argument("--bytes", type=int, default=16384, help="of a value")
parser.add_argument("--in-flight", type=int, default=256, help="commands that wait for their reply")
parser.add_argument("--share", type=float, default=0.85, help="of what the link carries, that is enough")
parser.add_argument("--clients", choices=("leader", "all"), default="leader", help="which replicas get the commands")
options = arguments(parser)

PACKET_SHARE = 1448 / 1514
COMMAND_OVERHEAD = 100
STEP_S = 10


def shape():
    for id in MEMBERS:
        inside(id, "tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", f"{options.mbit}mbit", "burst", "128kb",
               "latency", "50ms")


def sent_bytes(id):
    return int(re.search(r"Sent (\d+) bytes", inside(id, "tc", "-s", "qdisc", "show", "dev", "eth0").stdout).group(1))


class Client:
    """One connection, with one command at a time."""

    def __init__(self, number, id):
        self.key = f"key{number}".encode()
        self.socket = socket.create_connection((address(id), CLIENT_PORT))
        self.socket.setblocking(False)
        value = b"x" * options.bytes
        self.request = b"*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n" % (len(self.key), self.key, len(value), value)
        self.left = memoryview(self.request)
        self.reply = b""

    def send(self):
        """Whether the command is sent."""
        try:
            self.left = self.left[self.socket.send(self.left):]
        except BlockingIOError:
            pass
        return not self.left

    def receive(self):
        """The reply, if it is there."""
        self.reply += self.socket.recv(4096)
        if not self.reply.endswith(b"\r\n"):
            return None
        reply, self.reply, self.left = self.reply, b"", memoryview(self.request)
        return reply


def load(ids, until, counts, errors):
    """Each reply is counted by what it says."""
    selector = selectors.DefaultSelector()
    for number in range(options.in_flight):
        client = Client(number, ids[number % len(ids)])
        selector.register(client.socket, selectors.EVENT_WRITE, client)
    while time.monotonic() < until:
        for key, events in selector.select(0.1):
            client = key.data
            if events & selectors.EVENT_WRITE:
                if client.send():
                    selector.modify(client.socket, selectors.EVENT_READ, client)
            else:
                reply = client.receive()
                if reply is not None:
                    if reply.startswith(b"+OK"):
                        counts.append(time.monotonic())
                    else:
                        errors.append(reply.decode(errors="replace").strip())
                    selector.modify(client.socket, selectors.EVENT_WRITE, client)


def ballot(id):
    return info(id, "ballot")


def main():
    replicas = started()
    try:
        leader = leader_of(replicas)
        first = ballot(leader)
        counts, errors = [], []
        begun = time.monotonic() + options.warmup
        ids = MEMBERS if options.clients == "all" else (leader,)
        loader = threading.Thread(target=load, args=(ids, begun + options.seconds, counts, errors))
        loader.start()
        time.sleep(options.warmup)
        before = {id: sent_bytes(id) for id in MEMBERS}
        for step in range(int(options.seconds / STEP_S)):
            time.sleep(max(0, begun + (step + 1) * STEP_S - time.monotonic()))
            done = sum(begun + step * STEP_S <= at < begun + (step + 1) * STEP_S for at in counts)
            print(f"  {(step + 1) * STEP_S} s: {done / STEP_S:.0f} commands/s, {len(errors)} failed so far", flush=True)
        after = {id: sent_bytes(id) for id in MEMBERS}
        loader.join()
        return result(replicas, leader, first, sum(at >= begun for at in counts), errors, before, after)
    finally:
        stop(replicas)


def result(replicas, leader, first, count, errors, before, after):
    limit = options.mbit * 1e6 / 8 * PACKET_SHARE * options.bytes / (options.bytes + COMMAND_OVERHEAD) / 2
    goodput = count * options.bytes / options.seconds
    last = {id: ballot(id) for id in MEMBERS}
    elected = sum(b != first for b in last.values()) > 0
    for id in MEMBERS:
        sent = after[id] - before[id]
        print(f"replica {id}{' (leader)' if id == leader else ''}: sent {sent / 1e6 / options.seconds:.2f} MB/s,"
              f" {sent / max(1, count) / 1000:.1f} kB for each command")
    for error in sorted(set(errors)):
        print(f"  {errors.count(error)} times: {error}")
    print(f"{count} commands, {goodput / 1e6:.2f} MB/s of values, {goodput / limit:.2f} of what the link carries;"
          f" {len(errors)} failed; ballots {first} before, {last} after: {'ELECTIONS' if elected else 'no election'}")
    return 1 if elected or goodput < options.share * limit else 0


run_in_network(main, shape)
