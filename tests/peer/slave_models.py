"""Slaves of many models by pymodbus over TCP, each from its table in tests/data/models/.

  slave_models.py SEED NAME=MODEL[,OPTION ...] ...

Their registers hold random numbers that belong to the seed; what they must read as is computed here
from the table, and the program has no part in it. Options of a slave:
  ADDRESS:WORD+WORD    what stands in those holding registers (iADDRESS: input registers)
  most:N               a longer read is refused, and noted
  even                 so is one of several registers from an odd address on, or of an odd number
  alone:ADDRESS        so is one that has that holding register and others
  fill:WORD            registers that the table does not have hold that, and none are refused
  absent               all but phase A hold the codes of "no such value"
  adw300               the stored set of registers.py
MODEL `none` has no table.

Prints a line of JSON: for each name its port, the values expected, the unit of each; then "ready". A
line {"over": NAME, "count": N} for each read that was longer than allowed.
"""

import asyncio
import csv
import datetime
import json
import logging
import os
import random
import socket
import struct
import sys
from decimal import Decimal

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock

import registers
from pymodbus_tcp import serve_tcp

TABLES = os.path.join(os.path.dirname(__file__), "..", "data", "models")
FORMATS = {"u16": ">H", "i16": ">h", "bits": ">H", "u32": ">I", "i32": ">i", "f32": ">f", "u64": ">Q", "i64": ">q", "f64": ">d"}
ABSENT = {"u16": 0xFFFF, "i16": 0x7FFF, "u32": 0xFFFFFFFF, "i32": 0x7FFFFFFF, "u64": 0xFFFFFFFFFFFFFFFF}
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
# 14 slots of rate, minute, hour
TABLE = (bytes([4, 0, 0, 2, 30, 8, 3, 0, 22] + [0] * 33), "00:00 valley, 08:30 peak, 22:00 flat")


def table(model):
    with open(os.path.join(TABLES, model + ".csv"), newline="", encoding="ascii") as f:
        return list(csv.DictReader(f))


def in_order(data, order):
    """ABCD on the wire as the meter has it."""
    words = [data[i:i + 2] for i in range(0, len(data), 2)]
    if order in ("CDAB", "DCBA"):
        words.reverse()
    if order in ("BADC", "DCBA"):
        words = [w[::-1] for w in words]
    return [w[0] << 8 | w[1] for w in words]


