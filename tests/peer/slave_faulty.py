"""A slave that misbehaves, on raw sockets: what a bad line or a bad box does.

  slave_faulty.py rtutcp|tcp FAULT

Prints "ready PORT". Register N holds N, on unit 1. FAULT is a method of Slave
below; each says what goes back for a request.
"""

import asyncio
import struct
import sys

from crc import crc16


class Slave:
    """What comes back for a request; each fault is (delay, bytes) pairs."""

    def __init__(self, kind):
        self.rtu = kind == "rtutcp"
        self.count = 0

    def wrap(self, pdu, unit=None, tid=None, protocol=0, length=None):
        unit = self.unit if unit is None else unit
        if self.rtu:
            frame = bytes([unit]) + pdu
            return frame + crc16(frame)
        length = len(pdu) + 1 if length is None else length
        return struct.pack(">3HB", self.tid if tid is None else tid, protocol, length, unit) + pdu

    def good(self, first=0):
        words = [(self.addr + i + first) & 0xFFFF for i in range(self.n)]
        return struct.pack(">BB", self.function, 2 * self.n) + struct.pack(f">{self.n}H", *words)

    def take(self, request):
        self.request = request
        if self.rtu:
            self.unit, self.function, self.addr, self.n = struct.unpack(">BBHH", request[:6])
        else:
            self.tid, _, _, self.unit, self.function, self.addr, self.n = struct.unpack(">3HBBHH", request[:12])
        self.count += 1

    # ---- the faults

    def none(self):
        return [(0, self.wrap(self.good()))]

    def silent(self):
        return []

    def first_silent(self):
        return self.none() if self.count > 1 else []

    def late(self):
        """The first answer comes while the retry is on its way, and the
        retry's own right behind it, as if it were the next request's."""
        if self.count == 1:
            self.held = self.wrap(self.good())
            return []
        if self.count == 2:
            return [(0, self.held + self.wrap(self.good()))]
        return self.none()

    def corrupt(self):
        frame = bytearray(self.wrap(self.good()))
        frame[-3 if self.rtu else 8] ^= 0x10
        return [(0, bytes(frame))]

    def first_corrupt(self):
        return self.none() if self.count > 1 else self.corrupt()

    def wrong_unit(self):
        return [(0, self.wrap(self.good(1), unit=self.unit + 1))]

    def wrong_unit_first(self):
        return [(0, self.wrap(self.good(1), unit=self.unit + 1)), (0.05, self.wrap(self.good()))]

    def wrong_function(self):
        return [(0, self.wrap(b"\x04" + self.good()[1:]))]

    def wrong_count(self):
        """One register more than asked for, and the byte count to match."""
        self.n += 1
        return [(0, self.wrap(self.good()))]

    def lying_count(self):
        """The byte count says more than there is."""
        pdu = bytearray(self.good())
        pdu[1] += 2
        return [(0, self.wrap(bytes(pdu)))]

    def short(self):
        return [(0, self.wrap(self.good())[:-3])]

    def garbage(self):
        return [(0, bytes((37 * i + 11 * self.count) & 0xFF for i in range(23)))]

    def flood(self):
        """Never stops talking (two seconds of it)."""
        return [(0.01, b"\x55" * 200)] * 200

    def echo(self):
        return [(0, self.request)]

    def exception(self, code):
        return [(0, self.wrap(bytes([self.function | 0x80, code])))]

    def exception1(self):
        return self.exception(1)

    def exception2(self):
        return self.exception(2)

    def exception4(self):
        return self.exception(4)

    def exception6(self):
        return self.exception(6)

    def exception99(self):
        return self.exception(99)

    def block_refused(self):
        """More than one register at a time is refused with 2, as a meter does
        whose map has a gap there."""
        return self.exception(2) if self.n > 1 else self.none()

    def in_pieces(self):
        return [(0.004, bytes([b])) for b in self.wrap(self.good())]

    def wrong_transaction(self):
        return [(0, self.wrap(self.good(1), tid=self.tid ^ 0x5A5A))]

    def wrong_transaction_first(self):
        return [(0, self.wrap(self.good(1), tid=self.tid ^ 0x5A5A)), (0.02, self.wrap(self.good()))]

    def wrong_protocol(self):
        return [(0, self.wrap(self.good(), protocol=7))]

    def huge_length(self):
        return [(0, self.wrap(self.good(), length=0xFFFF))]

    def zero_length(self):
        return [(0, self.wrap(self.good(), length=0))]

    def hang_up(self):
        return None

    def first_hang_up(self):
        return self.none() if self.count > 1 else None

    def half_then_hang_up(self):
        return [(0, self.wrap(self.good())[:4]), None]


async def main(kind, fault):
    slave = Slave(kind)

    async def talk(reader, writer):
        try:
            while True:
                slave.take(await reader.readexactly(8 if slave.rtu else 12))
                answer = getattr(slave, fault)()
                for step in [None] if answer is None else answer:
                    if step is None:
                        return
                    await asyncio.sleep(step[0])
                    writer.write(step[1])
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
