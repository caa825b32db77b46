"""What a command says of its line when it is over: each thing once, in every command.

Another master is heard before the first answer, or a meter gives few registers a read.
"""

import re

import registers
from field import Meter, Peer, read_pdu, serve, together
from tap import Tap

OTHER = 0x1A, 3     # what the other master asks for
SHARED = f"shared line: another master heard, unit 1, registers 0x{OTHER[0]:04X}-0x{sum(OTHER) - 1:04X}, once"
MOST = 30               # the longest point's
FILE = "@file@"
SETTINGS = "profile: adw300\nsettings:\n  ratio.ct: 60\n"
COMMANDS = (
    ("get voltage.a", 0), ("read voltage", 0), ("watch -n 1 voltage.a", 0), ("history", 0), ("check", 1),
    ("report --text", 0), ("backup", 0), (f"plan {FILE}", 1), (f"diff {FILE}", 1), (f"apply {FILE} --yes", 0),
    ("set ratio.ct=60 --yes", 0), ("raw read 0x14:2", 0), ("raw write 15 60 --yes", 0),
)


def overheard(peer, q):
    """Request and answer of the other master, and ours."""
    if peer.asked() > 1:
        return serve(peer, q)
    asked = read_pdu(*OTHER)
    return [(0, peer.frame(asked)), (0, peer.frame(peer.meter.reply(asked))), (0.03, peer.reply(q))]


def few(peer, q):
    return [(0, peer.refuse(q, 3) if q.count > MOST and not q.writes else peer.reply(q))]


def words(command, peer):
    """Of a command line; a file of settings is made for it."""
    path = f"{peer.folder}/settings.yaml"
    with open(path, "w", encoding="ascii") as f:
        f.write(SETTINGS)
    return command.replace(FILE, path).split()


def run(command, kind, answer, *options):
    with Peer(kind, Meter(registers.store()), answer=answer) as peer:
        return peer.run(*options, *words(command, peer))


def shared(tap, kind, command, code):
    done = run(command, kind, overheard, "-v")
    lines = [line for line in done.err.splitlines() if re.search("shared line|another master", line)]
    tap.ok(done.code == code and lines == [f"meterctl: {SHARED}"], f"{kind}: {command}: -v says once who was heard",
           f"want exit {code} and: {SHARED}\n{done}")


def quiet(tap, kind, command, answer, options, name):
    done = run(command, kind, answer, *options)
    tap.ok("shared line" not in done.err, f"{kind}: {command}: {name}", str(done))


def learned(tap, command, code):
    done = run(command, "tcp", few)
    said = re.findall("this meter answers at most [0-9]+ registers a read", done.err)
    tap.ok(done.code == code and len(said) == 1, f"tcp: {command}: says once what was learned", f"want exit {code}\n{done}")


def main():
    with Tap() as tap:
        jobs = [lambda kind=kind, c=c: shared(tap, kind, *c) for kind in ("rtu", "rtutcp") for c in COMMANDS]
        for command in ("set ratio.ct=60 --yes", "check"):
            jobs += [lambda c=command: quiet(tap, "rtutcp", c, overheard, (), "nothing of it without -v"),
                     lambda c=command: quiet(tap, "rtutcp", c, serve, ("-v",), "nothing of it where nobody is heard")]
        jobs += [lambda c=c: learned(tap, *c) for c in COMMANDS if c[0].split()[0] in ("check", "report", "backup")]
        together(jobs)


main()
