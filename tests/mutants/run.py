#!/usr/bin/python3
"""Small changes to the program, each of which a test must notice.

run.py [NAME...]: those of the lists beside this file, or those with these names
(* and ? stand for any). run.py --check: only whether they still apply. A change is made in a copy of the tree below build/mutants,
built there and given to the tests its row names. It is noticed when one of them
fails. Exit status 1: one was not noticed, no longer applies, or does not build.

A row of a list:

    [name]
    file = "src/modbus/span.c"
    before = '''exactly this, and only once in the file'''
    after = '''what takes its place'''
    tests = ["unit/test_span"]      # also "cli/set.sh"; "asan:unit/..." with sanitizers
    why = "what goes wrong for a person when nobody notices"
"""
import fnmatch
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PLACE = os.path.join(TOP, "build", "mutants")
WHOLE = os.path.join(PLACE, "whole")    # what a copy is put right from after a change
VARIANTS = {"": ("default", []), "asan:": ("address-undefined", ["SANITIZE=address,undefined"])}
FIELDS = {"file", "before", "after", "tests", "why"}
JOBS = os.cpu_count() or 1
BUILD_LIMIT = 600
# A test may take so much longer with a change than without: another program may be busy.
TIMES, SECONDS = 5, 30

# The make that runs this must not speak to those that it runs.
ENV = {k: v for k, v in os.environ.items()
       if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "NAME", "BUILD", "METERCTL", "V")}
# What a test that fails leaves lying about. Not below PLACE: the path of a socket is short.
scratch = tempfile.TemporaryDirectory(prefix="meterctl-mutants.", ignore_cleanup_errors=True)
os.chmod(scratch.name, 0o711)   # tests become other users, who must get through


class Trouble(Exception):
    pass


class Test:
    """A test by its name in a row."""

    def __init__(self, name):
        prefix = next((p for p in VARIANTS if p and name.startswith(p)), "")
        self.name = name
        self.path = "tests/" + name[len(prefix):]
        self.variant = VARIANTS[prefix][0]
        self.script = self.path.endswith(".sh")
        self.seconds = 0.0

    def source(self):
        return self.path + ("" if self.script else ".c")

    def targets(self):
        build = "build/" + self.variant
        if not self.script:
            return [f"{build}/{self.path}"]
        return ["meterctl" if self.variant == "default" else f"{build}/meterctl"]

    def command(self):
        return ["bash", self.path] if self.script else [f"build/{self.variant}/{self.path}"]

    def run(self, tree):
        """None when it passes, else what failed."""
        env = dict(ENV, TMPDIR=os.path.join(scratch.name, os.path.basename(tree)))
        if self.script and self.variant != "default":
            env["METERCTL"] = f"build/{self.variant}/meterctl"
        began = time.monotonic()
        limit = SECONDS + TIMES * self.seconds if self.seconds else 10 * SECONDS
        code, text = run(self.command(), tree, limit, env)
        if not self.seconds:
            self.seconds = time.monotonic() - began
        if code == 0:
            return None
        if code is None:
            return f"no end in {limit:.0f} s"
        failed = re.search(r"^not ok \d+ (?:- )?(.*)|(\w+Sanitizer: [\w-]+)", text, re.M)
        return failed[failed.lastindex] if failed else f"signal {-code}" if code < 0 else f"exit status {code}"


class Mutant:
    def __init__(self, name, row):
        if set(row) != FIELDS:
            raise Trouble(f"{name}: a row has {', '.join(sorted(FIELDS))}")
        self.name, self.file = name, row["file"]
        self.before, self.after = row["before"], row["after"]
        self.tests = [test_named(t) for t in row["tests"]]
        self.noticed = self.trouble = None

    def changed(self, tree):
        """What its file becomes."""
        try:
            with open(os.path.join(tree, self.file), encoding="utf-8") as f:
                text = f.read()
        except OSError as e:
            raise Trouble(f"cannot read {self.file}: {e.strerror}") from None
        found = text.count(self.before)
        if found != 1:
            raise Trouble(f"its text is {found} times in {self.file}, not once")
        for test in self.tests:
            if not os.path.exists(os.path.join(tree, test.source())):
                raise Trouble(f"there is no {test.source()}")
        return text.replace(self.before, self.after)

    def apply(self, tree):
        text = self.changed(tree)
        with open(os.path.join(tree, self.file), "w", encoding="utf-8") as f:
            f.write(text)

    def try_in(self, tree):
        try:
            self.apply(tree)
            build(tree, self.tests, 1)
            for test in self.tests:
                what = None if self.noticed else test.run(tree)
                if what:
                    self.noticed = f"{test.name}: {what}"
        except (Trouble, OSError) as e:
            self.trouble = str(e)
        put_right(tree, self.file)

    def verdict(self):
        return self.trouble and "ERROR: " + self.trouble or self.noticed or "NOT NOTICED"


tests = {}


def test_named(name):
    return tests.setdefault(name, Test(name))


def read_lists():
    rows = []
    for name in sorted(os.listdir(HERE)):
        if not name.endswith(".toml"):
            continue
        with open(os.path.join(HERE, name), "rb") as f:
            try:
                rows += [Mutant(key, row) for key, row in tomllib.load(f).items()]
            except (tomllib.TOMLDecodeError, Trouble) as e:
                sys.exit(f"{name}: {e}")
    names = [m.name for m in rows]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        sys.exit("twice in the lists: " + ", ".join(sorted(twice)))
    return rows


# ---- running ------------------------------------------------------------------

children, ending = set(), threading.Event()


