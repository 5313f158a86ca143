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
import argparse, re, signal, threading, time
from network import *

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=20)
parser.add_argument("--seconds", type=float, default=30)
parser.add_argument("--percent", type=int, default=30, help="of the packets that are lost")
parser.add_argument("kinds", nargs="*", default=[])
options = arguments(parser)

LIMIT_S = 1.0


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


run_in_network(main)
