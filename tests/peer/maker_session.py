"""What a maker's tool says when a person has typed values and presses "write": the steps, and what a
meter makes of them. Both without a line."""


READ, ONE, MANY = 3, 6, 16
MOST = 100      # registers of a read


def spans(m):
    """The registers that the tool reads: rows without a hole, as many as fit."""
    known = sorted(m.other.keys() | {a for s in m.settings for a in range(s.addr, s.addr + s.words)})
    rows = []
    for addr in known:
        if rows and addr == rows[-1][0] + rows[-1][1] and rows[-1][1] < MOST:
            rows[-1][1] += 1
        else:
            rows.append([addr, 1])
    return rows


def written(m, setting, value):
    """The steps that set it."""
    regs = setting.encode(value)
    if setting.function == ONE:
        return [(ONE, setting.addr + i, [r]) for i, r in enumerate(regs)]
    return [(MANY, setting.addr, regs)]


def joined(steps):
    """Writes of one register behind the other as one, where both are by function 16."""
    out = []
    for function, addr, regs in sorted(steps, key=lambda s: s[1]):
        if out and function == out[-1][0] == MANY and addr == out[-1][1] + len(out[-1][2]) and len(out[-1][2] + regs) <= 120:
            out[-1] = (MANY, out[-1][1], out[-1][2] + regs)
        else:
            out.append((function, addr, regs))
    return out


def session(m, values):
    """[(function, address, registers, or how many are read)]"""
    writes = [step for s in m.settings if s.key != m.unsent for step in written(m, s, values[s.key])]
    if m.block:
        writes = joined(writes)
    if m.twice:
        writes.append((MANY, m.twice[1], m.of(m.twice[0]).encode(values[m.twice[0]])))
    reads = [(READ, addr, n) for addr, n in spans(m)] if m.reads else []
    fixed = [[(f, addr, [word])] for f, addr, word in filter(None, (m.unlock, m.save))]
    unlock = fixed.pop(0) if m.unlock else []
    save = fixed.pop(0) if m.save else []
    return reads + unlock + writes + save + reads


class Meter:
    """Its registers. Locked, it rejects what would set something; saving locks it again."""

    def __init__(self, m):
        self.map = m
        self.regs = dict(m.other)
        for s in m.settings:
            self.regs.update(enumerate([0] * s.words, s.addr))
        self.locked = bool(m.unlock)

    def has(self, addr, n):
        return all(a in self.regs for a in range(addr, addr + n))

    def may_write(self, addr, n):
        return self.has(addr, n) and (not self.locked or (self.map.unlock[1] == addr and n == 1))

    def write(self, addr, regs):
        self.regs.update(enumerate(regs, addr))
        if self.map.unlock and self.map.unlock[1:] == (addr, regs[0]):
            self.locked = False
        # a tool would have to unlock it for the next setting, too
        if self.map.save and self.map.save[1:] == (addr, regs[0]):
            self.locked = bool(self.map.unlock)
