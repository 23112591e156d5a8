#!/usr/bin/python3
"""skein beside the real Alembic: random graphs, rows and commands, both asked, answers compared: outcome, steps in order,
version rows, the revisions named. A difference must be one that docs/alembic.md lists, as a predicate in known.py knows it.

usage: differential_test.py SKEIN DOCUMENT [--seed N [--rounds N]]

Each round is one graph with ten commands, from its own seed. $DIFFERENTIAL_COMMANDS (200) says how many commands there
are in all, from $DIFFERENTIAL_SEED (1) on; --seed runs that round and shows both answers to each command.
"""

import argparse
import collections
import os
import re
import sys

import known
from alembic_side import Alembic
from draw import Graph, Revision, Round
from skein_side import Skein

COMMANDS = 10  # of one round


def listed_keys(document):
    """The keys of the tables of differences: `| \\`key\\` |` at the start of a line."""
    with open(document, encoding="utf-8") as stream:
        return re.findall(r"^\| `([a-z-]+)` \|", stream.read(), re.MULTILINE)


def check_keys(document):
    keys = listed_keys(document)
    wrong = [f"{key}: in {document}, no predicate" for key in keys if key not in known.KNOWN]
    wrong += [f"{key}: a predicate, not in {document}" for key in known.KNOWN if key not in keys]
    wrong += [f"{key}: twice in {document}" for key, count in collections.Counter(keys).items() if count > 1]
    return wrong


def sketched(text):
    revisions = []
    for word in text.split():
        name, down, depends_on, label = re.fullmatch(r"(\w+)(?::([\w,]+))?(?:/([\w,]+))?(?:#(\w+))?", word).groups("")
        revisions.append(Revision(name, filter(None, down.split(",")), filter(None, depends_on.split(",")),
                                  filter(None, [label])))
    return Graph(revisions)


class Comparison:
    """Asks both, and judges."""

    def __init__(self, program):
        self.program, self.alembic = program, Alembic()
        self.met, self.commands = collections.Counter(), 0

    def ask(self, graph, skein, rows, verb, arguments):
        """The case, and what is wrong with it: None, or a text. The key, where it is a known difference."""
        self.commands += 1
        case = known.Case(graph, rows, verb, arguments, self.alembic.run(graph, rows, verb, arguments),
                          skein.run(rows, verb, arguments), lambda name: self.alembic.resolve(graph, name))
        if case.ours.kind == "crash":
            return case, "skein ended in a way that this test does not know", None
        if case.ours.kind == "error" and case.ours.rows != set(rows):
            return case, "skein refused, and changed the rows", None
        if case.ours.same(case.theirs):
            return case, None, None
        key = known.key_of(case)
        if key:
            self.met[key] += 1
        return case, None if key else "a difference that docs/alembic.md does not list", key

    def round(self, seed, show=False):
        """False where something is wrong, which is printed."""
        drawn = Round(seed)
        skein = Skein(self.program, drawn.graph)
        after = None
        try:
            for number in range(1 if drawn.graph.redundant() else COMMANDS):
                case, wrong, key = self.ask(drawn.graph, skein, *drawn.command(after))
                after = case.theirs.rows if case.ours.same(case.theirs) and case.ours.kind == "ok" else None
                if wrong or show:
                    tell(f"seed {seed}, command {number + 1}: {wrong or key or 'the same'}", case)
                if wrong:
                    print(f"again: PYTHONHASHSEED={os.environ['PYTHONHASHSEED']} {sys.executable} {sys.argv[0]} "
                          f"{sys.argv[1]} {sys.argv[2]} --seed {seed}")
                    return False
        finally:
            skein.close()
        return True

    def example(self, key):
        """Each key's own case must be a difference still, and of that key."""
        _, sketch, rows, command = known.KNOWN[key]
        graph, (verb, *arguments) = sketched(sketch), command.split()
        skein = Skein(self.program, graph)
        case, wrong, met = self.ask(graph, skein, rows.split(), verb, arguments)
        skein.close()
        if wrong or met != key:
            tell(f"the example of {key}: {wrong or met or 'no difference'}", case)
        return not wrong and met == key


def tell(headline, case):
    print(f"{headline}\n  graph: {'; '.join(map(repr, case.graph.revisions))}\n  rows: {' '.join(case.rows) or '(none)'}\n"
          f"  {case.verb} {case.arguments}\n    alembic {case.theirs.show()}\n    skein {case.ours.show()}")


def run_all(comparison, options):
    """How many things are wrong."""
    wrong = check_keys(options.document)
    print("\n".join(wrong), end="\n" if wrong else "")
    failed = len(wrong) + sum(not comparison.example(key) for key in known.KNOWN)
    comparison.met.clear()
    comparison.commands = 0
    wanted, seed = int(os.environ.get("DIFFERENTIAL_COMMANDS", 200)), int(os.environ.get("DIFFERENTIAL_SEED", 1))
    while comparison.commands < wanted and failed < 5:
        failed += not comparison.round(seed)
        seed += 1
    print(f"{comparison.commands} commands, {sum(comparison.met.values())} known differences: " +
          ", ".join(f"{key} {count}" for key, count in comparison.met.most_common()))
    return failed


def main():
    if "PYTHONHASHSEED" not in os.environ:  # Alembic walks through sets
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("skein")
    parser.add_argument("document")
    parser.add_argument("--seed", type=int, help="this round alone, in full")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    for name in ("DATABASE_URL", "SKEIN_CONFIG"):
        os.environ.pop(name, None)
    comparison = Comparison(os.path.abspath(options.skein))
    if options.seed is None:
        failed = run_all(comparison, options)
    else:
        failed = sum(not comparison.round(options.seed + number, show=True) for number in range(options.rounds))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
