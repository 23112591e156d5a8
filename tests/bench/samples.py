"""One run of a program, measured; and contests: the same work by several programs in turns."""

import os
import statistics
import subprocess
from collections import namedtuple

Sample = namedtuple("Sample", "wall user system kilobytes")


def measure(tools, folder, command):
    """Runs it to its end; anything but exit 0 ends the benchmark."""
    result = os.path.join(folder, "sample")
    done = subprocess.run([tools.measure, result, *command], check=False, text=True,
                          stderr=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(f"bench: {tools.measure} failed: {done.stderr}")
    with open(result, encoding="utf-8") as stream:
        code, wall, user, system, kilobytes = (int(word) for word in stream.read().split())
    if code:
        raise SystemExit(f"bench: exit {code}: {' '.join(command)[:400]}\n{done.stderr[-2000:]}")
    return Sample(wall / 1e6, user / 1e6, system / 1e6, kilobytes)


def contest(tools, folder, contestants, before, look=None):
    """Lists of samples by name. One round is a sample of each, in an order that turns about with every
    round, after a first round that does not count. `before` runs ahead of each sample; `look(name)`
    behind each of the first round, and sees what was left."""
    samples = {name: [] for name in contestants}
    for number in range(tools.rounds + 1):
        for name in list(contestants) if number % 2 else reversed(contestants):
            before()
            sample = measure(tools, folder, contestants[name])
            if number:
                samples[name].append(sample)
            elif look:
                look(name)
    return samples


class Ratio:
    """What one costs of the other: the median of the rounds' ratios, the least and the greatest."""

    def __init__(self, samples, one, other, limit=None, least=None):
        pairs = [a.wall / b.wall for a, b in zip(samples[one], samples[other])]
        self.one, self.other, self.limit, self.least = one, other, limit, least
        self.median, self.low, self.high = statistics.median(pairs), min(pairs), max(pairs)

    def good(self):
        return (self.limit is None or self.median <= self.limit) and \
               (self.least is None or self.median >= self.least)

    def demand(self):
        if self.limit is not None:
            return f"at most {self.limit:g}"
        return f"at least {self.least:g}" if self.least is not None else ""


def median_wall(samples):
    return statistics.median(sample.wall for sample in samples)
