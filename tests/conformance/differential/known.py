"""The differences that docs/alembic.md lists: for each key a predicate that knows one when it meets one."""

import re

from listing import MOVES


class Case:
    """One command, from one state, answered by both."""

    def __init__(self, graph, rows, verb, arguments, theirs, ours, resolve):
        self.graph, self.rows, self.verb, self.arguments = graph, rows, verb, arguments
        self.theirs, self.ours = theirs, ours
        self.resolve = resolve  # an identifier to the ids that Alembic makes of it, or None

    @property
    def refused(self):
        """Only skein refuses."""
        return self.ours.kind == "error" and self.theirs.kind == "ok"

    @property
    def allowed(self):
        """Only Alembic fails."""
        return self.ours.kind == "ok" and self.theirs.kind != "ok"

    @property
    def both(self):
        return self.ours.kind == "ok" and self.theirs.kind == "ok"

    def maximal(self, names):
        return self.graph.maximal(names) == set(names)

    def begins(self, part, whole):
        """Whether `whole` begins with `part`; with several dependencies, in any order that respects the edges."""
        return part == whole[:len(part)] or \
            (self.graph.several_dependencies() and set(part) <= set(whole) and self.graph.respects(part))

    def told(self, text):
        return text in self.ours.told


def redundant_parent(case):
    return case.refused and case.graph.redundant() and case.told("is an ancestor of another parent")


def several_rows(case):
    return (case.refused and case.verb == "downgrade" and case.arguments[0].startswith("-") and
            len(case.rows) > 1 and case.told("is ambiguous, the target stands at"))


def covered_rows(case):
    """The table held a row that another one covers."""
    return case.verb in MOVES and not case.maximal(case.rows) and \
        (case.ours.kind == "error" or case.maximal(case.ours.rows) or case.ours.rows == set(case.rows))


def stamped(case):
    """What skein's stamp leaves: the rows that have nothing to do with what was named, and of that the maximal."""
    named, kept = set(), set(case.rows)
    for argument in case.arguments:
        found = case.resolve(argument) or []
        label = argument.rpartition("@")[0]
        roots = found or (case.resolve(label) if label else case.graph.ids)
        named |= set(found)
        kept -= {row for row in kept for root in roots
                 if row == root or row in case.graph.below[root] or root in case.graph.below[row]}
    return case.graph.maximal(named) | kept


def is_stamp(case):
    return case.verb == "stamp" and case.ours.kind == "ok" and case.ours.rows == stamped(case)


def stamp_base(case):
    """Alembic passes over base where something else is named, too."""
    return is_stamp(case) and len(case.arguments) > 1 and any(case.resolve(name) == [] for name in case.arguments)


def stamp_loses_rows(case):
    return is_stamp(case) and case.both and case.theirs.rows < case.ours.rows


def stamp_several(case):
    """Each of several is stamped as if nothing had changed since the begin: crashes, covered rows, rows forgotten."""
    return is_stamp(case) and sum(len(case.resolve(name) or []) for name in case.arguments) > 1


def base_by_count(case):
    return case.refused and case.verb == "downgrade" and case.told("below the first revision")


def label_not_used(case):
    """Alembic looks up what stands behind the @ in the whole graph, for downgrade and for L@X+N."""
    if case.refused:
        return case.verb == "downgrade" and case.told("in the lineage of")
    return case.allowed and any("@" in argument for argument in case.arguments) and (
        case.theirs.told.startswith(("Multiple head", "Not a valid downgrade target")) or
        case.verb in ("downgrade", "stamp") and re.match("Can't locate revision identified by '[^@+-]+'",
                                                         case.theirs.told))


def empty_label(case):
    return case.refused and any(argument.startswith("@") for argument in case.arguments) and \
        case.told("is no revision identifier")


def unknown_label(case):
    """Alembic looks at the label only where there is something to choose by it."""
    labels = [argument.split("@")[0] for argument in case.arguments if "@" in argument]
    return case.refused and any(case.told(f'there is no revision or branch "{label}"') or
                                case.told(f'"{label}" is ambiguous') for label in labels)


def rows_lost(case):
    """Alembic broke off where it did not find the row that it wanted to change."""
    return case.allowed and case.theirs.kind == "crash" and case.verb in ("upgrade", "downgrade") and \
        case.theirs.told.startswith(("KeyError", "AssertionError")) and len(case.theirs.steps) > 0 and \
        case.begins(case.theirs.steps, case.ours.steps)


def rows_not_maximal(case):
    return case.both and case.verb in ("upgrade", "downgrade") and \
        case.begins(case.theirs.steps, case.ours.steps) and \
        not case.maximal(case.theirs.rows) and case.ours.rows == case.graph.maximal(case.theirs.rows)


def dependency_order(case):
    return case.both and case.theirs.rows == case.ours.rows and case.graph.several_dependencies() and \
        case.begins(case.theirs.steps, case.ours.steps) and len(case.theirs.steps) == len(case.ours.steps) and \
        sorted(case.theirs.listed, key=repr) == sorted(case.ours.listed, key=repr)


def relative_to_name(case):
    """Alembic counts from a name in upgrade, downgrade and the end of a range only."""
    return case.allowed and case.verb in ("show", "stamp", "history") and \
        re.search(r"locate revision identified by '[^']+[+-][0-9]+'", case.theirs.told)


