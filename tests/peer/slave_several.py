"""Several meters behind one Modbus TCP port, by pymodbus; some of them misbehave.

  slave_several.py PORT LOG UNIT=FAULT ...

Prints "ready". Each UNIT holds the stored set of registers.py. FAULT: `none`; `refuse`: a
write is answered with exception 04; `ignore`: it is acknowledged and not kept; `silent`: no
answer to anything; `power`: loses its power right after the first write, which it keeps.
SIGUSR1: all that are silent answer from then on. LOG gets "UNIT ADDRESS WORD ..." for each
write, in hexadecimal.
"""

import asyncio
import signal
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock

import registers
from pymodbus_tcp import serve_tcp


class Meter(ModbusSlaveContext):
    def __init__(self, unit, fault, bus, log):
        super().__init__(hr=ModbusSparseDataBlock(registers.store()), zero_mode=True)
        self.unit, self.fault, self.bus, self.log = unit, fault, bus, log

    def setValues(self, fc_as_hex, address, values):
        print(self.unit, f"{address:04X}", *(f"{v:04X}" for v in values), file=self.log, flush=True)
        if self.fault == "refuse":
            raise RuntimeError("not writable")
        if self.fault != "ignore":
            super().setValues(fc_as_hex, address, values)
        if self.fault == "power":
            self.fault = "none"
            self.bus.away(self)


class Bus:
    """Meters that are not on it do not answer."""

    def __init__(self, faults, log):
        self.off = {}
        meters = [Meter(int(unit), fault, self, log) for unit, fault in faults]
        self.context = ModbusServerContext(single=False, slaves={m.unit: m for m in meters})
        for m in meters:
            if m.fault == "silent":
                self.away(m)

    def away(self, meter):
        self.off[meter.unit] = meter
        del self.context[meter.unit]

    def back(self):
        for unit, meter in self.off.items():
            self.context[unit] = meter
        self.off.clear()
        print("back", flush=True)


async def main(port, log, *faults):
    with open(log, "w", encoding="ascii") as f:
        bus = Bus([word.split("=") for word in faults], f)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, bus.back)
        await serve_tcp(bus.context, port, ignore_missing_slaves=True)


asyncio.run(main(*sys.argv[1:]))
