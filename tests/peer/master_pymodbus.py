"""A Modbus master by pymodbus: random requests, and what came of them.

  master_pymodbus.py PORT LOG COUNT [SEED]

LOG gets a line of JSON for each: unit, function, addr, count, and values (those read or
written), or exception.
"""

import json
import random
import sys

from pymodbus.client import ModbusSerialClient
from pymodbus.exceptions import ModbusIOException
from pymodbus.transaction import ModbusRtuFramer

UNIT = 1
MISSING = 0x7000        # registers that no stored set has


def ask(client, dice):
    """One request: what it was, and its response."""
    kind = dice.choice(["read"] * 8 + ["write", "one", "refused"])
    if kind == "read":
        addr, n = 20 + dice.randrange(60), 1 + dice.randrange(16)
        return {"function": 3, "addr": addr, "count": n}, client.read_holding_registers(addr, n, slave=UNIT)
    if kind == "refused":
        return {"function": 3, "addr": MISSING, "count": 2}, client.read_holding_registers(MISSING, 2, slave=UNIT)
    words = [dice.randrange(100, 3000) for _ in range(2 if kind == "write" else 1)]
    row = {"function": 16 if kind == "write" else 6, "addr": 465, "count": len(words), "values": words}
    if kind == "write":
        return row, client.write_registers(465, words, slave=UNIT)
    return row, client.write_register(465, words[0], slave=UNIT)


def main():
    port, log, count = sys.argv[1:4]
    dice = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    client = ModbusSerialClient(port, framer=ModbusRtuFramer, baudrate=9600, timeout=30)
    assert client.connect()
    with open(log, "w") as out:
        for _ in range(int(count)):
            row, response = ask(client, dice)
            if isinstance(response, ModbusIOException):
                sys.exit(f"no response to {row}")
            if response.isError():
                row["exception"] = response.exception_code
            elif row["function"] == 3:
                row["values"] = response.registers
            print(json.dumps({"unit": UNIT, **row}), file=out)
    client.close()


main()
