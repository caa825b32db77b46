"""A Modbus slave by pymodbus over TCP that wants to be asked nicely: an unlock before a write, a
commit behind it, one register at a time.

  slave_settings.py PORT LOG [OPTION ...] ADDRESS=WORDS ...

  unlock:ADDRESS=WORDS    these words, written there, unlock it; all other writes are refused before
  open:ADDRESS=WORDS      ... but those to these registers never are, as many as there are words
  holds:SECONDS           it locks itself after that time
  check:ADDRESS           a register that reads 1 while it is unlocked, else 0
  lock:ADDRESS=WORD       the word that locks it again
  commit:ADDRESS=WORD     the word that saves all registers; it reads so until that is done, then 0
  busy:SECONDS            the time a commit takes
  by06                    function 16 is refused
  most:N                  a write of more registers is refused
  refuse:ADDRESS          no write to that register is taken

SIGUSR1: it is switched off and on; what was not saved is gone (without commit: is kept). Prints
"restarted" then, and "ready" when it serves. LOG gets a line for each write that came, "w FUNCTION
ADDRESS WORD ...", with " refused" behind those that it refused. Words are hexadecimal.
"""

import asyncio
import logging
import signal
import sys
import time

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock

from pymodbus_tcp import serve_tcp


def place(text):
    """ADDRESS=WORDS"""
    where, _, what = text.partition("=")
    return int(where, 0), [int(w, 16) for w in what.split(",") if w]


class Meter(ModbusSlaveContext):
    def __init__(self, log, options):
        self.log = open(log, "w", encoding="ascii")  # pylint: disable=consider-using-with
        self.rules, words = {}, {}
        for option in options:
            name, _, rest = option.partition(":")
            if name[0].isdigit():
                at, values = place(option)
                words.update(enumerate(values, at))
            else:
                self.rules[name] = place(rest) if rest.startswith("0x") else rest or True
        for name in ("unlock", "lock", "check", "commit"):
            at, values = self.rules.get(name, (None, []))
            words.update(dict.fromkeys(range(at, at + max(1, len(values))), 0) if at is not None else {})
        super().__init__(hr=ModbusSparseDataBlock(words), zero_mode=True)
        self.saved = dict(words)
        self.unlocked_until = self.committed_at = 0.0

    @property
    def words(self):
        return self.store["h"].values

    def locked(self):
        return "unlock" in self.rules and time.monotonic() >= self.unlocked_until

    def is_rule(self, name, address, values):
        at, wanted = self.rules.get(name, (None, None))
        return address == at and values == wanted

    def allows(self, function, address, values):
        """Is this write one that the meter takes?"""
        n = len(values)
        first, free = self.rules.get("open", (0, []))
        if (function == 16 and "by06" in self.rules) or n > int(self.rules.get("most", 123)):
            return False
        if self.rules.get("refuse", (None,))[0] in range(address, address + n):
            return False
        # a password that is wrong is taken like one that is right
        if address == self.rules.get("unlock", (None,))[0] or (first <= address and address + n <= first + len(free)):
            return True
        return not self.locked()

    def getValues(self, fc_as_hex, address, count=1):
        if "check" in self.rules:
            self.words[self.rules["check"][0]] = int(not self.locked())
        if "commit" in self.rules and time.monotonic() >= self.committed_at + float(self.rules.get("busy", 0)):
            self.words[self.rules["commit"][0]] = 0
        return super().getValues(fc_as_hex, address, count)

    def take(self, function, address, values):
        if self.is_rule("unlock", address, values):
            self.unlocked_until = time.monotonic() + float(self.rules.get("holds", 3600))
        if address == self.rules.get("unlock", (None,))[0]:
            return  # nobody reads a password back
        self.words.update(enumerate(values, address))
        if self.is_rule("lock", address, values):
            self.unlocked_until = 0.0
        if self.is_rule("commit", address, values):
            self.committed_at = time.monotonic()
            self.saved = dict(self.words)

    def restart(self):
        if "commit" in self.rules:
            self.words.update(self.saved)
        self.unlocked_until = 0.0
        print("restarted", flush=True)


class Refusing:
    """What pymodbus asks whether it may write, with the values."""

    def __init__(self, meter):
        self.meter = meter

    def validate(self, fc_as_hex, address, count=1):
        return self.meter.validate(fc_as_hex, address, count)

    def getValues(self, fc_as_hex, address, count=1):
        return self.meter.getValues(fc_as_hex, address, count)

    def setValues(self, fc_as_hex, address, values):
        ok = self.meter.allows(fc_as_hex, address, values)
        print("w", f"{fc_as_hex:02X}", f"{address:04X}", *(f"{v:04X}" for v in values), *([] if ok else ["refused"]),
              file=self.meter.log, flush=True)
        if not ok:
            # exception 4, and nothing is taken
            raise ValueError("refused")
        self.meter.take(fc_as_hex, address, values)


async def main():
    meter = Meter(sys.argv[2], sys.argv[3:])
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, meter.restart)
    context = ModbusServerContext(single=True, slaves=Refusing(meter))
    await serve_tcp(context, sys.argv[1])


# it calls what a meter refuses an error
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
asyncio.run(main())
