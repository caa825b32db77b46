"""One pair of wires, one meter, and two masters: meterctl, and another one.

    with Peer("rtutcp") as peer:
        bus = Bus(peer, random.Random(seed), hears="replies")
        bus.start()

HEARS "all": an RS485 adapter hears the requests of others as well. "replies": a serial
server hands out what the meter says, to everybody. COLLIDE: two who speak at once
destroy each other's frames, as on a line; otherwise the server sends one request
after the other.
"""

import time

from field import UNIT, read_pdu, rtu_frame

BAUD = 38400
CHAR = 10 / BAUD
PERIOD = 0.2                # from one request of the other master to the next
TURNAROUND = (0.003, 0.010)
TICK = 0.01                 # how often it is looked whether this thread is punctual
MAP_END = 0x26A
TWICE = (0, 0.01, 0.025)    # how long after an answer it comes a second time
STYLES = ("one block", "four blocks", "any block")


class Exchange:
    """A request on the wires, and what becomes of it."""

    def __init__(self, frame, ours):
        self.frame, self.ours, self.spoilt = frame, ours, False


class Bus:
    def __init__(self, peer, rnd, hears="all", collide=False, style="any block", twice=0.0, lost=0.0, lengths=(1,)):
        self.peer, self.rnd, self.hears, self.collide = peer, rnd, hears, collide
        self.twice, self.lost = twice, lost     # how often: an answer comes again, none comes
        self.lengths = list(lengths)            # that meterctl asks for, the newest last
        self.live, self.waiting = [], []
        self.foreign = 0                        # requests of the other master so far
        self.turns = 0
        self.blocks = self.choose(style)
        peer.answer = self.ours

    def choose(self, style):
        if style == "any block":
            return None
        return [self.block(self.lengths[0])] + [self.block() for _ in range(3 if style == "four blocks" else 0)]

    def block(self, n=None):
        """Half of them as long as one of ours."""
        n = n or self.rnd.choice((self.rnd.choice(self.lengths[-4:]), self.rnd.randint(1, 30)))
        return self.rnd.randrange(MAP_END - n), n

    def start(self):
        self.began = time.monotonic()
        self.next_turn()
        self.tick()

    def tick(self):
        self.peer.at(time.monotonic() + TICK, self.tick)

    # ---- the other master

    def next_turn(self):
        when = self.began + (self.turns + self.rnd.random()) * PERIOD
        self.turns += 1
        self.peer.at(when, self.turn)

    def turn(self):
        block = self.blocks[self.turns % len(self.blocks)] if self.blocks else self.block()
        self.submit(Exchange(rtu_frame(UNIT, read_pdu(*block)), False))
        self.foreign += 1
        self.next_turn()

    # ---- meterctl

    def ours(self, peer, q):
        if not q.writes and q.count not in self.lengths[-4:]:
            self.lengths.append(q.count)
        self.submit(Exchange(peer.frame(q.pdu, q.unit), True))
        return ()

    # ---- the wires

    def submit(self, x):
        if self.live and not self.collide:
            self.waiting.append(x)
            return
        if self.live:
            for other in self.live + [x]:
                other.spoilt = True
        self.live.append(x)
        self.peer.at(time.monotonic() + len(x.frame) * CHAR, lambda: self.asked(x))

    def asked(self, x):
        if not x.ours and self.hears == "all":
            self.deliver(x, x.frame)
        if x.spoilt or x.ours and self.rnd.random() < self.lost:
            self.over(x)
            return
        reply = rtu_frame(x.frame[0], self.peer.meter.reply(x.frame[1:-2]))
        when = time.monotonic() + self.rnd.uniform(*TURNAROUND) + len(reply) * CHAR
        self.peer.at(when, lambda: self.answered(x, reply))

    def answered(self, x, reply):
        self.deliver(x, reply)
        if x.ours and self.rnd.random() < self.twice:
            self.peer.at(time.monotonic() + self.rnd.choice(TWICE), lambda: self.peer.send(reply))
        self.over(x)

    def deliver(self, x, frame):
        if x.spoilt:
            frame = bytes(b ^ self.rnd.getrandbits(8) for b in frame)
        self.peer.send(frame)

    def over(self, x):
        self.live.remove(x)
        if self.waiting:
            self.submit(self.waiting.pop(0))
