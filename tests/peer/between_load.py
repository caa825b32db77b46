"""A tool and a meter that say frames to each other, and how long that takes.

  between_load.py COUNT BAUD

The meter is at the far end of a pseudo terminal; its name is printed first: "meter PORT". From
then on each line on standard input names the port at which the tool finds it, directly or through
something between; each gets a line:

  same COUNT LEAST MEDIAN

COUNT requests were answered, each of 256 bytes like its reply, and every byte was right; LEAST
and MEDIAN: us from request to reply, of the fastest tenth and of half of them. Else "wrong ..."
"""

import os
import pty
import random
import select
import sys
import termios
import time
import tty

SIZE = 256
PATIENCE = 60


def set_up(fd, baud):
    tty.setraw(fd)
    attr = termios.tcgetattr(fd)
    attr[4] = attr[5] = getattr(termios, f"B{baud}")
    termios.tcsetattr(fd, termios.TCSANOW, attr)


def receive(fd, n):
    """N bytes, in as many parts as they come in; fewer when no more do."""
    got = b""
    while len(got) < n and select.select([fd], [], [], PATIENCE)[0]:
        got += os.read(fd, n - len(got))
    return got


def meter(master):
    """Replies with the request from back to front."""
    while True:
        os.write(master, receive(master, SIZE)[::-1])


def ask(port, count, baud):
    fd = os.open(port, os.O_RDWR | os.O_NOCTTY)
    set_up(fd, baud)
    dice, times = random.Random(count), []
    for number in range(count):
        request = dice.randbytes(SIZE)
        begun = time.monotonic()
        os.write(fd, request)
        reply = receive(fd, SIZE)
        times.append(time.monotonic() - begun)
        if reply != request[::-1]:
            return f"wrong {number}: {len(reply)} bytes"
    os.close(fd)
    times.sort()
    return f"same {count} {times[count // 10] * 1e6:.0f} {times[count // 2] * 1e6:.0f}"


def main():
    count, baud = int(sys.argv[1]), int(sys.argv[2])
    master, slave = pty.openpty()
    set_up(slave, baud)
    child = os.fork()
    if child == 0:
        sys.stdin.close()
        meter(master)
    try:
        print("meter", os.ttyname(slave), flush=True)
        for line in sys.stdin:
            print(ask(line.strip(), count, baud), flush=True)
    finally:
        os.kill(child, 15)


main()
