"""A slave that misbehaves, on raw sockets: what a bad line or a bad box does.

  slave_faulty.py rtutcp|tcp|rtuudp|udp FAULT [LOG]

Prints "ready PORT". Register N holds N, on any unit (only on 1 where the fault
is that it moves), until it is written. FAULT is a method of Slave below; each
says what goes back for a request. Those that begin with "write" befall writes;
reads are answered well, but for what the write did to the meter: one that has
gone mute is brought back by SIGUSR1. LOG gets a line a request, in hexadecimal:
"r ADDRESS COUNT" or "w ADDRESS WORD ..."; "write" is printed when one has come.
"""

import asyncio
import signal
import socket
import struct
import sys
import time

from crc import crc16


class Slave:
    """What comes back for a request; each fault is (delay, bytes) pairs, of which a
    datagram each is made where they are those. A third one: not from here."""

    def __init__(self, kind, fault, log):
        self.rtu = kind.startswith("rtu")
        self.log = log
        self.count = self.writes = 0
        self.regs = {}
        self.mute_until = 0.0
        self.only_unit = 1 if fault.startswith("write_moves") else None
        if self.only_unit:
            self.regs[0] = self.only_unit

    def wrap(self, pdu, unit=None, tid=None, protocol=0, length=None):
        unit = self.unit if unit is None else unit
        if self.rtu:
            frame = bytes([unit]) + pdu
            return frame + crc16(frame)
        length = len(pdu) + 1 if length is None else length
        return struct.pack(">3HB", self.tid if tid is None else tid, protocol, length, unit) + pdu

    def good(self, first=0):
        words = [self.regs.get(self.addr + i, self.addr + i + first) & 0xFFFF for i in range(self.n)]
        return struct.pack(">BB", self.function, 2 * self.n) + struct.pack(f">{self.n}H", *words)

    def take(self, request):
        self.request = request
        if self.rtu:
            pdu = request[1:-2]
            self.unit = request[0]
        else:
            self.tid, _, _, self.unit = struct.unpack(">3HB", request[:7])
            pdu = request[7:]
        self.function, self.addr, self.n = struct.unpack(">BHH", pdu[:5])
        self.words = struct.unpack(f">{self.n}H", pdu[6:]) if self.function == 0x10 else ()
        if self.function == 6:
            self.words, self.n = (self.n,), 1
        self.count += 1
        if self.log:
            print("w" if self.words else "r", f"{self.addr:04X}",
                  *([f"{w:04X}" for w in self.words] or [self.n]), file=self.log, flush=True)

    def answer(self, fault):
        """What goes back, and when; None: the connection ends."""
        if fault.startswith("write"):
            if time.monotonic() < self.mute_until or self.only_unit not in (None, self.unit):
                return []
            if not self.words:
                return self.none()
            self.writes += 1
            print("write", flush=True)
        return getattr(self, fault)()

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

    # ---- those of datagrams

    def lossy(self):
        """Two of five requests are lost, and one answer of five."""
        return self.none() if self.count % 5 in (1, 4) else []

    def three_times(self):
        return self.none() * 3

    def before_too(self):
        """The answer to the request before comes once more, right before this one's."""
        last, self.held = getattr(self, "held", None), self.wrap(self.good())
        return [(0, frame) for frame in (last, self.held) if frame]

    def from_elsewhere(self):
        return [(0, self.wrap(self.good(1)), True)]

    def from_elsewhere_first(self):
        return self.from_elsewhere() + [(0.01, self.wrap(self.good()))]

    def empty_first(self):
        return [(0, b""), (0, b""), (0.01, self.wrap(self.good()))]

    def empty(self):
        return [(0, b"")]

    def oversize(self):
        return [(0, self.wrap(self.good()) + bytes(1200))]

    def oversize_first(self):
        return self.oversize() + self.none()

    def cut_first(self):
        return [(0, self.wrap(self.good(1))[:-1])] + self.none()

    def in_two(self):
        frame = self.wrap(self.good())
        return [(0, frame[:5]), (0, frame[5:])]

    def behind_another(self):
        """Another unit's answer, or one to another request, in the same datagram."""
        other = self.wrap(self.good(1), unit=self.unit + 1) if self.rtu else \
            self.wrap(self.good(1), tid=self.tid ^ 0x5A5A)
        return [(0, other + self.wrap(self.good()))]

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

    def other_unit(self):
        """A meter with a network port of its own: 255 in every reply."""
        self.unit = 255
        return self.none()

    def other_unit_exception(self):
        self.unit = 255
        return self.exception(2)

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

    def own_transaction(self):
        """A gateway that counts by itself."""
        return [(0, self.wrap(self.good(), tid=self.tid + 1 & 0xFFFF))]

    def no_transaction(self):
        return [(0, self.wrap(self.good(), tid=0))]

    def other_framing(self):
        """RTU where Modbus TCP is spoken, and the other way round."""
        self.rtu, self.tid = not self.rtu, 7
        answer = self.wrap(self.good())
        self.rtu = not self.rtu
        return [(0, answer)]

    def other_framing_exception(self):
        self.rtu, self.tid = not self.rtu, 7
        answer = self.exception(2)
        self.rtu = not self.rtu
        return answer

    def ffff(self):
        self.regs[self.addr] = 0xFFFF
        return self.none()

    def doubled(self):
        """What telnet does to a byte FF."""
        self.regs[self.addr] = 0x08FF
        return [(0, self.wrap(self.good()).replace(b"\xff", b"\xff\xff"))]

    def doubled_ffff(self):
        self.regs[self.addr] = 0xFFFF
        return [(0, self.wrap(self.good()).replace(b"\xff", b"\xff\xff"))]

    def telnet_options(self):
        """Negotiates when it is connected to, and makes nothing of requests."""
        return []

    greeting = {"telnet_options": bytes.fromhex("FFFD18FFFD20FFFD23FFFD27")}

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

    # ---- the faults of writes

    def store(self):
        self.regs.update(enumerate(self.words, self.addr))

    def acknowledge(self):
        last = self.words[0] if self.function == 6 else self.n
        return [(0, self.wrap(struct.pack(">BHH", self.function, self.addr, last)))]

    def mute(self, seconds=1e9):
        self.mute_until = time.monotonic() + seconds

    def write(self):
        self.store()
        return self.acknowledge()

    def write_other_unit(self):
        self.unit = 255
        return self.write()

    def write_ignored(self):
        return self.acknowledge()

    def write_changed(self):
        """Something else is stored than was sent."""
        self.words = [w ^ 1 for w in self.words]
        return self.write()

    def write_request_lost(self):
        return [] if self.writes == 1 else self.write()

    def write_never_arrives(self):
        return []

    def write_reply_lost(self):
        self.store()
        return []

    def write_mute(self):
        """Stored, and that was the last of it."""
        self.store()
        self.mute()
        return []

    def write_lost_and_mute(self):
        if self.writes > 1:
            return self.write()
        self.mute()
        return []

    def write_restarts(self):
        answer = self.write()
        self.mute(2)
        return answer

    def write_restarts_first(self):
        """Restarts without an answer."""
        self.store()
        self.mute(2)
        return []

    def write_late(self):
        """Acknowledged when the request has long been given up."""
        return [(0.8, frame) for _, frame in self.write()]

    def write_late_store(self):
        """Acknowledged at once; the flash takes its time."""
        asyncio.get_running_loop().call_later(0.2, self.regs.update, dict(enumerate(self.words, self.addr)))
        return self.acknowledge()

    def write_garbage(self):
        self.store()
        return self.garbage()

    def write_lost_garbage(self):
        """Nothing stored the first time, and noise for an answer."""
        return self.garbage() if self.writes == 1 else self.write()

    def write_ack_of_another(self):
        """Stored, but the answer names another register."""
        self.store()
        self.addr += 1
        return self.acknowledge()

    def write_ack_corrupt(self):
        frame = bytearray(self.write()[0][1])
        frame[-1] ^= 0x10
        return [(0, bytes(frame))]

    def write_ack_twice(self):
        return self.write() * 2

    def write_hang_up(self):
        self.store()
        return None

    def write_lost_hang_up(self):
        return None if self.writes == 1 else self.write()

    def write_refused(self):
        return self.exception(4)

    def write_not_known(self):
        return self.exception(1)

    def write_by_06(self):
        return self.write() if self.function == 6 else self.exception(1)

    def write_by_06_request_lost(self):
        """The first by 06, after 10H has been refused."""
        return [] if self.writes == 2 else self.write_by_06()

    def write_refused_but_stored(self):
        self.store()
        return self.exception(6)

    def write_moves(self):
        """Address 0000H: answered from the old one, obeyed at once."""
        answer = self.write()
        self.only_unit = self.regs[0]
        return answer

    def write_moves_silently(self):
        self.write_moves()
        return []

    def write_moves_and_mute(self):
        self.write_moves()
        self.mute()
        return []