def number(kind, rng):
    """A number of that type; half of them small, as most are in a meter."""
    if kind in ("f32", "f64"):
        x = rng.uniform(-1, 1) * 10 ** rng.uniform(-2, 6)
        return struct.unpack(">f", struct.pack(">f", x))[0] if kind == "f32" else x
    bits = 8 * struct.calcsize(FORMATS[kind])
    bits = rng.choice((bits, bits * 3 // 4))
    low, high = (0, 2 ** bits - 2) if kind[0] != "i" else (-2 ** (bits - 1), 2 ** (bits - 1) - 2)
    return rng.randint(low, high)


def make(row, rng):
    """Registers of a row, and what they are to be read as."""
    kind, count = row["type"], int(row["words"])
    if kind in ("string", "chars"):
        text = "".join(rng.choice(LETTERS) for _ in range(count * (1 if kind == "chars" else 2) - rng.randint(0, 1)))
        data = text.encode() if kind == "string" else b"".join(bytes([0, c]) for c in text.encode())
        return in_order(data.ljust(2 * count, b"\0"), row["order"]), text
    if kind == "ipv4":
        data = rng.randbytes(4)
        return in_order(data, row["order"]), ".".join(map(str, data))
    if kind == "secret":
        return [rng.randint(0, 9999)], "********"
    if kind == "hex":
        data = rng.randbytes(2 * count)
        return in_order(data, row["order"]), " ".join(data[i:i + 2].hex().upper() for i in range(0, len(data), 2))
    if kind == "ymdhms":
        at = datetime.datetime(2000, 1, 1) + datetime.timedelta(seconds=rng.randrange(36524 * 86400))
        data = bytes([at.year - 2000, at.month, at.day, at.hour, at.minute, at.second])
        # what is a date in binary and in BCD is read by the clock of the host
        if all(b & 15 < 10 and b >> 4 < 10 for b in data):
            return make(row, rng)
        return in_order(data, "ABCD"), str(at)
    if kind == "slots":
        rates = dict(c.split("=", 1) for c in row["codes"].split())
        times = [0] + sorted(rng.sample(range(1, 1440), rng.randint(0, count // 2 - 1)))
        slots = [(t, rng.choice(list(rates))) for t in times]
        words = [w for t, r in slots for w in (t // 60 << 8 | t % 60, int(r))]
        said = ", ".join(f"{t // 60:02}:{t % 60:02} {rates[r]}" for t, r in slots)
        return words + [0] * (count - len(words)), said
    if kind == "daytable":
        return in_order(TABLE[0], "ABCD"), TABLE[1]
    codes = dict(c.split("=", 1) for c in row["codes"].split())
    raw = int(rng.choice(list(codes))) if codes else number(kind, rng)
    words = in_order(struct.pack(FORMATS[kind], raw), row["order"])
    if codes:
        return words, codes[str(raw)]
    return words, str(Decimal(raw) * Decimal(row["scale"]))


class Block(ModbusSparseDataBlock):
    """Registers with a limit of the read, and what all others hold, if anything."""

    def __init__(self, slave, words):
        super().__init__(words)
        self.slave = slave

    def validate(self, address, count=1):
        odd = self.slave.even and count > 1 and (address % 2 or count % 2)
        along = self is self.slave.blocks[0] and count > 1 and any(address <= a < address + count for a in self.slave.alone)
        if count > self.slave.most or odd or along:
            print(json.dumps({"over": self.slave.name, "count": count}), flush=True)
            return False
        return self.slave.fill is not None or super().validate(address, count)

    def getValues(self, address, count=1):
        return [self.values.get(a, self.slave.fill) for a in range(address, address + count)]


class Slave:
    def __init__(self, name, model, options, seed):
        rng = random.Random(f"{seed} {name}")
        self.name, self.most, self.fill = name, 125, None
        self.even, self.alone, self.blocks = "even" in options, set(), []
        self.words = ({}, {})       # holding, input
        self.expected, self.units = {}, {}
        self.absent = "absent" in options
        for row in [] if model == "none" else table(model):
            self.put_row(row, rng)
        for option in options:
            self.option(*option.partition(":")[::2])
        # kept until all have one, so that no two have the same
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def put_row(self, row, rng):
        words, value = make(row, rng)
        if self.absent and row["type"] in ABSENT and row["key"].split(".")[-1] in ("b", "c", "bc"):
            words, value = in_order(struct.pack(FORMATS[row["type"]], ABSENT[row["type"]]), row["order"]), None
        self.words[row["function"] == "04"].update(enumerate(words, int(row["address"], 0)))
        self.expected[row["key"]] = value
        self.units[row["key"]] = row["unit"]

    def option(self, what, value):
        if what == "most":
            self.most = int(value)
        elif what == "fill":
            self.fill = int(value, 0)
        elif what == "adw300":
            self.words[0].update(registers.store())
        elif what == "alone":
            self.alone.add(int(value, 0))
        elif what not in ("absent", "even"):
            words = (int(w, 16) for w in value.split("+"))
            self.words[what.startswith("i")].update(enumerate(words, int(what.lstrip("i"), 0)))

    def context(self):
        # a block must not be empty: the last register is nobody's
        self.blocks = blocks = [Block(self, w or {0xFFFF: 0}) for w in self.words]
        return ModbusServerContext(single=False, slaves={
            1: ModbusSlaveContext(hr=blocks[0], ir=blocks[1], zero_mode=True)})


async def main(seed, slaves):
    made = []
    for text in slaves:
        name, _, rest = text.partition("=")
        model, *options = rest.split(",")
        made.append(Slave(name, model, options, seed))
    print(json.dumps({s.name: {"port": s.port, "expected": s.expected, "units": s.units} for s in made}), flush=True)
    for s in made:
        s.socket.close()
    await asyncio.gather(*(serve_tcp(s.context(), s.port, ignore_missing_slaves=True) for s in made))


if __name__ == "__main__":
    # it calls an error that a client goes away
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
