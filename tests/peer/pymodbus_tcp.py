"""Modbus TCP by pymodbus, for the slaves that are served by it."""

import asyncio

from pymodbus.server.async_io import ModbusTcpServer
from pymodbus.transaction import ModbusSocketFramer


async def serve_tcp(context, port, **more):
    """Serves for ever on PORT of 127.0.0.1; prints "ready" when it listens, and fails
    where that port cannot be had."""
    server = ModbusTcpServer(context, ModbusSocketFramer, address=("127.0.0.1", int(port)),
                             allow_reuse_address=True, **more)
    task = asyncio.create_task(server.serve_forever())
    await asyncio.wait({task, server.serving}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        print("ready", flush=True)
    await task
