"""What a serial line itself allows: the least time in which registers can be had.

A transaction of n registers takes the request's 8 characters, the answer's 5 +
2n, 3.5 characters of silence after each, and the slave's turnaround. Registers
may be read together in any way that leaves points whole and asks for at most
125; a gap between two points may be read through. The limit is the cheapest
of all such ways, found here by trying them all (dynamic programming over the
sorted points), apart from meterctl's own planner.
"""

MOST = 125


def transaction(n, baud, bits, turnaround):
    return (8 + 5 + 2 * n + 2 * 3.5) * bits / baud + turnaround


def limit(points, baud, bits=10, turnaround=0.005):
    """POINTS: (address, words) pairs. Seconds, and how many transactions."""
    points = sorted(set(points))
    best = [(0.0, 0)]
    for last in range(len(points)):
        end, ways = 0, []
        for first in range(last, -1, -1):
            end = max(end, points[first][0] + points[first][1])
            n = end - points[first][0]
            if n > MOST:
                break
            cost, count = best[first]
            ways.append((cost + transaction(n, baud, bits, turnaround), count + 1))
        best.append(min(ways))
    return best[-1]
