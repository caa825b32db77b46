"""A meter at a site where somebody switches a heater, by pymodbus.

  slave_step.py PORT OF REVERSED

OF: which conductor's current each input has ("acb"); REVERSED: inputs whose CT is turned round ("b"; "-": none).
On each conductor in turn 500 W are switched on and off twice, three seconds apart, after a pause; again and again, for
as long as it serves. Its other loads move, and on conductor a an inverter feeds in. Complex numbers, a table of the
registers of its own: nothing here is meterctl's. Prints "ready" when it serves.
"""

import asyncio
import cmath
import datetime
import math
import random
import struct
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext

import registers
from pymodbus_tcp import serve_tcp

VOLTS = 230.0
SWITCH = 3.0
PAUSE = 9.0


def heater(now):
    """Conductor and whether it is on: a pause, then on, off, on, off."""
    at = now % (3 * (PAUSE + 3 * SWITCH))
    conductor, at = divmod(at, PAUSE + 3 * SWITCH)
    return int(conductor), at >= PAUSE and int((at - PAUSE) / SWITCH) % 2 == 0


def currents(now, dice):
    voltage = [cmath.rect(VOLTS, -math.radians(120 * k)) for k in range(3)]
    power = [complex(-400, 60), complex(350, 120), complex(420, 150)]
    for k in range(3):
        power[k] *= 1 + dice.gauss(0, 0.01)
    conductor, on = heater(now)
    if on:
        power[conductor] += 500
    return voltage, [(s / u).conjugate() for s, u in zip(power, voltage)]


def words(now, wiring, dice):
    of, reversed_ = wiring
    voltage, current = currents(now, dice)
    shown = {}

    def put(addr, value):
        value = round(value) & 0xFFFFFFFF
        shown[addr], shown[addr + 1] = value >> 16, value & 0xFFFF

    total = 0
    for x, c in enumerate(of):
        i = current["abc".index(c)] * (-1 if "abc"[x] in reversed_ else 1)
        s = voltage[x] * i.conjugate()
        total += s
        shown[0x14 + x] = round(10 * VOLTS)
        shown[0x17 + x] = round(10 * VOLTS * math.sqrt(3))
        shown[0x1A + x] = round(100 * abs(i))
        put(0x1E + 2 * x, s.real)
        put(0x26 + 2 * x, s.imag)
        put(0x2E + 2 * x, abs(s))
        shown[0x36 + x] = round(1000 * abs(s.real) / max(abs(s), 1e-9))
        shown[0x1EC + x] = 12000 * x
        shown[0x1FE + x] = round(100 * (-math.degrees(cmath.phase(i)) % 360))
    put(0x24, total.real)
    put(0x2C, total.imag)
    put(0x34, abs(total))
    now = datetime.datetime.now()
    clock = bytes((now.second, now.minute, now.hour, now.day, now.month, now.year - 2000))
    shown.update(enumerate(struct.unpack(">3H", clock), 0x11))
    return shown


async def play(block, wiring):
    loop, dice = asyncio.get_running_loop(), random.Random(7)
    begun = loop.time()
    while True:
        for addr, word in words(loop.time() - begun, wiring, dice).items():
            block.values[addr] = word
        await asyncio.sleep(0.1)


async def main(port, *wiring):
    block = ModbusSequentialDataBlock(0, [0] * 0x5400)
    for addr, word in registers.store().items():
        if addr < 0x5400:
            block.values[addr] = word
    playing = asyncio.create_task(play(block, wiring))
    await serve_tcp(ModbusServerContext(slaves={1: ModbusSlaveContext(hr=block, zero_mode=True)}, single=False), port)
    playing.cancel()


asyncio.run(main(*sys.argv[1:]))