def run(command, tree, limit, env=None):
    """Exit status (None: the time was over, and it was ended) and what it wrote."""
    if ending.is_set():
        raise Trouble("ended")
    p = subprocess.Popen(command, cwd=tree, env=env or ENV, stdin=subprocess.DEVNULL, text=True, errors="replace",
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    children.add(p)
    try:
        text, _ = p.communicate(timeout=limit)
        return p.returncode, text
    except subprocess.TimeoutExpired:
        end(p)
        p.communicate()
        return None, ""
    except BaseException:
        end(p)
        raise
    finally:
        children.discard(p)


def end(p):
    """Asks first: a script then takes its servers and folders away."""
    for sig in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(p.pid, sig)
            p.wait(5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass


def build(tree, wanted, jobs):
    for variant, args in VARIANTS.values():
        targets = {t for test in wanted if test.variant == variant for t in test.targets()}
        if not targets:
            continue
        code, text = run(["make", "-s", f"-j{jobs}", *args, *sorted(targets)], tree, BUILD_LIMIT)
        if code != 0:
            wrong = [line for line in text.splitlines() if "error" in line.lower()] or text.splitlines()[-3:]
            raise Trouble("does not build: " + " ".join(wrong[:2]))


# ---- copies -------------------------------------------------------------------

def copy_whole(wanted):
    def others(folder, names):
        return [n for n in names if folder == TOP and (n == "build" or n.startswith("."))]

    shutil.rmtree(PLACE, ignore_errors=True)
    shutil.copytree(TOP, WHOLE, symlinks=True, ignore=others)
    for variant in {t.variant for t in wanted}:
        shutil.copytree(os.path.join(TOP, "build", variant), os.path.join(WHOLE, "build", variant), symlinks=True)


def copies(n):
    trees = [os.path.join(PLACE, str(i + 1)) for i in range(n)]
    for tree in trees:
        shutil.copytree(WHOLE, tree, symlinks=True)
        os.mkdir(os.path.join(scratch.name, os.path.basename(tree)))
    return trees


def put_right(tree, file):
    """What a change and its build have touched is again as in the whole copy, times too."""
    built = [os.path.relpath(os.path.join(folder, name), tree)
             for folder, _, names in os.walk(os.path.join(tree, "build")) for name in names]
    for name in [file, "meterctl", *built]:
        ours, theirs = os.path.join(tree, name), os.path.join(WHOLE, name)
        if not os.path.exists(theirs):
            if os.path.exists(ours):
                os.unlink(ours)
        elif not os.path.exists(ours) or os.stat(ours).st_mtime_ns != os.stat(theirs).st_mtime_ns:
            shutil.copy2(theirs, ours)


def each(trees, things, work):
    """WORK(tree, thing) for each, as many at once as there are trees."""
    waiting = queue.SimpleQueue()
    for thing in things:
        waiting.put(thing)

    def take(tree):
        while not ending.is_set():
            try:
                work(tree, waiting.get_nowait())
            except queue.Empty:
                return

    threads = [threading.Thread(target=take, args=(tree,)) for tree in trees]
    for t in threads:
        t.start()
    try:
        for t in threads:
            t.join()
    except BaseException:
        ending.set()
        for p in list(children):
            end(p)
        for t in threads:
            t.join()
        raise


# ---- the whole of it ----------------------------------------------------------

def check_unchanged(trees, wanted):
    failed = {}

    def work(tree, test):
        what = test.run(tree)
        if what:
            failed[test.name] = what

    each(trees, wanted, work)
    for name, what in failed.items():
        print(f"{name} fails without any change: {what}")
    return not failed


def print_rows(chosen):
    """Returns what tells it of a mutant that was tried: rows come in the order of the list."""
    width = max(len(m.name) for m in chosen)
    print(f"{'mutant':{width}}  noticed by")
    done, lock = {}, threading.Lock()
    left = list(chosen)

    def tried(m):
        with lock:
            done[m] = m.verdict()
            while left and left[0] in done:
                print(f"{left[0].name:{width}}  {done[left.pop(0)]}", flush=True)

    return tried


def choose(patterns):
    rows = read_lists()
    chosen = [m for m in rows if not patterns or any(fnmatch.fnmatch(m.name, p) for p in patterns)]
    if not chosen:
        sys.exit("no mutant is named so; there are: " + " ".join(m.name for m in rows))
    return chosen


def check_lists():
    """A row that says nothing is one that applies."""
    fine = True
    for m in read_lists():
        try:
            m.changed(TOP)
        except Trouble as e:
            fine = False
            print(f"{m.name}: {e}")
    return fine


def main():
    began = time.monotonic()
    if sys.argv[1:] == ["--check"]:
        return int(not check_lists())
    chosen = choose(sys.argv[1:])
    wanted = list({t.name: t for m in chosen for t in m.tests}.values())
    try:
        build(TOP, wanted, JOBS)
        copy_whole(wanted)
        build(WHOLE, wanted, JOBS)      # what was changed meanwhile
        trees = copies(min(JOBS, max(len(chosen), len(wanted))))
        if not check_unchanged(trees, wanted):
            return 1
    except Trouble as e:
        print(e)
        return 1
    tried = print_rows(chosen)

    def work(tree, m):
        m.try_in(tree)
        tried(m)

    each(trees, chosen, work)
    unnoticed = sum(not m.noticed and not m.trouble for m in chosen)
    errors = sum(bool(m.trouble) for m in chosen)
    print(f"{len(chosen)} mutants, "
          + ("all noticed" if not unnoticed + errors else f"{unnoticed} not noticed, {errors} in error")
          + f" ({time.monotonic() - began:.0f} s)")
    return int(unnoticed + errors > 0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = main()
    except KeyboardInterrupt:
        code = 130
    shutil.rmtree(PLACE, ignore_errors=True)
    sys.exit(code)
