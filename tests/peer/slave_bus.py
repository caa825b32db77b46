"""Meters on one RS485 line, on a pseudo terminal or behind a socket.

  slave_bus.py pty LINK|rtutcp MODE LOG UNIT ...

Prints "ready" or "ready PORT". Each UNIT is a meter whose register N holds N plus
100 times its place in the list; a read of unit 0 they all answer, with their own
addresses. LOG gets the request frames, in hexadecimal, with the time since the
connection or the last byte before, in ms. MODE:

  apart     one reply after the other
  together  all at once: what comes of it is the bytes of both, mixed
  echo      the adapter hands every request back first
  silent    nobody answers unit 0
  zero      the replies to unit 0 carry unit 0
  damaged   a bit of the reply to unit 0 is wrong
  refusing  the reply to unit 0 is exception 02
  late      every meter but the first takes 0.3 s longer
  chatter   another master asks unit 99 every 0.4 s, from the start
  chatter1  the same, three times
"""

import os
import pty
import select
import socket
import struct
import sys
import time
import tty

from crc import crc16


def sealed(frame):
    return frame + crc16(frame)


def value(place, register):
    return register + 100 * place & 0xFFFF


def reply(place, unit, request):
    function, addr, count = struct.unpack(">BHH", request[1:6])
    if function not in (3, 4):
        return sealed(bytes([unit, function | 0x80, 1]))
    words = [value(place, addr + i) for i in range(count)]
    return sealed(struct.pack(">BBB", unit, function, 2 * count) + struct.pack(f">{count}H", *words))


class Bus:
    def __init__(self, mode, log, units):
        self.mode, self.log, self.units = mode, log, units

    def to_all(self, request):
        mode = self.mode
        if mode == "silent":
            return []
        frames = [reply(i, 0 if mode == "zero" else unit, request) for i, unit in enumerate(self.units)]
        if mode == "refusing":
            frames = [sealed(bytes([unit, 0x83, 2])) for unit in self.units]
        if mode == "damaged":
            frames = [frames[0][:3] + bytes([frames[0][3] ^ 0x10]) + frames[0][4:]]
        if mode == "together":
            a, b = frames[:2]
            return [(0, bytes(x & y for x, y in zip(a, b)) + a[len(b):])]
        return [(0.3 if i and mode == "late" else 0.02, frame) for i, frame in enumerate(frames)]

    def answer(self, request):
        unit = request[0]
        echo = [(0, request)] if self.mode == "echo" else []
        if unit == 0:
            return echo + self.to_all(request)
        if unit not in self.units:
            return echo
        return echo + [(0.01, reply(self.units.index(unit), unit, request))]

    def serve(self, read, write, wait):
        last, pending = time.monotonic(), b""
        chatter = {"chatter": 1000, "chatter1": 3}.get(self.mode, 0)
        while True:
            if not wait(0.4):
                if chatter:
                    write(sealed(struct.pack(">BBHH", 99, 3, 0, 1)))
                    chatter -= 1
                    last = time.monotonic()
                continue
            data = read()
            if not data:
                return
            pending += data
            while len(pending) >= 8:
                request, pending = pending[:8], pending[8:]
                print(request.hex(" ").upper(), int(1000 * (time.monotonic() - last)), file=self.log, flush=True)
                for delay, frame in self.answer(request):
                    time.sleep(delay)
                    write(frame)
            last = time.monotonic()


def main(kind, *rest):
    link = rest[0] if kind == "pty" else None
    mode, log, *units = rest[1:] if kind == "pty" else rest
    bus = Bus(mode, open(log, "a", encoding="ascii"), [int(u) for u in units])
    if kind == "pty":
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        os.symlink(os.ttyname(theirs), link)
        print("ready", flush=True)
        bus.serve(lambda: os.read(ours, 512), lambda b: os.write(ours, b),
                  lambda s: select.select([ours], [], [], s)[0])
        return
    listener = socket.create_server(("127.0.0.1", 0))
    print("ready", listener.getsockname()[1], flush=True)
    while True:
        peer, _ = listener.accept()
        with peer:
            try:
                bus.serve(lambda: peer.recv(512), peer.sendall, lambda s: select.select([peer], [], [], s)[0])
            except ConnectionError:
                pass


main(*sys.argv[1:])
