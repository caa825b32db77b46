"""What no screen shows: a row, or a column, of which the model has not one value.

models.py WIDTHxHEIGHT FILE: Live, Energy, Phasor and Settings one under the other, of a meter that has
answered to everything. The rows are found by what stands in them, whatever model it is.
"""
import re
import sys

TITLES = set('A B C total import export combined Active Reactive by quadrant kWh kvarh MWh Mvarh present max at '
             'Demand meter side primary holds new'.split())
VALUE = re.compile(r'[0-9]|in step|[○●]')


def bodies(path, rows):
    with open(path, encoding='utf-8') as f:
        lines = f.read().split('\n')
    return [lines[k * rows + 3:(k + 1) * rows - 2] for k in range(4)]


def is_title(line):
    words = re.sub(r'[^\w ]', ' ', line).split()
    return bool(words) and all(w in TITLES for w in words)


def halves(line, at):
    """A line of Live has two: the table, and the pane beside it."""
    return [line[:at], line[at:]] if at else [line]


def empty_rows(lines, at):
    for n, line in enumerate(lines):
        for part in halves(line, at):
            if part.strip() and not is_title(part) and not VALUE.search(part):
                yield 'row %d has no value: %s' % (n, part.strip())
            if re.search(r'(^| )--( |$)', part):
                yield 'row %d waits for what never comes: %s' % (n, part.strip())


def empty_columns(lines, at):
    """Values stand under the end of their column's name."""
    for n, line in enumerate(lines):
        head = line[:at] if at else line
        if not is_title(head):
            continue
        for m in re.finditer(r'\S+', head):
            if m.group() not in ('A', 'B', 'C', 'total', 'import', 'export', 'combined', 'present', 'max') or m.start() < 14:
                continue
            under = [row[m.end() - 1:m.end()] for row in lines[n + 1:]]
            if not any(c.isdigit() for c in under):
                yield 'column %s has no value' % m.group()


def main():
    cols, rows = map(int, sys.argv[1].split('x'))
    live, energy, phasor, settings = bodies(sys.argv[2], rows)
    at = 55 + 4 * min((cols - 80) // 10, 4)    # where the pane of Live begins
    wrong = []
    for name, lines, split in ('Live', live, at), ('Energy', energy, 0), ('Settings', settings, 0):
        if any('this model ' in line for line in lines):
            if sum(bool(line.strip()) for line in lines) != 1:
                wrong.append('%s says that the model has none, and more' % name)
            continue
        if not any(VALUE.search(line) for line in lines):
            wrong.append('%s is empty' % name)
        if name != 'Settings':
            wrong += ['%s: %s' % (name, w) for w in empty_rows(lines, split)]
            wrong += ['%s: %s' % (name, w) for w in empty_columns(lines, split)]
    # the powers and angles that a verdict rests on, and a load, which hangs on what is connected
    wrong += ['Phasor: row %s' % line.strip() for line in phasor
              if re.search(r'(--\s+){2}--', line) and ' load ' not in line]
    print('\n'.join(wrong))
    sys.exit(bool(wrong))


main()
