"""A slave of pymodbus that says what it is, by functions 17 and 43: slave_says.py PORT VENDOR PRODUCT.

All its registers are 0. Prints "ready".
"""

import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification

from pymodbus_tcp import serve_tcp

port, vendor, product = sys.argv[1:]
identity = ModbusDeviceIdentification(info_name={"VendorName": vendor, "ProductCode": product, "MajorMinorRevision": "1"})
block = ModbusSequentialDataBlock(0, [0] * 100)
context = ModbusServerContext(single=False, slaves={1: ModbusSlaveContext(hr=block, ir=block, zero_mode=True)})
asyncio.run(serve_tcp(context, port, identity=identity))
