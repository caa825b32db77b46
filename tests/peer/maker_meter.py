"""A meter by pymodbus whose registers nobody has told (maker_map.py).

  maker_meter.py SEED PORT

Prints "ready" when it serves."""

import asyncio
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusSerialServer
from pymodbus.transaction import ModbusRtuFramer

from maker_map import make_map
from maker_session import Meter

WRITES = (6, 16)


class Context(ModbusSlaveContext):
    def __init__(self, meter):
        super().__init__(zero_mode=True)
        self.meter = meter

    def validate(self, fc_as_hex, address, count=1):
        if fc_as_hex in WRITES:
            return self.meter.may_write(address, count)
        return self.meter.has(address, count)

    def getValues(self, fc_as_hex, address, count=1):
        return [self.meter.regs[a] for a in range(address, address + count)]

    def setValues(self, fc_as_hex, address, values):
        self.meter.write(address, values)


async def serve(seed, port):
    m = make_map(seed, plain=True)
    server = ModbusSerialServer(ModbusServerContext(single=False, slaves={m.unit: Context(Meter(m))}), ModbusRtuFramer,
                                port=port, baudrate=9600, ignore_missing_slaves=True)
    await server.start()
    print("ready", flush=True)
    await server.serve_forever()


asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
