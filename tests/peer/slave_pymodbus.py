"""A Modbus slave by pymodbus, holding the stored set of registers.py.

  slave_pymodbus.py rtu PORT
  slave_pymodbus.py tcp PORT

Prints "ready" when it serves. Unit 1, holding registers; an address that is not
in the set is answered with exception 2, by pymodbus itself.
"""

import asyncio
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer

import registers


def context():
    block = ModbusSparseDataBlock(registers.store())
    slave = ModbusSlaveContext(hr=block, zero_mode=True)
    return ModbusServerContext(slaves={1: slave}, single=False)


async def serve(kind, where):
    if kind == "rtu":
        server = ModbusSerialServer(context(), ModbusRtuFramer, port=where, baudrate=9600,
                                    ignore_missing_slaves=True)
        await server.start()
        print("ready", flush=True)
        await server.serve_forever()
        return
    server = ModbusTcpServer(context(), ModbusSocketFramer, address=("127.0.0.1", int(where)))
    task = asyncio.create_task(server.serve_forever())
    await server.serving
    print("ready", flush=True)
    await task


asyncio.run(serve(*sys.argv[1:]))
