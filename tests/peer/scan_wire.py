"""Serial lines with meters that have a speed and a character format, for tests of `scan`.

  scan_wire.py RECORD LINE ...       LINE: PATH=METER+METER...
  METER: UNIT@BAUD-FRAME[/MS][:KIND]     17@4800-8E1, 3@9600-8N1/400:exception

PATH becomes a pseudo terminal. RECORD is the folder in which line_recorder.c has written how the
program under test has set it. What the program sends at another setting than a meter's is nothing to
that meter, and what a meter sends then is garbage to the program. A reply begins MS (20) after the
request; two at once are garbage.

KIND: adw300 (its first registers, with a clock), sdm630 (a meter code, zeros elsewhere), exception (02
to everything), gateway (exception 0B to other units), broadcast (adw300 that replies to unit 0, too),
master (nobody's meter: another master, which asks it and is answered every MS), peer (PATH.peer: somebody
else's slave).

Prints "ready", and a line for every request that is no read: "wrote LINE HEX". Nothing is paced but
what replies take.
"""

import asyncio
import os
import pty
import re
import sys
import tty

from crc import crc16

READS = (3, 4, 17, 43)


def frame(*parts):
    body = b"".join(p if isinstance(p, bytes) else bytes([p]) for p in parts)
    return body + crc16(body)


def words(*values):
    return b"".join(v.to_bytes(2, "big") for v in values)


class Meter:
    def __init__(self, text):
        m = re.fullmatch(r"(\d+)@(\d+)-(8[NEO][12])(?:/(\d+))?(?::(\w+))?", text)
        self.unit, self.baud, self.kind = int(m[1]), int(m[2]), m[5] or "adw300"
        self.setting = f"{m[2]} {m[3]}"
        self.wait = int(m[4] or 20) / 1000
        self.char = (11 if m[3] != "8N1" else 10) / self.baud
        self.fd = None      # of a peer

    def registers(self, function, addr, count):
        regs = {}
        if self.kind == "sdm630":
            regs = {0xFC02: 0x70, 0xFC00: 0x0123, 0xFC01: 0x4567}
        elif function == 3:
            regs = {0: self.unit, 1: {1200: 1, 2400: 2, 4800: 3}.get(self.baud, 4), 4: 0, 0x11: 0x1E0A, 0x12: 0x0C0F, 0x13: 0x061A}
        return words(*(regs.get(a, 0) for a in range(addr, addr + count)))

    def reply(self, q):
        unit, function = q[0], q[1]
        if unit != self.unit and not (unit == 0 and self.kind == "broadcast"):
            return frame(unit, function | 0x80, 0x0B) if self.kind == "gateway" and unit else None
        if self.kind == "exception" or function not in (3, 4):
            return frame(self.unit, function | 0x80, 2 if function in (3, 4) else 1)
        addr, count = int.from_bytes(q[2:4], "big"), int.from_bytes(q[4:6], "big")
        return frame(self.unit, function, 2 * count, self.registers(function, addr, count))


class Line:
    def __init__(self, record, text):
        self.path, meters = text.split("=")
        self.meters = [Meter(m) for m in meters.split("+") if m]
        self.fd, self.slave = pty.openpty()
        tty.setraw(self.slave)
        os.symlink(os.ttyname(self.slave), self.path)
        self.record = os.path.join(record, os.ttyname(self.slave).rsplit("/", 1)[1])
        self.busy = []      # replies under way
        loop = asyncio.get_running_loop()
        loop.add_reader(self.fd, self.received)
        for m in self.meters:
            if m.kind == "master":
                asyncio.ensure_future(self.master(m))
            elif m.kind == "peer":
                m.fd, other = pty.openpty()
                tty.setraw(other)
                os.symlink(os.ttyname(other), self.path + ".peer")
                loop.add_reader(m.fd, self.peer, m)

    def setting(self):
        try:
            with open(self.record, encoding="ascii") as f:
                return f.read().strip()
        except FileNotFoundError:
            return ""

    def send(self, m, data):
        if self.setting() != m.setting:
            data = bytes((b * 7 + 3) & 0xFF for b in data[::-1])
        os.write(self.fd, data)

    def received(self):
        q = os.read(self.fd, 512)
        if q[1] not in READS:
            print("wrote", self.path, q.hex(), flush=True)
        for m in self.meters:
            if m.setting != self.setting() or crc16(q[:-2]) != q[-2:]:
                continue
            if m.kind == "peer":
                os.write(m.fd, q)
            elif m.kind != "master" and (data := m.reply(q)):
                asyncio.ensure_future(self.answer(m, data, len(q)))

    async def answer(self, m, data, asked):
        await asyncio.sleep(asked * m.char + m.wait)
        mine = [m, True]
        for other in self.busy:
            other[1] = mine[1] = False
        self.busy.append(mine)
        step = max(1, int(0.016 / m.char))      # as adapters hand it over
        for at in range(0, len(data), step):
            part = data[at:at + step]
            await asyncio.sleep(len(part) * m.char)
            self.send(m, part if mine[1] else bytes(b ^ 0x55 for b in part))
        self.busy.remove(mine)

    def peer(self, m):
        self.send(m, os.read(m.fd, 512))

    async def master(self, m):
        q = frame(m.unit, 3, words(0x14, 2))
        while True:
            self.send(m, q)
            await asyncio.sleep(0.03)
            self.send(m, frame(m.unit, 3, 4, words(2301, 2302)))
            await asyncio.sleep(m.wait)


async def serve():
    lines = [Line(sys.argv[1], text) for text in sys.argv[2:]]
    print("ready", flush=True)
    await asyncio.Event().wait()
    return lines

asyncio.run(serve())
