"""A person at a terminal: runs a command there, answers its question, and says how the
terminal is left. prompt.py WORDS ANSWER COMMAND... waits for WORDS, then types ANSWER
(\\x03: Ctrl-C); prints one line: "status N, echo on:" (or off) and what was seen."""
import fcntl
import os
import select
import subprocess
import sys
import termios
import time

words, answer, command = sys.argv[1].encode(), sys.argv[2], sys.argv[3:]
answer = answer.encode().decode("unicode_escape").encode("latin-1")
person, terminal = os.openpty()
run = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal,
                       start_new_session=True,
                       preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))


def echo():
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


seen, end = b"", time.monotonic() + float(os.environ["PATIENCE"])
while run.poll() is None and time.monotonic() < end:
    if select.select([person], [], [], 0.1)[0]:
        seen += os.read(person, 4096)
    if answer and words in seen and not echo():
        os.write(person, answer)
        answer = b""
while select.select([person], [], [], 0)[0]:
    seen += os.read(person, 4096)
print(f"status {run.poll()}, echo {'on' if echo() else 'off'}:", *seen.decode(errors="replace").split())
run.kill()
run.wait()
