#!/usr/bin/env bash
# The shell at a prompt, in a terminal of ours: keys, completion, history, Ctrl-C, questions.
. "$(dirname "$0")/../tap.sh"

cat >"$TMP/person.py" <<'EOF'
"""A person at the shell's prompt: types, and waits for what is to be seen."""
import os, pty, re, select, signal, sys, time

PATIENCE = float(os.environ["PATIENCE"])

class Person:
    def __init__(self, *args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(os.environ["METERCTL"], ["meterctl", *args], dict(os.environ, TERM="dumb", COLUMNS="200"))
        self.seen, self.ended = "", False
        self.wait("> $")

    def more(self):
        """False: there is no more."""
        if self.ended or not select.select([self.fd], [], [], max(0, self.end - time.monotonic()))[0]:
            return False
        try:
            self.seen += os.read(self.fd, 65536).decode(errors="replace")
        except OSError:
            self.ended = True
        return True

    def wait(self, pattern):
        """Until the pattern is seen, behind what was seen before."""
        self.end = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.seen)):
            if not self.more():
                sys.exit(f"waited for {pattern!r}, came: {self.seen[-600:]!r}")
        before, self.seen = self.seen[:found.end()], self.seen[found.end():]
        return before

    def type(self, keys, pattern):
        os.write(self.fd, keys.encode())
        return self.wait(pattern)

    def leaves(self, status=0):
        self.end = time.monotonic() + PATIENCE
        while self.more():
            pass
        got = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        assert got == status, (got, self.seen)
EOF
export PYTHONPATH=$TMP

# typed NAME: what follows, as Python; p is a person at the shell of a meter with CT 40
typed() {
	{
		printf '%s\n' 'from person import *' 'p = Person("-c", "sim:frozen,ct=40", "shell")'
		cat
	} >"$TMP/typed.py"
	"$PYTHON" "$TMP/typed.py" >"$TMP/out" 2>&1
	ok $? "$1" || diag "$(tail -n 3 "$TMP/out")"
}
HISTORY=$XDG_STATE_HOME/meterctl/history
cd "$TMP" || give_up "no $TMP"

typed "a command, and Ctrl-D" <<'EOF'
p.type("get ratio.ct\r", "\n40\r\n.*> $")
p.type("\x04", "\n")
p.leaves()
EOF
typed "quit; an error does not end it" <<'EOF'
assert "line" not in p.type("get ratio.cx\r", "did you mean.*\r\n.*> $")
p.type("\r", "> $")
p.type("# nothing\r", "> $")
p.type("quit\r", "\n")
p.leaves()
EOF
typed "completion of commands, keys, values, targets, files, options" <<'EOF'
p.type("backu\t", "backup $")
p.type("\x15qu\t", "quit $")
p.type("\x15get ratio.c\t", r"get ratio\.ct $")
p.type("\x15set demand.cy\t", r"set demand\.cycle=$")
p.type("\x15wait demand.cycle=15\t", r"wait demand\.cycle=15min $")
p.type("\x15read --ex\t", "--expect $")
p.type("\x15connect rtut\t", "connect rtutcp:$")
p.type("\x15help rea\t", "help read $")
p.type("\x15tu\t", "tu\x07")
open("site-of-mine.yaml", "w").close()
p.type("\x15plan site-of\t", r"plan site-of-mine\.yaml $")
p.type("\x15\x04", "\n")
p.leaves()
EOF
typed "Ctrl-C gives up the line, and the command under way, not the shell" <<'EOF'
p.type("get nonsen", "nonsen")
p.type("\x03", "> $")
p.type("watch ratio.ct -i 0.05\r", r"ratio\.ct +40")
p.type("\x03", r"\^C(.*\r\n)+[^>\r]*> $")
p.type("get ratio.ct\r", "\n40\r\n.*> $")
p.type("wait ratio.ct=41 --for 1h\r", "1h\r\n")
p.type("\x03", "> $")
p.type("exit\r", "\n")
p.leaves()
EOF
typed "a question is asked here" <<'EOF'
p.type("set ratio.ct=60\r", r'write this setting\? \(type "yes"\) $')
p.type("no\r", "not confirmed.*\r\n.*> $")
p.type("set ratio.ct=60\r", r'\(type "yes"\) $')
p.type("\x03", "nothing was written\r\n(.*\r\n)*.*> $")
p.type("set ratio.ct=60\r", r'\(type "yes"\) $')
p.type("yes\r", r"40 -> 60 +verified\r\n.*> $")
p.type("get ratio.ct\r", "\n60\r\n.*> $")
p.type("\x04", "\n")
p.leaves()
EOF
typed "connect, and the prompt says where" <<'EOF'
p.type("connect sim:ct=5\r", "sim:ct=5> $")
p.type("get ratio.ct\r", "\n5\r\n.*> $")
p.type("connect nowhere:\r", "meterctl> $")
p.type("get ratio.ct\r", "no meter named.*\r\nmeterctl> $")
p.type("\x04", "\n")
p.leaves()
EOF
typed "lines that are pasted are commands one by one" <<'EOF'
p.type("get ratio.ct\rget ratio.pt\r", "\n40\r\n(.*\r\n)*1\r\n.*> $")
p.type("\x04", "\n")
p.leaves()
EOF
typed "a secret is not shown" <<'EOF'
seen = p.type("set network.apn.password=hushhush", r"password=\*{8}$")
seen += p.type("\r", "others can read.*\r\n.*> $")
assert "hush" not in seen, seen
p.type("get ratio.ct\r", "\n40\r\n.*> $")
p.type("get ratio.ct\r", "\n40\r\n.*> $")
assert "hush" not in p.type("\x10\x10", "pt$")
p.type("\x15\x04", "\n")
p.leaves()
EOF
is "$(grep -c hush "$HISTORY")" 0 "nor kept in the history"
is "$(stat -c %a "$HISTORY")" 600 "which is this user's alone"
is "$(tail -n 2 "$HISTORY" | xargs)" "get ratio.pt get ratio.ct" "a line that comes twice in a row is kept once"
typed "the history of another day" <<'EOF'
p.type("\x10", r"get ratio\.ct$")
p.type("\r", "\n40\r\n.*> $")
p.type("\x04", "\n")
p.leaves()
EOF
typed "SIGTERM ends it in a command, and at the prompt" <<'EOF'
p.type("watch ratio.ct -i 0.05\r", r"ratio\.ct +40")
os.kill(p.pid, signal.SIGTERM)
p.leaves(130)
p = Person("-c", "sim:frozen,ct=40", "shell")
os.kill(p.pid, signal.SIGTERM)
p.leaves(130)
EOF
typed "records of a person's commands have no line" <<'EOF'
p.type("\x04", "\n")
p.leaves()
p = Person("-c", "sim:frozen,ct=40", "-f", "jsonl", "shell")
p.type("get ratio.ct\r", r'\{"schema":"meterctl.shell/1","command":"get ratio.ct","status":0,"result":\{.*"value":40,.*\}\}\r\n.*> $')
p.type("\x04", "\n")
p.leaves()
EOF

done_testing
