#!/usr/bin/env python3
"""Shows that members that are far from each other elect a leader and serve.

usage: far-members.py [--jar examples/target/paxos-kv.jar] [--round-trip-ms 400] [--writes 10]

Starts three replicas of the key-value store with their defaults. Between each two of them a relay holds all bytes back
for half of the round trip, in each direction. Prints how long it takes until a replica leads, and how long each write
takes at a follower and at the leader. Exits with 1 if there is no leader within 3 s after the start of the last one.
"""
import argparse, asyncio, os, shutil, socket, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser()
parser.add_argument("--jar", default="examples/target/paxos-kv.jar")
parser.add_argument("--round-trip-ms", type=float, default=400)
parser.add_argument("--writes", type=int, default=10)
options = parser.parse_args()

IDS = (1, 2, 3)
LEADER_WITHIN_S = 3
PATIENCE_S = 60
work = tempfile.mkdtemp(prefix="far-members-")


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


async def hold_back(reader, writer, delay_s):
    """Carries bytes from one end to the other. Each leaves when its delay is over."""
    waiting = asyncio.Queue()

    async def deliver():
        while True:
            due, data = await waiting.get()
            await asyncio.sleep(max(0, due - time.monotonic()))
            if not data:
                break
            writer.write(data)
            await writer.drain()
        writer.close()

    delivery = asyncio.create_task(deliver())
    data = b"-"
    while data:
        try:
            data = await reader.read(1 << 16)
        except OSError:
            data = b""
        waiting.put_nowait((time.monotonic() + delay_s, data))
    try:
        await delivery
    except OSError:
        pass


async def relay(port, target):
    delay_s = options.round_trip_ms / 2000

    async def connected(reader, writer):
        await asyncio.sleep(2 * delay_s)  # the handshake of TCP would take a round trip
        try:
            other_reader, other_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(hold_back(reader, other_writer, delay_s), hold_back(other_reader, writer, delay_s))

    await asyncio.start_server(connected, "127.0.0.1", port)


async def ask(port, line):
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return ""
    writer.write(line.encode() + b"\r\n")
    try:
        answer = await asyncio.wait_for(reader.readline(), 10)
        if answer.startswith(b"$"):
            answer = await reader.readexactly(int(answer[1:]))
        return answer.decode()
    except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
        return ""
    finally:
        writer.close()


async def main():
    members = dict(zip(IDS, free_ports(len(IDS))))
    clients = dict(zip(IDS, free_ports(len(IDS))))
    processes = []
    try:
        for one in IDS:
            others = [other for other in IDS if other != one]
            seen = dict(zip(others, free_ports(len(others))))
            for other, port in seen.items():
                await relay(port, members[other])
            seen[one] = members[one]
            addresses = ",".join(f"{id}=127.0.0.1:{seen[id]}" for id in IDS)
            with open(os.path.join(work, f"{one}.log"), "w") as output:
                processes.append(subprocess.Popen(
                    ["java", "-jar", options.jar, "serve", "--id", str(one), "--replicas", addresses, "--resp",
                     f"127.0.0.1:{clients[one]}", "--data", os.path.join(work, str(one))], stdout=output, stderr=output))
        while not all([await ask(clients[id], "PING") for id in IDS]):
            await asyncio.sleep(0.01)
        begun = time.monotonic()
        leader = 0
        while not leader and time.monotonic() - begun < PATIENCE_S:
            for id in IDS:
                if "role:leader" in await ask(clients[id], "INFO"):
                    leader = id
            await asyncio.sleep(0.01)
        leader_s = time.monotonic() - begun
        print(f"round trip {options.round_trip_ms:g} ms: " + (f"replica {leader} leads after {leader_s:.2f} s" if leader
                                                              else f"no leader in {PATIENCE_S} s"), flush=True)
        failed = leader_s > LEADER_WITHIN_S
        for id in (leader, leader % len(IDS) + 1) if leader else ():
            times = []
            for i in range(options.writes):
                begun = time.monotonic()
                answer = await ask(clients[id], f"SET key{i} value{i}")
                if answer.startswith("+OK"):
                    times.append(time.monotonic() - begun)
            failed |= len(times) < options.writes
            print(f"{'leader' if id == leader else 'follower'} {id}: {len(times)} of {options.writes} writes, "
                  + (f"median {sorted(times)[len(times) // 2] * 1000:.0f} ms, longest {max(times) * 1000:.0f} ms"
                     if times else "none"), flush=True)
        return 1 if failed else 0
    finally:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the relays are cut off with the script
        for process in processes:
            process.kill()
            process.wait()


try:
    options.jar = os.path.abspath(options.jar)
    code = asyncio.run(main())
finally:
    shutil.rmtree(work, ignore_errors=True)
sys.exit(code)
