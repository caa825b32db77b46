"""A Modbus slave by pymodbus, holding the stored set of registers.py.

  slave_pymodbus.py rtu PORT [--log FILE] [--without FROM] [ADDRESS=WORDS ...]
  slave_pymodbus.py tcp PORT [--log FILE] [--without FROM] [ADDRESS=WORDS ...]

Prints "ready" when it serves. Unit 1, holding registers; an address that is not
in the set is answered with exception 2, by pymodbus itself. Unit 2 has input
registers only: float32, high word first, as an Eastron SDM630 (its protocol
manual, table of input registers: 30001 is address 0).

FILE gets a line for every request that reached the registers, in hexadecimal:
"r FUNCTION ADDRESS COUNT" or "w FUNCTION ADDRESS WORD ...". ADDRESS=WORDS puts
other words (with commas between them) where the stored set has its own;
clock=bcd or clock=binary the time now, in that coding. --without FROM: no register
from there on. --unit N: the first unit is N. --any: it is every unit.
"""

import argparse
import asyncio
import datetime
import struct

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server.async_io import ModbusSerialServer
from pymodbus.transaction import ModbusRtuFramer

import registers
from pymodbus_tcp import serve_tcp


FLOATS = {0x0000: 231.25, 0x0006: 4.75, 0x000C: -1062.5, 0x0046: 49.96875, 0x0048: 123456.75}


class LoggedContext(ModbusSlaveContext):
    """Keeps what pymodbus made of each request, before it acts on it."""

    log = None

    def note(self, *words):
        if self.log:
            print(*words, file=self.log, flush=True)

    def getValues(self, fc_as_hex, address, count=1):
        self.note("r", f"{fc_as_hex:02X}", f"{address:04X}", count)
        return super().getValues(fc_as_hex, address, count)

    def setValues(self, fc_as_hex, address, values):
        self.note("w", f"{fc_as_hex:02X}", f"{address:04X}", *(f"{v:04X}" for v in values))
        super().setValues(fc_as_hex, address, values)


def clock_now(coding):
    """Second, minute; hour, day; month, year: a byte each (manual 6.2)."""
    now = datetime.datetime.now()
    parts = (now.second, now.minute, now.hour, now.day, now.month, now.year - 2000)
    if coding == "bcd":
        parts = [p // 10 << 4 | p % 10 for p in parts]
    return struct.unpack(">3H", bytes(parts))


def stored(changes):
    words = registers.store()
    for change in changes:
        where, what = change.split("=")
        addr = 0x11 if where == "clock" else int(where, 0)
        new = clock_now(what) if where == "clock" else (int(w, 16) for w in what.split(","))
        words.update(enumerate(new, addr))
    return words


def context(args):
    block = ModbusSparseDataBlock({a: w for a, w in stored(args.changes).items() if a < args.without})
    if args.log:
        LoggedContext.log = open(args.log, "w", encoding="ascii")  # pylint: disable=consider-using-with
    if args.any:
        return ModbusServerContext(single=True, slaves=LoggedContext(hr=block, zero_mode=True))
    # a gap is answered with zeros, as that meter does
    words = dict.fromkeys(range(0x180), 0)
    for addr, value in FLOATS.items():
        words[addr], words[addr + 1] = struct.unpack(">2H", struct.pack(">f", value))
    return ModbusServerContext(single=False, slaves={
        args.unit: LoggedContext(hr=block, zero_mode=True),
        2: ModbusSlaveContext(ir=ModbusSparseDataBlock(words), zero_mode=True)})


async def serve(args):
    if args.kind == "rtu":
        server = ModbusSerialServer(context(args), ModbusRtuFramer, port=args.where, baudrate=9600,
                                    ignore_missing_slaves=True)
        await server.start()
        print("ready", flush=True)
        await server.serve_forever()
        return
    await serve_tcp(context(args), args.where, ignore_missing_slaves=True)


parser = argparse.ArgumentParser()
parser.add_argument("kind", choices=("rtu", "tcp"))
parser.add_argument("where")
parser.add_argument("changes", nargs="*", metavar="ADDRESS=WORDS")
parser.add_argument("--any", action="store_true")
parser.add_argument("--log")
parser.add_argument("--unit", type=int, default=1, metavar="N")
parser.add_argument("--without", type=lambda s: int(s, 0), default=0x10000, metavar="FROM")
asyncio.run(serve(parser.parse_intermixed_args()))
