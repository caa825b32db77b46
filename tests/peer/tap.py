"""TAP for tests that are written in Python; tap.sh is its like for the shell.

  with Tap() as tap:
      tap.ok(value == 3, "three", f"got {value}")

Checks may come from several threads. The plan and the exit status come with the
end of the block; an exception inside it is a failure of its own.
"""

import os
import sys
import threading
import traceback

LINES, WIDTH = 24, 400      # of what a failed check says


class Tap:
    def __init__(self):
        self.count = self.failed = 0
        self.lock = threading.Lock()

    def __enter__(self):
        return self

    def ok(self, good, name, why=""):
        """WHY: what was expected and what came, for a person."""
        with self.lock:
            self.count += 1
            self.failed += not good
            print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
            if not good:
                self.diag(f"{name}\n{why}")
        return good

    def equal(self, got, want, name):
        return self.ok(got == want, name, f"got:  {got!r}\nwant: {want!r}")

    def diag(self, text):
        # to stderr, where prove does not swallow it
        for line in str(text).splitlines()[:LINES]:
            print(f"# {os.path.basename(sys.argv[0])}: {line[:WIDTH]}", file=sys.stderr, flush=True)

    def note(self, text):
        print(f"# {text}", flush=True)

    def __exit__(self, kind, error, where):
        if error and not isinstance(error, SystemExit):
            self.ok(False, f"the test itself: {error!r}", "".join(traceback.format_exception(kind, error, where)))
        print(f"1..{self.count}")
        if self.failed:
            self.diag(f"{self.failed} of {self.count} failed")
        sys.stdout.flush()
        sys.exit(self.failed > 0)