def base_minus(case):
    """For Alembic one step below base is the head."""
    return case.refused and "base-" in case.arguments[0] and case.told("there is none")


def stamp_relative(case):
    return case.refused and case.verb == "stamp" and case.told("stamp needs to be told the revision itself")


def show_below_heads(case):
    """-N counts from each head: two have the same one there, or one has nothing."""
    if case.verb != "show" or not re.search(r"(^|@)-[0-9]+$", case.arguments[0]):
        return False
    if case.both:
        return sorted(set(case.theirs.listed), key=repr) == case.ours.listed
    return case.theirs.told.startswith("AttributeError") if case.allowed else case.told("asks for")


def ends(case):
    """Both ends of a history's range."""
    lower, _, upper = case.arguments[0].partition(":") if case.verb == "history" else ("", "", "")
    return lower.strip(), upper.strip()


def range_to_base(case):
    """An end that walks down to base or past it."""
    lower, upper = ends(case)
    return case.allowed and (
        re.search(r"(^|@)-[0-9]+$", lower) or
        ("-" in upper and case.theirs.told.startswith("AssertionError")))


def id_as_label(case):
    """ID@x: at the begin of a range, where Alembic takes all that has the one label of ID; ID@-N, where it finds
    nothing that has the label ID."""
    label, at, rest = case.arguments[0].partition("@") if case.arguments else ("", "", "")
    if not at or label in case.graph.labels or case.ours.kind == "crash" or ":" in label:
        return False
    if case.verb == "show":
        return case.theirs.kind == "ok" and case.theirs.listed == [] and re.match("-[0-9]+$", rest)
    return case.verb == "history" and (case.both or re.match("AssertionError|Requested range", case.theirs.told))


def range_of_dependency(case):
    """What begins at a revision that others only depend on has nothing above it by parents."""
    return case.allowed and case.verb == "history" and case.theirs.told.startswith("AssertionError") and \
        any("effective head" in marks for _, marks, _ in case.ours.listed)


def overlap(case):
    """Of several that were asked for, one depends on another."""
    return case.allowed and case.maximal(case.rows) and "overlaps with other requested" in case.theirs.told


# The key, its predicate, and one case of it: revisions as `ID:PARENT,PARENT/DEPENDENCY#LABEL`, rows, command.
KNOWN = {
    "redundant-parent": (redundant_parent, "aaaa bbbb:aaaa cccc:bbbb,aaaa", "", "upgrade heads"),
    "several-rows": (several_rows, "aaaa bbbb:aaaa cccc:aaaa", "bbbb cccc", "downgrade -1"),
    "covered-rows": (covered_rows, "aaaa bbbb:aaaa", "aaaa bbbb", "upgrade heads"),
    "rows-lost": (rows_lost, "aaaa bbbb:aaaa cccc dddd:bbbb,cccc/aaaa", "", "upgrade heads"),
    "rows-not-maximal": (rows_not_maximal, "aaaa bbbb:aaaa cccc:bbbb/aaaa", "cccc", "downgrade bbbb"),
    "dependency-order": (dependency_order, "aaaa bbbb cccc/aaaa,bbbb", "", "upgrade heads"),
    "base-by-count": (base_by_count, "aaaa bbbb cccc:bbbb", "aaaa cccc", "downgrade bbbb-1"),
    "base-minus": (base_minus, "aaaa bbbb:aaaa", "bbbb", "downgrade base-1"),
    "label-not-used": (label_not_used, "aaaa#one bbbb#two", "aaaa bbbb", "downgrade one@bbbb"),
    "unknown-label": (unknown_label, "aaaa", "aaaa", "downgrade none@base"),
    "empty-label": (empty_label, "aaaa bbbb:aaaa", "aaaa", "upgrade @bbbb"),
    "stamp-base": (stamp_base, "aaaa bbbb", "aaaa bbbb", "stamp base aaaa"),
    "stamp-loses-rows": (stamp_loses_rows, "aaaa bbbb:aaaa cccc:aaaa dddd:cccc", "bbbb cccc", "stamp heads"),
    "stamp-several": (stamp_several, "aaaa bbbb:aaaa", "", "stamp aaaa bbbb"),
    "stamp-relative": (stamp_relative, "aaaa bbbb:aaaa#one", "", "stamp one@-1"),
    "relative-to-name": (relative_to_name, "aaaa bbbb:aaaa", "", "show bbbb-1"),
    "show-below-heads": (show_below_heads, "aaaa bbbb:aaaa cccc:aaaa", "", "show -1"),
    "range-to-base": (range_to_base, "aaaa", "", "history -1:"),
    "range-of-dependency": (range_of_dependency, "aaaa bbbb/aaaa", "", "history aaaa:heads"),
    "id-as-label": (id_as_label, "aaaa bbbb:aaaa", "", "history aaaa@base:heads"),
    "overlap": (overlap, "aaaa bbbb:aaaa cccc:aaaa/bbbb", "aaaa", "upgrade aaaa@heads"),
}


def key_of(case):
    """The first key whose predicate holds, or None."""
    return next((key for key, (holds, *_) in KNOWN.items() if holds(case)), None)
