"""The maker's tool, by pymodbus: writes what is typed to a meter of maker_map.py.

  maker_tool.py set SEED WHERE [KEY=VALUE ...]   writes all settings: those typed(), or as said
  maker_tool.py show SEED WHERE                  KEY=VALUE, a line each, as the meter has it
  maker_tool.py typed SEED                       what `set` writes by itself, likewise
  maker_tool.py unit SEED                        its unit address

WHERE: a serial port, or HOST:PORT for RTU over TCP.
"""

import sys

from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.transaction import ModbusRtuFramer

from maker_map import make_map, typed
from maker_session import MANY, ONE, READ, session

PATIENCE = 30


def connect(where):
    if where.startswith("/"):
        client = ModbusSerialClient(where, framer=ModbusRtuFramer, baudrate=9600, timeout=PATIENCE)
    else:
        host, port = where.rsplit(":", 1)
        client = ModbusTcpClient(host, int(port), framer=ModbusRtuFramer, timeout=PATIENCE)
    assert client.connect(), where
    return client


def carry_out(client, unit, step):
    function, addr, what = step
    reply = {READ: client.read_holding_registers, ONE: lambda a, w, slave: client.write_register(a, w[0], slave=slave),
             MANY: client.write_registers}[function](addr, what, slave=unit)
    assert not reply.isError(), (step, reply)
    return reply


def show(client, m):
    for s in m.settings:
        print(f"{s.key}={s.decode(carry_out(client, m.unit, (READ, s.addr, s.words)).registers)}")


def main():
    what, seed = sys.argv[1], int(sys.argv[2])
    m = make_map(seed, plain=True)
    values = typed(seed, m)
    if what == "unit":
        print(m.unit)
    elif what == "typed":
        print(*(f"{k}={v}" for k, v in values.items()), sep="\n")
    elif what == "show":
        show(connect(sys.argv[3]), m)
    else:
        values.update(dict(pair.split("=", 1) for pair in sys.argv[4:]))
        client = connect(sys.argv[3])
        for step in session(m, values):
            carry_out(client, m.unit, step)
        client.close()


main()