async def frame_of(reader, rtu):
    """The next request, whole: 10H is as long as it says (and 03 is not)."""
    if not rtu:
        head = await reader.readexactly(6)
        return head + await reader.readexactly(struct.unpack(">H", head[4:])[0])
    head = await reader.readexactly(7)
    return head + await reader.readexactly(head[6] + 2 if head[1] == 0x10 else 1)


async def main(kind, fault, log=None):
    slave = Slave(kind, fault, log and open(log, "w", encoding="ascii"))
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, slave.mute, 0)

    async def talk(reader, writer):
        try:
            writer.write(slave.greeting.get(fault, b""))
            while True:
                slave.take(await frame_of(reader, slave.rtu))
                answer = slave.answer(fault)
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

    async def reply(transport, request, peer):
        slave.take(request)
        for delay, frame, *elsewhere in slave.answer(fault) or []:
            await asyncio.sleep(delay)
            if elsewhere:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                    other.sendto(frame, peer)
            else:
                transport.sendto(frame, peer)

    class Datagrams(asyncio.DatagramProtocol):
        """One request after the other, as they came."""

        def connection_made(self, transport):
            self.transport = transport
            self.queue = asyncio.Queue()
            self.task = asyncio.create_task(self.serve())

        def datagram_received(self, data, addr):
            self.queue.put_nowait((data, addr))

        async def serve(self):
            while True:
                await reply(self.transport, *await self.queue.get())

    if kind.endswith("udp"):
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            Datagrams, local_addr=("127.0.0.1", 0))
        print("ready", transport.get_extra_info("sockname")[1], flush=True)
        await asyncio.Event().wait()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
