"""A batch at a terminal of 80x24: batch_terminal.py WORDS COMMAND...

Types Ctrl-C when WORDS are on the screen ("": never). Prints "status N", whether the screen
ever showed a table of progress, and the lines that stand there at the end."""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

words, command = sys.argv[1], sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    os.execvp(command[0], command)
screen, row, drawn, pending = [""], 0, False, ""
end = time.monotonic() + float(os.environ["PATIENCE"])
while time.monotonic() < end:
    if not select.select([fd], [], [], 0.1)[0]:
        continue
    try:
        pending += os.read(fd, 65536).decode(errors="replace")
    except OSError:
        break
    # lines, and the two orders that the table needs: up by N, and forget what is below
    while step := re.match(r"([^\n\x1b]*)\n|\x1b\[(\d+)A\r\x1b\[J", pending):
        pending = pending[step.end():]
        if step[2]:
            row = max(0, row - int(step[2]))
            del screen[row:]
            drawn = True
        else:
            screen[row:row + 1] = [step[1].rstrip("\r")]
            row += 1
    if words and any(words in line for line in screen):
        os.write(fd, b"\x03")
        words = ""
print(f"status {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}, {'drawn' if drawn else 'not drawn'}", *screen,
      pending, sep="\n")
