"""A pair of wires on which any number of serial ports hang: what one sends, all others get.

  hub.py [--counts FILE] [--baud RATE] PORT ...

Two readers of one pseudo terminal take each other's bytes away; here each port is one of its
own, linked to at PORT. Prints "ready". FILE holds how many bytes each port has sent, a line
"PORT-NAME BYTES" each, and is renewed before anybody gets them. --baud: a port that is set to
another rate gets as many other bytes; parity a pseudo terminal cannot have.
"""

import argparse
import errno
import os
import pty
import select
import termios
import tty

RATES = {getattr(termios, f"B{rate}"): rate for rate in (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)}


def open_port(path):
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    os.symlink(os.ttyname(slave), path)
    return master, slave        # kept open: whoever leaves does not end the port


def rate(master):
    """What the port is set to: Linux tells it of the other end."""
    return RATES.get(termios.tcgetattr(master)[5])


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--counts")
    args.add_argument("--baud", type=int)
    args.add_argument("ports", nargs="+")
    args = args.parse_args()
    ports = {open_port(path): path for path in args.ports}
    sent = {path: 0 for path in args.ports}

    def note():
        if args.counts:
            with open(args.counts + ".new", "w") as f:
                f.writelines(f"{os.path.basename(p)} {n}\n" for p, n in sent.items())
            os.replace(args.counts + ".new", args.counts)

    note()
    print("ready", flush=True)
    masters = [master for master, _ in ports]
    names = {master: path for (master, _), path in ports.items()}
    while True:
        for fd in select.select(masters, [], [])[0]:
            data = os.read(fd, 4096)
            sent[names[fd]] += len(data)
            note()
            for other in masters:
                if other == fd:
                    continue
                right = not args.baud or rate(other) == args.baud
                try:
                    os.write(other, data if right else bytes(b * 7 + 0x35 & 0xFF for b in data))
                except OSError as e:
                    if e.errno != errno.EAGAIN:     # nobody reads there
                        raise


main()
