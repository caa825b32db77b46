"""A Modbus RTU slave on a pty that is as slow as a real line.

  paced_slave.py LINK BAUD TURNAROUND_MS LOG [wander]

A pty carries bytes at once. Here a request is taken as complete only when its
characters would have gone over the wire, and the answer's characters come out
when a wire would have let them; between them lie 3.5 characters of silence and
the slave's own turnaround. LOG gets a line per transaction: the monotonic time
of the request's first byte, address and count. A request that starts less than
3.5 characters after the last answer is logged as "early". `wander` lets the
measured values of the live page move a little with each answer.
"""

import os
import select
import struct
import sys
import time
import tty

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peer"))
import registers  # noqa: E402 # pylint: disable=wrong-import-position
from crc import crc16  # noqa: E402 # pylint: disable=wrong-import-position


def until(moment):
    """Waits for the moment; the last stretch awake, a timer is 60 us late."""
    left = moment - time.monotonic()
    if left > 0.0005:
        time.sleep(left - 0.0004)
    while time.monotonic() < moment:
        pass


def take_request(fd, char):
    """The 8 bytes of a read request and when its first one came."""
    raw = b""
    first = 0.0
    while len(raw) < 8:
        timeout = None if not raw else 20 * char
        if not select.select([fd], [], [], timeout)[0]:
            raw = b""
            continue
        try:
            chunk = os.read(fd, 8 - len(raw))
        except OSError:
            return None, 0.0
        first = first or time.monotonic()
        raw += chunk
    return raw, first


def main():
    link, baud, turnaround, log = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) / 1e3, sys.argv[4]
    wander = "wander" in sys.argv[5:]
    words = registers.store()
    char = 10 / baud
    fd, slave = os.openpty()       # the slave side stays open here: no EIO between two masters
    tty.setraw(slave)
    os.symlink(os.ttyname(slave), link)
    print("ready", flush=True)
    step, quiet_from = 0, 0.0
    with open(log, "w", buffering=1, encoding="ascii") as out:
        while True:
            raw, first = take_request(fd, char)
            if raw is None:
                return
            if crc16(raw[:6]) != raw[6:]:
                out.write(f"bad {raw.hex()}\n")
                continue
            unit, function, addr, n = struct.unpack(">BBHH", raw[:6])
            early = " early" if first < quiet_from + 3.5 * char else ""
            out.write(f"{first:.6f} {addr} {n}{early}\n")
            step += 1
            if wander:
                for a in range(0x14, 0x1E):
                    words[a] = 2300 + (7 * a + 3 * step) % 11
            body = bytes([unit, function, 2 * n]) + b"".join(
                struct.pack(">H", words.get(addr + i, 0)) for i in range(n))
            body += crc16(body)
            start = first + (8 + 3.5) * char + turnaround
            for i in range(0, len(body), 4):
                until(start + min(i + 4, len(body)) * char)
                os.write(fd, body[i:i + 4])
            quiet_from = start + len(body) * char


main()
