"""Two meters and one adapter: a port that leads elsewhere after a write.

  slave_replug.py LINK [--mute] [--ignore] [--other ADDRESS=WORDS ...] [--both ADDRESS=WORDS ...]

LINK is the name of the port. It leads to the first of two RTU slaves on pseudo terminals
until that one has been written to; then it is taken away, and leads to the second.
Both hold the stored set of registers.py and zeros elsewhere (holding registers, function
03 and 10H; function 04 reads the same), changed by --both; the second is another meter,
which differs in --other, or without --other the same one through another port. With
--mute the write is not acknowledged, with --ignore it is not stored. Prints "ready", and
"write" when the first has been written to. SIGUSR1: the port leads to the first again.
"""

import argparse
import os
import pty
import select
import signal
import struct
import sys
import tty

import registers
from crc import crc16


class Slave:
    """One meter on a pseudo terminal of its own."""

    def __init__(self, words):
        self.words = words
        self.buffer = b""
        self.open()

    def open(self):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)

    def unplug(self):
        """What is on the other end sees a hang-up; the meter lives."""
        os.close(self.slave)
        os.close(self.master)
        self.buffer = b""
        self.open()

    def requests(self):
        """PDUs of what has come, whole frames for unit 1 only."""
        try:
            self.buffer += os.read(self.master, 512)
        except OSError:
            return
        while len(self.buffer) >= 8:
            n = 9 + self.buffer[6] if self.buffer[1] == 0x10 else 8
            if len(self.buffer) < n:
                return
            frame, self.buffer = self.buffer[:n], self.buffer[n:]
            if crc16(frame[:-2]) == frame[-2:] and frame[0] == 1:
                yield frame[1:-2]

    def reply(self, pdu):
        frame = b"\x01" + pdu
        os.write(self.master, frame + crc16(frame))

    def answer(self, pdu, store=True):
        function, addr, n = struct.unpack(">BHH", pdu[:5])
        if function != 0x10:
            return struct.pack(f">BB{n}H", function, 2 * n, *(self.words.get(addr + i, 0) for i in range(n)))
        if store:
            self.words.update(enumerate(struct.unpack(f">{n}H", pdu[6:]), addr))
        return pdu[:5]


def changes(list_of):
    out = {}
    for change in list_of:
        where, what = change.split("=")
        out.update(enumerate((int(w, 16) for w in what.split(",")), int(where, 0)))
    return out


def lead(link, to):
    """All at once, as udev does."""
    os.symlink(to.path, link + ".new")
    os.rename(link + ".new", link)


def main(args):
    first = Slave(registers.store() | changes(args.both))
    second = Slave({**first.words, **changes(args.other)} if args.other else first.words)
    written = False
    lead(args.link, first)
    # a plain pipe, so that the loop wakes up
    wake, note = os.pipe()
    signal.signal(signal.SIGUSR1, lambda *_: os.write(note, b"!"))
    print("ready", flush=True)
    while True:
        for fd in select.select([first.master, second.master, wake], [], [])[0]:
            if fd == wake:
                os.read(wake, 1)
                second.unplug()
                lead(args.link, first)
                print("back", flush=True)
                break
            slave = first if fd == first.master else second
            for pdu in slave.requests():
                last = slave is first and pdu[0] == 0x10 and not written
                reply = slave.answer(pdu, store=not (last and args.ignore))
                if not (last and args.mute):
                    slave.reply(reply)
                if last:
                    written = True
                    # the acknowledgement has been taken when nothing waits in the port
                    while select.select([slave.slave], [], [], 0)[0]:
                        pass
                    lead(args.link, second)
                    slave.unplug()
                    print("write", flush=True)
                    break


parser = argparse.ArgumentParser()
parser.add_argument("link")
parser.add_argument("--mute", action="store_true")
parser.add_argument("--ignore", action="store_true")
parser.add_argument("--other", nargs="+", default=[], metavar="ADDRESS=WORDS")
parser.add_argument("--both", nargs="+", default=[], metavar="ADDRESS=WORDS")
sys.exit(main(parser.parse_args()))
