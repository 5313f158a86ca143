#!/usr/bin/env python3
"""A disk that forgets its cache, as a file for a loop device.

usage: forgetful-disk.py MOUNTPOINT IMAGE SEED      (needs root and /dev/fuse)

MOUNTPOINT/disk shows IMAGE. Written sectors stay in memory until the next fsync writes them to IMAGE.
SIGUSR2 begins the last moment: writes go on, and no fsync ends any more. SIGUSR1 is the loss of power: a random choice of the sectors in memory reaches IMAGE, the others are lost,
and every later request fails.
"""
import ctypes, os, random, signal, struct, sys

SECTOR = 512
mountpoint, image, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
choice = random.Random(seed)
backing = os.open(image, os.O_RDWR)
size = os.fstat(backing).st_size
cache = {}  # sector -> every content since the last fsync
is_off = False
is_last_moment = False
held = []  # requests for an fsync that is not answered
fuse = os.open("/dev/fuse", os.O_RDWR)


def last_moment(*_):
    global is_last_moment
    is_last_moment = True


def send(unique, error, data):
    os.write(fuse, struct.pack("<IiQ", 16 + len(data), -error, unique) + data)


def power_off(*_):
    global is_off
    if not is_off:
        is_off = True
        kept = 0
        for sector, contents in sorted(cache.items()):
            if choice.random() < 0.5:
                os.pwrite(backing, choice.choice(contents), sector * SECTOR)
                kept += 1
        for unique in held:
            send(unique, 5, b"")
        print(f"power off: kept {kept} of {len(cache)} sectors", flush=True)


def attributes(inode):
    is_directory = inode == 1
    mode = 0o40755 if is_directory else 0o100600
    return struct.pack("<QQQQQQIIIIIIIIII", inode, 0 if is_directory else size, size // 512, 0, 0, 0, 0, 0, 0,
                       mode, 1, 0, 0, 0, 4096, 0)


def read(offset, length):
    data = bytearray(os.pread(backing, length, offset))
    for sector in range(offset // SECTOR, (offset + length + SECTOR - 1) // SECTOR):
        if sector in cache:
            at = sector * SECTOR - offset
            data[at:at + SECTOR] = cache[sector][-1]
    return bytes(data)


def write(offset, data):
    for at in range(0, len(data), SECTOR):
        cache.setdefault((offset + at) // SECTOR, []).append(data[at:at + SECTOR])


def flush():
    for sector, contents in cache.items():
        os.pwrite(backing, contents[-1], sector * SECTOR)
    cache.clear()


def answer(opcode, node, unique, body):
    """The answer to one request as (errno, bytes), or None if there is none."""
    if opcode == 26:  # INIT
        return 0, struct.pack("<IIIIHHIIHHI7I", 7, 31, 1 << 17, 0, 16, 12, 1 << 17, 1, 0, 0, 0, *[0] * 7)
    if opcode in (2, 42):  # FORGET
        return None
    if opcode == 1:  # LOOKUP
        if body.rstrip(b"\0") != b"disk":
            return 2, b""
        return 0, struct.pack("<QQQQII", 2, 0, 3600, 3600, 0, 0) + attributes(2)
    if opcode in (3, 4):  # GETATTR, SETATTR
        return 0, struct.pack("<QII", 3600, 0, 0) + attributes(node)
    if opcode in (14, 27):  # OPEN, OPENDIR: 1 is direct I/O
        return 0, struct.pack("<QII", 1, 1, 0)
    if opcode == 15:
        _, offset, length = struct.unpack_from("<QQI", body)
        return (5, b"") if is_off else (0, read(offset, min(length, max(0, size - offset))))
    if opcode == 16:
        _, offset, length = struct.unpack_from("<QQI", body)
        if is_off:
            return 5, b""
        write(offset, body[40:40 + length])
        return 0, struct.pack("<II", length, 0)
    if opcode == 20:  # FSYNC
        if is_off:
            return 5, b""
        if is_last_moment:
            held.append(unique)
            return None
        flush()
        return 0, b""
    if opcode in (18, 25, 29, 34):  # RELEASE, FLUSH, RELEASEDIR, ACCESS
        return 0, b""
    return 38, b""


def main():
    options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
    if ctypes.CDLL(None, use_errno=True).mount(b"forgetful", mountpoint.encode(), b"fuse.forgetful", 0, options) != 0:
        sys.exit(f"cannot mount: {os.strerror(ctypes.get_errno())}")
    signal.signal(signal.SIGUSR1, power_off)
    signal.signal(signal.SIGUSR2, last_moment)
    print("ready", flush=True)
    while True:
        try:
            request = os.read(fuse, (1 << 17) + 4096 * 2)
        except OSError as error:
            if error.errno == 19:  # unmounted
                return
            continue
        length, opcode, unique, node = struct.unpack_from("<IIQQ", request)
        result = answer(opcode, node, unique, request[40:length])
        if result is not None:
            send(unique, *result)


main()
