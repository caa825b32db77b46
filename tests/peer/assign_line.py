"""A serial line by pymodbus, on which meters are switched on and off one by one, for `batch --assign`.

  assign_line.py LINK METER ...       METER: NAME=UNIT:KIND[:SERIAL]

LINK becomes a pseudo terminal. KIND: adw300 (the stored set of registers.py), sdm630 (SERIAL, its
meter code and its address as a float; it takes a new address when it is switched on again). All meters are
off at first. Orders, a line each on standard input: "on NAME", "off NAME", "stop NAME" (it replies until it
has been written to, and no more), "mark WORD", each printed back when it is done. Two that have one address both reply.
Prints "ready", and "wrote NAME FUNCTION ADDRESS WORD ..." for each write, in hexadecimal.
"""

import asyncio
import os
import pty
import struct
import sys
import tty

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server.async_io import ModbusSerialServer
from pymodbus.transaction import ModbusRtuFramer

import registers

ADDRESS = {"adw300": 0x0000, "sdm630": 0x0014}


class Meter(ModbusSlaveContext):
    def __init__(self, text):
        self.name, rest = text.split("=")
        unit, self.kind, *serial = rest.split(":")
        self.on = self.stops = False
        words = registers.store() if self.kind == "adw300" else dict.fromkeys((*range(0x180), *range(0xFC00, 0xFC10)), 0)
        if self.kind == "sdm630":
            words[0xFC00], words[0xFC01] = int(serial[0]) >> 16, int(serial[0]) & 0xFFFF
            words[0xFC02] = 0x70
        super().__init__(hr=ModbusSparseDataBlock(words), ir=ModbusSparseDataBlock(dict.fromkeys(range(0x180), 0)), zero_mode=True)
        self.unit = int(unit)
        self.put(self.unit)

    def put(self, unit):
        words = [unit] if self.kind == "adw300" else list(struct.unpack(">2H", struct.pack(">f", unit)))
        super().setValues(3, ADDRESS[self.kind], words)

    def address(self):
        words = super().getValues(3, ADDRESS[self.kind], 1 if self.kind == "adw300" else 2)
        return words[0] & 0xFF if self.kind == "adw300" else int(struct.unpack(">f", struct.pack(">2H", *words))[0])

    def setValues(self, fc_as_hex, address, values):
        super().setValues(fc_as_hex, address, values)
        if fc_as_hex in (6, 16):
            print("wrote", self.name, f"{fc_as_hex:02X}", f"{address:04X}", *(f"{v:04X}" for v in values), flush=True)
            if self.stops:
                self.on = False


class Line:
    """Those that are on, by address, as pymodbus looks them up."""

    def __init__(self, meters):
        self.meters = {m.name: m for m in meters}
        self.context = ModbusServerContext(single=False, slaves={})
        self.renew()

    def renew(self):
        units = {}
        for m in self.meters.values():
            if m.on:
                units[m.unit] = m
        self.context._slaves = units    # pylint: disable=protected-access

    def replies(self, unit):
        """How many to each request."""
        return sum(m.on and m.unit == unit for m in self.meters.values())

    def written(self):
        """After a reply: an ADW300 has its new address at once."""
        for m in self.meters.values():
            if m.kind == "adw300":
                m.unit = m.address()
        self.renew()

    def order(self, text):
        what, name = text.split()
        if what == "mark":
            print(text, flush=True)
            return
        m = self.meters[name]
        m.stops = what == "stop"
        m.on = what != "off" and (m.on or what == "on")
        m.unit = m.address() if what == "on" else m.unit
        self.renew()
        print(text, flush=True)


def terminal(link):
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    os.symlink(os.ttyname(theirs), link)
    return ours, theirs


async def main():
    link, *meters = sys.argv[1:]
    line = Line([Meter(text) for text in meters])
    program, keep = terminal(link)
    slave, keep_too = terminal(link + ".slave")
    loop = asyncio.get_running_loop()

    # a reply of two meters comes twice
    def replied():
        data = os.read(slave, 512)
        os.write(program, data * max(1, line.replies(data[0])))
        line.written()

    loop.add_reader(program, lambda: os.write(slave, os.read(program, 512)))
    loop.add_reader(slave, replied)
    server = ModbusSerialServer(line.context, ModbusRtuFramer, port=link + ".slave", baudrate=9600, ignore_missing_slaves=True)
    await server.start()
    task = asyncio.create_task(server.serve_forever())
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    print("ready", flush=True)
    while text := (await orders.readline()).decode().strip():
        line.order(text)
    await task
    return keep, keep_too

asyncio.run(main())
