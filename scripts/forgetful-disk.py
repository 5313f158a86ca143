#!/usr/bin/env python3
"""A disk that forgets its cache, as a file for a loop device.

usage: forgetful-disk.py MOUNTPOINT IMAGE SEED      (needs root and /dev/fuse)

MOUNTPOINT/disk shows IMAGE. Written sectors stay in memory until the next fsync writes them to IMAGE.
Prints "ready", then obeys each line of its input and answers it with one line:

  fail N FIRST-LAST...   the next N writes to these sectors fail with EIO, the sectors keep what they had; 0 is all
  mend                   writes succeed again; the answer says how many have failed
  last-moment            writes go on, and no fsync ends any more
  power-off              a random choice of the sectors in memory reaches IMAGE, the others are lost, and every later
                         request fails

The end of the input ends the disk.
"""
import ctypes, errno, os, random, select, struct, sys

SECTOR = 512
mountpoint, image, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
choice = random.Random(seed)
backing = os.open(image, os.O_RDWR)
size = os.fstat(backing).st_size
cache = {}  # sector -> every content since the last fsync
is_off = False
is_last_moment = False
held = []  # requests for an fsync that is not answered
failing = []  # ranges of sectors whose writes fail
failures_left = 0
failed = 0  # writes, since the last "fail"
fuse = os.open("/dev/fuse", os.O_RDWR | os.O_NONBLOCK)


def obey(command, *arguments):
    """Carries out a line of the input and returns the answer."""
    global is_last_moment, failing, failures_left, failed
    if command == "fail":
        failures_left = int(arguments[0]) or sys.maxsize
        failing = [tuple(map(int, sectors.split("-"))) for sectors in arguments[1:]]
        failed = 0
        return "failing"
    if command == "mend":
        failing = []
        return f"{failed} writes failed"
    if command == "last-moment":
        is_last_moment = True
        return "the last moment"
    if command == "power-off":
        return power_off()
    return f"unknown: {command}"


def send(unique, error, data):
    os.write(fuse, struct.pack("<IiQ", 16 + len(data), -error, unique) + data)


def power_off():
    global is_off
    is_off = True
    kept = 0
    for sector, contents in sorted(cache.items()):
        if choice.random() < 0.5:
            os.pwrite(backing, choice.choice(contents), sector * SECTOR)
            kept += 1
    for unique in held:
        send(unique, errno.EIO, b"")
    return f"power off: kept {kept} of {len(cache)} sectors"


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


def fails(offset, length):
    """Whether this write is to fail. Counts it if so."""
    global failures_left, failed
    from_sector, through_sector = offset // SECTOR, (offset + length - 1) // SECTOR
    if failures_left == 0 or not any(first <= through_sector and from_sector <= last for first, last in failing):
        return False
    failures_left -= 1
    failed += 1
    return True


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
            return errno.ENOENT, b""
        return 0, struct.pack("<QQQQII", 2, 0, 3600, 3600, 0, 0) + attributes(2)
    if opcode in (3, 4):  # GETATTR, SETATTR
        return 0, struct.pack("<QII", 3600, 0, 0) + attributes(node)
    if opcode in (14, 27):  # OPEN, OPENDIR: 1 is direct I/O
        return 0, struct.pack("<QII", 1, 1, 0)
    if opcode == 15:  # READ
        _, offset, length = struct.unpack_from("<QQI", body)
        return (errno.EIO, b"") if is_off else (0, read(offset, min(length, max(0, size - offset))))
    if opcode == 16:  # WRITE
        _, offset, length = struct.unpack_from("<QQI", body)
        if is_off or fails(offset, length):
            return errno.EIO, b""
        write(offset, body[40:40 + length])
        return 0, struct.pack("<II", length, 0)
    if opcode == 20:  # FSYNC
        if is_off:
            return errno.EIO, b""
        if is_last_moment:
            held.append(unique)
            return None
        flush()
        return 0, b""
    if opcode in (18, 25, 29, 34):  # RELEASE, FLUSH, RELEASEDIR, ACCESS
        return 0, b""
    return errno.ENOSYS, b""


def serve():
    """Answers one request. Returns False if the disk is unmounted."""
    try:
        request = os.read(fuse, (1 << 17) + 4096 * 2)
    except OSError as error:
        return error.errno != errno.ENODEV
    length, opcode, unique, node = struct.unpack_from("<IIQQ", request)
    result = answer(opcode, node, unique, request[40:length])
    if result is not None:
        send(unique, *result)
    return True


def main():
    options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
    if ctypes.CDLL(None, use_errno=True).mount(b"forgetful", mountpoint.encode(), b"fuse.forgetful", 0, options) != 0:
        sys.exit(f"cannot mount: {os.strerror(ctypes.get_errno())}")
    print("ready", flush=True)
    is_mounted = True
    while is_mounted:
        ready, _, _ = select.select([fuse, sys.stdin], [], [])
        if sys.stdin in ready:
            line = sys.stdin.readline()
            if not line:
                return
            print(obey(*line.split()), flush=True)
        is_mounted = fuse not in ready or serve()


main()
