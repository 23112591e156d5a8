"""What a command answered, from either program, in one shape."""

import re

from draw import MARKS

MOVES = ("upgrade", "downgrade", "stamp")
LINE = re.compile(r"(?:.* -> )?(\S+)((?: \([^)]*\))*)(?:, .*)?$")


class Answer:
    """kind: ok, error, crash. steps: (direction, id), not for stamps. rows afterwards. told: the error.
    listed: (id, marks, labels) of each revision that was named."""

    def __init__(self, kind, told=""):
        self.kind, self.told, self.steps, self.rows, self.listed = kind, told, [], set(), []

    def read(self, verb, text):
        if self.kind != "ok" or verb in MOVES:
            return
        self.listed = entries(text) if verb == "show" else [line(row) for row in text.splitlines()]
        if verb not in ("history", "indicate"):
            self.listed.sort(key=repr)

    def same(self, other):
        if self.kind != "ok" or other.kind != "ok":
            return self.kind != "ok" and other.kind != "ok"
        return (self.steps, self.rows, self.listed) == (other.steps, other.rows, other.listed)

    def show(self):
        text = self.kind + (f": {self.told}" if self.told else "")
        text += "".join(f"\n      {direction} {name}" for direction, name in self.steps)
        text += f"\n      rows {' '.join(sorted(self.rows)) or '(none)'}"
        return text + "".join(f"\n      {name} {' '.join(sorted(marks))} ({', '.join(sorted(labels))})"
                              for name, marks, labels in self.listed)


def described(name, groups):
    marks = frozenset(group for group in groups if group in MARKS)
    labels = frozenset(label for group in groups if group not in MARKS for label in group.split(", "))
    return name, marks, labels


def line(text):
    """`a, b (dependency) -> id (label) (head), message`"""
    found = LINE.match(text)
    if not found:
        raise ValueError(f"no line of a listing: {text!r}")
    return described(found[1], re.findall(r"\(([^)]*)\)", found[2]))


def entries(text):
    """What `show` prints: `Rev: id (head)`, …, `Branch names: label`."""
    found = []
    for row in text.splitlines():
        if row.startswith("Rev: "):
            name, _, rest = row[len("Rev: "):].partition(" ")
            found.append(described(name, re.findall(r"\(([^)]*)\)", rest)))
        elif row.startswith("Branch names: "):
            name, marks, _ = found[-1]
            found[-1] = name, marks, frozenset(row[len("Branch names: "):].split(", "))
    return found
