"""What a master and its meters say, as a USB adapter hands it over: what came in 16 ms at once,
and a pause. meterctl listens.

  lumps.py FRAMES

Prints how many of them it has heard as they were.
"""

import json
import os
import pty
import random
import subprocess
import sys
import time
import tty

from crc import crc16

METERCTL = os.environ.get("METERCTL", "./meterctl")
LUMP = 184          # bytes in 16 ms at 115200 8N1
PAUSE_S = 0.024     # more than is between two lumps, and than ends a burst


def frames(count, dice):
    """Requests and their replies, of registers that hold no secret."""
    for _ in range(count // 2):
        unit, addr, n = dice.randrange(1, 20), 20 + dice.randrange(500), dice.randrange(1, 60)
        request = bytes((unit, 3, addr >> 8, addr & 0xFF, 0, n))
        reply = bytes((unit, 3, 2 * n)) + dice.randbytes(2 * n)
        yield from (f + crc16(f) for f in (request, reply))


def main():
    said = list(frames(int(sys.argv[1]), random.Random(5)))
    master, slave = pty.openpty()
    tty.setraw(slave)
    rows = open(os.environ["TMP"] + "/lumps.heard", "w+")
    heard = subprocess.Popen([METERCTL, "-v", "-f", "jsonl", "listen", "rtu:" + os.ttyname(slave), "-n", str(len(said)),
                              "--for", "60"], stdout=rows, stderr=subprocess.PIPE, text=True)
    heard.stderr.readline()     # it listens
    data = b"".join(said)
    for at in range(0, len(data), LUMP):
        os.write(master, data[at:at + LUMP])
        time.sleep(PAUSE_S)
    heard.communicate()
    rows.seek(0)
    told = [bytes.fromhex(row["bytes"]) for row in map(json.loads, rows) if row["kind"] in ("request", "reply")]
    print(sum(a == b for a, b in zip(said, told)), "of", len(said), "frames")


main()
