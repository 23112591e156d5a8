"""The sections of the page: when and on what machine each was measured, and its table. Titles: page.py."""

import datetime
import os
import platform
import subprocess

from samples import median_wall

KILOBYTES = 64 * 1024
SECONDS = 1.0
LINEAR = 1.5  # a file may cost so much more in the largest project than in the one before
FILES, FILES_SECONDS = 1000, 0.03  # a project of so many, each command

def counted(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"


def table(head, rows):
    lines = ["| " + " | ".join(cells) + " |" for cells in [head, *rows]]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines) + "\n"


def verdict(good):
    return "met" if good else "**not met**"


class Contest:
    """Several programs over one fleet; `what` says its size."""

    def __init__(self, title, what, samples, ratios):
        self.title, self.what, self.samples, self.ratios = title, what, samples, ratios

    def missed(self):
        return [f"{self.title}: {ratio.one} / {ratio.other} is {ratio.median:.2f},"
                f" not {ratio.demand()}" for ratio in self.ratios if not ratio.good()]

    def render(self):
        walls = "; ".join(f"{name} {median_wall(samples):.3f} s"
                          for name, samples in self.samples.items())
        rows = [[f"{ratio.one} / {ratio.other}",
                 f"{ratio.median:.2f} ({ratio.low:.2f}–{ratio.high:.2f})", ratio.demand(),
                 verdict(ratio.good()) if ratio.demand() else ""] for ratio in self.ratios]
        return f"{self.what}. Medians: {walls}.\n\n" + \
            table(["ratio of wall times", "median (least–greatest)", "demanded", ""], rows)


class BigFleet:
    """Memory, and the time to the first connection, by the number of targets."""

    title = "Many targets"

    def __init__(self, count, measured, seconds):
        self.count, self.measured, self.seconds = count, measured, seconds

    def missed(self):
        misses = [f"{self.count} targets: {name} took {sample.kilobytes} kB"
                  for name, sample in self.measured.items() if sample.kilobytes > KILOBYTES]
        if self.seconds > SECONDS:
            misses.append(f"{self.count} targets: {self.seconds:.2f} s to the first connection")
        return misses

    def render(self):
        rows = [[f"`{name}`: largest resident set", f"{sample.kilobytes / 1024:.1f} MB",
                 "at most 64 MB", verdict(sample.kilobytes <= KILOBYTES)]
                for name, sample in self.measured.items()]
        rows += [[f"`{name}`: wall time", f"{sample.wall:.2f} s", "", ""]
                 for name, sample in self.measured.items()]
        rows.append(["first connection (PostgreSQL)", f"{self.seconds:.3f} s", "under 1 s",
                     verdict(self.seconds <= SECONDS)])
        return f"{self.count} targets in skein.yaml (SQLite files).\n\n" + \
            table(["what", "measured", "demanded", ""], rows)


class Files:
    """Rows: how many files, processor seconds of each command, with nothing to do."""

    title = "Many revision files"
    COMMANDS = ("history", "heads", "upgrade head")

    def __init__(self, rows):
        self.rows = rows

    def growth(self, column):
        """How much more a file costs in the largest project than in the one before."""
        (few, *few_times), (many, *many_times) = self.rows[-2:]
        return many_times[column] / many / (few_times[column] / few) if few_times[column] else 0

    def missed(self):
        misses = [f"{command} costs {self.growth(column):.2f} times as much a file in the largest"
                  " project" for column, command in enumerate(self.COMMANDS)
                  if self.growth(column) > LINEAR]
        misses += [f"{command} takes {seconds:.3f} s of processor time at {count} files"
                   for count, *times in self.rows if count == FILES
                   for command, seconds in zip(self.COMMANDS, times) if seconds > FILES_SECONDS]
        return misses

    @staticmethod
    def cell(count, seconds):
        judged = f" ({verdict(seconds <= FILES_SECONDS)}: at most {FILES_SECONDS:g} s)" \
            if count == FILES else ""
        return f"{seconds:.3f} s{judged}"

    def render(self):
        rows = [[str(count), *(self.cell(count, seconds) for seconds in times)]
                for count, *times in self.rows]
        rows.append(["a file, last against the one before",
                     *(f"{self.growth(column):.2f} ({verdict(self.growth(column) <= LINEAR)}:"
                       f" at most {LINEAR:g})" for column in range(len(self.COMMANDS)))])
        return "Processor time with nothing to do.\n\n" + \
            table(["files", *(f"`{command}`" for command in self.COMMANDS)], rows)


def first_line(path, prefix):
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            if line.startswith(prefix):
                return line.split(":", 1)[1].strip()
    return ""


def machine(versions):
    memory = int(first_line("/proc/meminfo", "MemTotal").split()[0]) // 1024 // 1024
    processor = first_line("/proc/cpuinfo", "model name") or platform.machine()
    compiler = subprocess.run(["cc", "--version"], capture_output=True, text=True,
                              check=False).stdout.split("\n")[0]
    return f"{os.cpu_count()} cores ({processor}), {memory} GB memory, Linux {platform.release()}," \
        f" {', '.join(versions + [compiler])}"


def section(result, rounds, versions):
    """A result's section as it stands in the page; `versions`: the servers' and libraries' that it depends on."""
    return f"## {result.title}\n\nMeasured on {datetime.date.today()}, {counted(rounds, 'round')}; {machine(versions)}.\n\n" + \
        result.render()
