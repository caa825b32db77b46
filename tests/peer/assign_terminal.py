"""A person at a terminal, whose words come from standard input: assign_terminal.py COMMAND...

Prints what the command shows, a line each, a question too, and at the end "status N". A line of its input is
typed there; "^C" is the key.
"""
import os
import pty
import select
import sys

QUESTION = '(type "yes") '

pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
print("pid", pid, flush=True)
pending = typed = ""
while True:
    ready, _, _ = select.select([fd, 0], [], [])
    if 0 in ready:
        typed += os.read(0, 512).decode()
        while "\n" in typed:
            line, typed = typed.split("\n", 1)
            os.write(fd, b"\x03" if line == "^C" else line.encode() + b"\n")
    if fd in ready:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        pending += data.decode(errors="replace").replace("\r", "")
        while "\n" in pending:
            line, pending = pending.split("\n", 1)
            print(line, flush=True)
        if pending.endswith(QUESTION):
            print(pending, flush=True)
            pending = ""
print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
