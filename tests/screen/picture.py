#!/usr/bin/env python3
"""A picture of a terminal: reads what tmux captures with its colours (capture-pane -e), writes SVG.

usage: picture.py dark|light COLS <captured >picture.svg
"""
import re
import sys
from xml.sax.saxutils import escape

CELL, LINE, SIZE, EDGE = 8.4, 18, 14, 12
GROUND = {"dark": ("#1c1c1c", "#d0d0d0"), "light": ("#ffffff", "#1c1c1c")}
EIGHT = ["#000000", "#af0000", "#005f00", "#af5f00", "#005faf", "#870087", "#00697f", "#bcbcbc"]


def colour(n):
    """Of the 256 of xterm: 16 to 231 are a cube of six steps, 232 to 255 greys."""
    if n < 16:
        return EIGHT[n % 8]
    if n >= 232:
        return "#" + f"{8 + 10 * (n - 232):02x}" * 3
    steps = [0, 95, 135, 175, 215, 255]
    n -= 16
    return f"#{steps[n // 36]:02x}{steps[n // 6 % 6]:02x}{steps[n % 6]:02x}"


class Look:
    """What SGR has set (ECMA-48, 8.3.117)."""

    def __init__(self):
        self.ink, self.bold, self.dim, self.line, self.turned = None, False, False, False, False

    def take(self, codes):
        codes = [int(c or 0) for c in codes.split(";")]
        while codes:
            code = codes.pop(0)
            if code == 38 and codes[:1] == [5]:
                self.ink = colour(codes[1])
                codes = codes[2:]
            elif 30 <= code <= 37:
                self.ink = EIGHT[code - 30]
            elif code == 39:
                self.ink = None
            elif code == 0:
                self.__init__()
            elif code == 1:
                self.bold = True
            elif code == 2:
                self.dim = True
            elif code == 4:
                self.line = True
            elif code == 7:
                self.turned = True
            elif code == 22:
                self.bold = self.dim = False
            elif code == 24:
                self.line = False
            elif code == 27:
                self.turned = False

    def draw(self, out, x, y, text, ground, ink):
        fore, back = self.ink or ink, None
        if self.turned:
            fore, back = ground, fore
        if back:
            out.append(f'<rect x="{x:.1f}" y="{y - SIZE}" width="{len(text) * CELL:.1f}" height="{LINE}" fill="{back}"/>')
        if not text.strip():
            return
        style = (' font-weight="bold"' if self.bold else "") + (' opacity="0.6"' if self.dim else "") \
            + (' text-decoration="underline"' if self.line else "")
        out.append(f'<text x="{x:.1f}" y="{y}" fill="{fore}"{style} textLength="{len(text) * CELL:.1f}" '
                   f'xml:space="preserve">{escape(text)}</text>')


def main():
    theme, cols = sys.argv[1], int(sys.argv[2])
    ground, ink = GROUND[theme]
    rows = sys.stdin.read().rstrip("\n").split("\n")
    width, height = cols * CELL + 2 * EDGE, len(rows) * LINE + 2 * EDGE
    out, look = [], Look()
    for number, row in enumerate(rows):
        at = 0
        for part in re.split(r"(\x1b\[[0-9;]*m|\x0e|\x0f)", row):
            if part.startswith("\x1b["):
                look.take(part[2:-1])
            elif part and part not in "\x0e\x0f":
                look.draw(out, EDGE + at * CELL, EDGE + SIZE + number * LINE, part, ground, ink)
                at += len(part)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}" '
          f'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{SIZE}">')
    print(f'<rect width="100%" height="100%" rx="6" fill="{ground}"/>')
    print("\n".join(out))
    print("</svg>")


main()
