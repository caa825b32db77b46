"""The registers of a meter whose maker does not tell them: other ones for every seed.

Where its settings are, in which form, by which function they are written, what unlocks the meter
and makes a setting last. The tool and the meter of a test know it; who watches them does not.
"""

import random
import struct
from dataclasses import dataclass, field

SECONDS = "network.upload_interval"
WORDS = "abcdefghijklmnopqrstuvwxyz0123456789"


def swap(data):
    """The bytes of each word turned round."""
    return b"".join(data[i + 1:i + 2] + data[i:i + 1] for i in range(0, len(data), 2))


def words(data):
    return list(struct.unpack(f">{len(data) // 2}H", data))


def bcd(number, n):
    return bytes.fromhex(f"{number:0{2 * n}d}")


# From what is typed to bytes, by the name that `profile show` has for the type. A time in s
# that is kept in minutes has a scale of 60.
FORMS = {
    "u16": lambda s, v: struct.pack(">H", int(v) // s.scale),
    "u32": lambda s, v: struct.pack(">I", int(v) // s.scale),
    "bcd": lambda s, v: bcd(int(v), 2 * s.words),
    "ipv4": lambda s, v: bytes(int(part) for part in v.split(".")),
    "string": lambda s, v: v.encode().ljust(2 * s.words, b" " if s.pad == "blank" else b"\0"),
}


@dataclass
class Setting:
    key: str
    type: str
    words: int
    order: str = "ABCD"
    pad: str = ""
    scale: int = 1
    function: int = 16
    addr: int = 0

    def encode(self, value):
        data = FORMS[self.type](self, value)
        if self.order in ("BADC", "DCBA"):
            data = swap(data)
        regs = words(data)
        return regs[::-1] if self.order in ("CDAB", "DCBA") else regs

    def decode(self, regs):
        if self.type == "string":
            data = struct.pack(f">{len(regs)}H", *regs)
            data = swap(data) if self.order == "BADC" else data
            return data.rstrip(b" \0").decode("ascii", "replace")
        if self.order in ("CDAB", "DCBA"):
            regs = regs[::-1]
        data = struct.pack(f">{len(regs)}H", *regs)
        data = swap(data) if self.order in ("BADC", "DCBA") else data
        if self.type == "ipv4":
            return ".".join(str(b) for b in data)
        return str(int(data.hex()) if self.type == "bcd" else int.from_bytes(data, "big") * self.scale)


@dataclass
class Map:
    unit: int
    settings: list = field(default_factory=list)
    unlock: tuple = ()          # function, address, word
    save: tuple = ()
    twice: tuple = ()           # a key, and the address that gets its value, too
    unsent: str = ""            # a key that the tool does not set
    other: dict = field(default_factory=dict)   # words that are none of these
    reads: bool = True          # the tool reads all of it before and after
    block: bool = False         # it writes what is side by side at once

    def of(self, key):
        return next(s for s in self.settings if s.key == key)


def text_setting(dice, key):
    return Setting(key, "string", dice.choice((8, 10, 16, 20)), dice.choice(("ABCD", "BADC")), dice.choice(("zero", "blank")))


def port_setting(dice):
    kind = dice.choice(("u16", "u16", "u32", "bcd"))
    order = dice.choice(("ABCD", "CDAB")) if kind == "u32" else "ABCD"
    return Setting("network.broker.port", kind, 1 if kind == "u16" else 2, order)


def interval_setting(dice):
    kind, n, scale = dice.choice((("u16", 1, 1), ("u16", 1, 60), ("u32", 2, 1), ("bcd", 1, 1)))
    return Setting(SECONDS, kind, n, scale=scale)


def host_setting(dice):
    if dice.random() < 0.3:
        return Setting("network.broker.host", "ipv4", 2)
    return text_setting(dice, "network.broker.host")


def place(dice, m):
    """Side by side in one or two rows, with a gap here and there, in any order."""
    at = dice.randrange(0x100, 0x8000)
    dice.shuffle(m.settings)
    for s in m.settings:
        s.addr = at
        at += s.words + dice.choice((0, 0, 1, 5))
        if dice.random() < 0.2:
            at += dice.randrange(0x40, 0x800)
    return at


def make_map(seed, plain=False):
    """PLAIN: every value can be known, and all of them are sent."""
    dice = random.Random(seed)
    m = Map(dice.randrange(1, 248))
    m.settings = [text_setting(dice, "network.apn"), text_setting(dice, "network.broker.user"),
                  text_setting(dice, "network.topic"), host_setting(dice), port_setting(dice), interval_setting(dice)]
    end = place(dice, m)
    for s in m.settings:
        s.function = 6 if s.words <= 2 and dice.random() < 0.5 or dice.random() < 0.1 else 16
    if dice.random() < 0.6:
        m.unlock = dice.choice((6, 16)), end + 7, dice.randrange(0x1000, 0xFFFF)
    if dice.random() < 0.6:
        m.save = dice.choice((6, 16)), end + 9, dice.choice((0xAA55, 0x5A5A, 0x8001))
    m.reads = dice.random() < 0.7
    m.block = dice.random() < 0.4
    taken = {a for s in m.settings for a in range(s.addr, s.addr + s.words)}
    m.other = {a: dice.randrange(0x10000) for a in range(0, 0x40)}
    for s in m.settings:
        m.other.update({a: 0 for a in range(s.addr - 2, s.addr + s.words + 8) if a not in taken})
    for _, addr, _ in filter(None, (m.unlock, m.save)):
        m.other[addr] = 0
    if not plain and dice.random() < 0.4:
        twin = dice.choice(m.settings)
        m.twice = twin.key, end + 0x20
        m.other.update({a: 0 for a in range(end + 0x20, end + 0x20 + twin.words)})
    if not plain and dice.random() < 0.3:
        m.unsent = dice.choice([s.key for s in m.settings if s.key != (m.twice or ("",))[0]])
    return m


def typed(seed, m):
    """What a person types for each key."""
    dice = random.Random(seed ^ 0x5EED)

    def word(least, most):
        return "".join(dice.choice(WORDS) for _ in range(dice.randrange(least, most)))

    address = ".".join(str(dice.randrange(1, 255)) for _ in range(4))
    name = f"{word(3, 5)}.{word(3, 6)}.net"
    host = address if m.of("network.broker.host").type == "ipv4" or dice.random() < 0.5 else name
    return {"network.apn": word(6, 15), "network.broker.user": word(4, 15), "network.topic": f"{word(3, 6)}/{word(3, 6)}",
            "network.broker.host": host,
            "network.broker.port": str(dice.randrange(1100, 65000)), SECONDS: str(60 * dice.randrange(3, 60))}
