"""A Modbus slave by pymodbus, holding the stored set of registers.py.

  slave_pymodbus.py rtu PORT
  slave_pymodbus.py tcp PORT

Prints "ready" when it serves. Unit 1, holding registers; an address that is not
in the set is answered with exception 2, by pymodbus itself. Unit 2 has input
registers only: float32, high word first, as an Eastron SDM630 (its protocol
manual, table of input registers: 30001 is address 0).
"""

import asyncio
import struct
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer

import registers


FLOATS = {0x0000: 231.25, 0x0006: 4.75, 0x000C: -1062.5, 0x0046: 49.96875, 0x0048: 123456.75}


def context():
    block = ModbusSparseDataBlock(registers.store())
    # a gap is answered with zeros, as that meter does
    words = dict.fromkeys(range(0x180), 0)
    for addr, value in FLOATS.items():
        words[addr], words[addr + 1] = struct.unpack(">2H", struct.pack(">f", value))
    return ModbusServerContext(single=False, slaves={
        1: ModbusSlaveContext(hr=block, zero_mode=True),
        2: ModbusSlaveContext(ir=ModbusSparseDataBlock(words), zero_mode=True)})


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
