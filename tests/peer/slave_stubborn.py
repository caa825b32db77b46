"""A Modbus slave by pymodbus that acknowledges writes and then misbehaves.

  slave_stubborn.py PORT FAULT

Serves Modbus TCP as unit 1 and prints "ready". FAULT: `none`; `ignore`: what is
written is not kept; `stop`: what is written is kept, but the process stops (as
by SIGSTOP) before it answers, and SIGCONT wakes it.
"""

import asyncio
import os
import signal
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock

import registers
from pymodbus_tcp import serve_tcp


class Block(ModbusSparseDataBlock):
    fault = "none"

    def setValues(self, address, values, use_as_default=False):
        if self.fault != "ignore":
            super().setValues(address, values, use_as_default)
        if self.fault == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)


async def serve(port, fault):
    block = Block(registers.store())
    block.fault = fault
    context = ModbusServerContext(single=False, slaves={1: ModbusSlaveContext(hr=block, zero_mode=True)})
    await serve_tcp(context, port)


asyncio.run(serve(*sys.argv[1:]))
