"""SunSpec meters by pymodbus over TCP: slave_sunspec.py SEED NAME=BASE:CHAIN ...

BASE is where "SunS" stands; CHAIN names what follows it, joined by +: a model number (1 has 66 words of
text, 203 and its siblings the registers of tests/data/sunspec203.csv, any other 10 words), `none` for
no "SunS" at all, `empty` for a model of length 0, `endless` for models that have no end, `far` for one whose end
is behind the last register. Values and powers of ten are random.

Prints a line of JSON: for each name its port and the values expected; then "ready" for each.
"""

import asyncio
import csv
import json
import logging
import os
import random
import socket
import sys
from decimal import Decimal

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock

from pymodbus_tcp import serve_tcp

TABLE = os.path.join(os.path.dirname(__file__), "..", "data", "sunspec203.csv")
METERS = (201, 202, 203, 204)
NO_INT16 = -0x8000


def rows():
    with open(TABLE, newline="", encoding="ascii") as f:
        return list(csv.DictReader(f))


def meter(model, rng):
    """The words of a meter's model, and what they are to be read as."""
    words, expected = [0] * 107, {}
    table = rows()
    scales = {r["exponent"] for r in table} - {""}
    raw = {k: rng.choice((NO_INT16, rng.randint(-4, 3), rng.randint(-4, 3))) for k in scales}
    for r in table:
        key, at = r["key"], int(r["offset"], 0)
        if r["type"] in ("u32", "hex"):
            value = rng.randint(0, 2**32 - 1)
            words[at:at + 2] = [value >> 16, value & 0xFFFF]
        else:
            value = raw.get(key, rng.choice((NO_INT16, *(rng.randint(-0x7FFF, 0x7FFF) for _ in range(5)))))
            value = {"sunspec.model": model, "sunspec.length": 105}.get(key, value)
            words[at] = value & 0xFFFF
        if r["type"] == "hex":
            expected[key] = f"{value >> 16:04X} {value & 0xFFFF:04X}"
        elif (r["type"] == "i16" and value == NO_INT16) or raw.get(r["exponent"]) == NO_INT16:
            expected[key] = None
        else:
            expected[key] = str(value * Decimal(r["factor"]) * Decimal(10) ** raw.get(r["exponent"], 0))
    return words, expected


def chain(base, text, rng):
    words, expected, at = {}, {}, base
    if text == "none":
        return {base: 1, base + 1: 2}, expected

    def put(more):
        nonlocal at
        words.update((a, w) for a, w in enumerate(more, at) if a < 65536)
        at += len(more)

    put([0x5375, 0x6E53])
    for model in text.split("+"):
        if model == "empty":
            put([1, 0])
        elif model == "endless":
            for _ in range(200):
                put([64001, 1, 7])
        elif model == "far":
            put([64001, 65535 - at])
        elif int(model) in METERS:
            made, found = meter(int(model), rng)
            expected = expected or found
            put(made)
        else:
            size = 66 if model == "1" else 10
            put([int(model), size, *(rng.randint(0, 65535) for _ in range(size))])
    put([0xFFFF, 0])
    return words, expected


def slave(name, text, seed):
    base, _, what = text.partition(":")
    words, expected = chain(int(base), what, random.Random(f"{seed} {name}"))
    block = ModbusSparseDataBlock(words)
    context = ModbusServerContext(single=False, slaves={1: ModbusSlaveContext(hr=block, ir=block, zero_mode=True)})
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    return name, context, s, expected


async def main(seed, texts):
    made = [slave(*t.split("=", 1), seed) for t in texts]
    print(json.dumps({name: {"port": s.getsockname()[1], "expected": e} for name, _, s, e in made}), flush=True)
    ports = [s.getsockname()[1] for _, _, s, _ in made]
    for _, _, s, _ in made:
        s.close()
    await asyncio.gather(*(serve_tcp(c, port, ignore_missing_slaves=True) for (_, c, _, _), port in zip(made, ports)))


# it calls an error that a client goes away
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
asyncio.run(main(sys.argv[1], sys.argv[2:]))
