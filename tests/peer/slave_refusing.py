"""A slave that refuses some of its registers, on raw TCP sockets.

  slave_refusing.py [--log FILE] [--refuse FROM[-TO]:CODE[:TIMES]]... [ADDRESS=WORDS ...]

Prints "ready PORT". Modbus TCP, any unit. It holds the stored set of registers.py and
zeros elsewhere; ADDRESS=WORDS puts other words there, clock=SECONDS the local time so
many seconds from now, in binary, as it goes on. A read or write that touches FROM
to TO is answered with exception CODE, TIMES times (for ever unless said), one that asks
for others as well with 02, and not counted. What is written stays. LOG gets a line a request, in hexadecimal: "r ADDRESS COUNT" or "w ADDRESS WORD ...".
"""

import argparse
import asyncio
import datetime
import struct

import registers


class Refusal:
    """FROM[-TO]:CODE[:TIMES]"""

    def __init__(self, text):
        where, code, *times = text.split(":")
        first, _, last = where.partition("-")
        self.first = int(first, 0)
        self.last = int(last, 0) if last else self.first
        self.code = int(code, 0)
        self.left = int(times[0]) if times else -1

    def code_for(self, addr, count):
        """The exception for a request; 0: none."""
        if self.left == 0 or addr > self.last or addr + count <= self.first:
            return 0
        if addr < self.first or addr + count > self.last + 1:
            return 2
        self.left -= 1
        return self.code


def clock_words(ahead):
    """Second, minute; hour, day; month, year: a byte each (manual 6.2)."""
    t = datetime.datetime.now() + datetime.timedelta(seconds=ahead)
    return struct.unpack(">3H", bytes((t.second, t.minute, t.hour, t.day, t.month, t.year - 2000)))


def answer(pdu, words, args):
    if args.ahead is not None:
        words.update(enumerate(clock_words(args.ahead), 0x11))
    function, addr, count = struct.unpack(">BHH", pdu[:5])
    values = struct.unpack(f">{count}H", pdu[6:]) if function == 0x10 else ()
    if args.log:
        print("w" if values else "r", f"{addr:04X}", *([f"{v:04X}" for v in values] or [count]),
              file=args.log, flush=True)
    for refusal in args.refuse:
        code = refusal.code_for(addr, count)
        if code:
            return bytes((function | 0x80, code))
    if function == 0x10:
        words.update(enumerate(values, addr))
        return pdu[:5]
    if function == 3:
        return struct.pack(f">BB{count}H", 3, 2 * count, *(words.get(addr + i, 0) for i in range(count)))
    return bytes((function | 0x80, 1))


async def main(args):
    words = registers.store()
    for change in args.changes:
        where, what = change.split("=")
        if where == "clock":
            args.ahead = int(what)
            continue
        words.update(enumerate((int(w, 16) for w in what.split(",")), int(where, 0)))

    async def talk(reader, writer):
        try:
            while True:
                head = await reader.readexactly(7)
                pdu = await reader.readexactly(struct.unpack(">H", head[4:6])[0] - 1)
                reply = answer(pdu, words, args)
                writer.write(head[:4] + struct.pack(">HB", len(reply) + 1, head[6]) + reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


parser = argparse.ArgumentParser()
parser.set_defaults(ahead=None)
parser.add_argument("changes", nargs="*", metavar="ADDRESS=WORDS")
parser.add_argument("--log", type=argparse.FileType("w"))
parser.add_argument("--refuse", action="append", default=[], type=Refusal)
asyncio.run(main(parser.parse_intermixed_args()))
