"""Random graphs, version rows and commands, from a seed."""

import random

MARKS = {"head", "effective head", "current", "branchpoint", "mergepoint"}
NONSENSE = ["", "@", "a@", "@a", "+", "-", "zzzz", "head@head", "a:b", "12", "-0", "+0", "heads+1", "base-1", "HEAD",
            "no@head", "no@base", "head+", "x@y@z"]


class Revision:
    """One revision file: id, parents, dependencies (an id or a label each), labels."""

    def __init__(self, name, down=(), depends_on=(), labels=()):
        self.id, self.down, self.depends_on, self.labels = name, list(down), list(depends_on), list(labels)

    def __repr__(self):
        text = f"{self.id}:{','.join(self.down)}"
        text += f" on {','.join(self.depends_on)}" if self.depends_on else ""
        return text + (f" ({','.join(self.labels)})" if self.labels else "")


class Graph:
    """Revisions in load order, and who stands below whom."""

    def __init__(self, revisions):
        self.revisions = revisions
        self.ids = [revision.id for revision in revisions]
        self.by_id = {revision.id: revision for revision in revisions}
        self.labels = {label: revision.id for revision in revisions for label in revision.labels}
        self.names = {**self.labels, **{name: name for name in self.ids}}
        self.parents = {revision.id: set(revision.down) for revision in revisions}
        self.edges = {revision.id: set(revision.down) | {self.names[name] for name in revision.depends_on}
                      for revision in revisions}
        self.lineage = self.closure(self.parents)
        self.below = self.closure(self.edges)

    @staticmethod
    def closure(edges):
        """Everything below each, without itself."""
        below = {}

        def visit(name):
            if name not in below:
                below[name] = set()
                for parent in edges[name]:
                    visit(parent)
                    below[name] |= {parent} | below[parent]

        for name in edges:
            visit(name)
        return below

    def ancestors(self, names):
        return set(names).union(*(self.below[name] for name in names))

    def maximal(self, names):
        return {name for name in names if not any(name in self.below[other] for other in names)}

    def redundant(self):
        """Parents that are ancestors of another parent."""
        return [(revision.id, parent) for revision in self.revisions for parent in revision.down
                if any(parent in self.lineage[other] for other in revision.down)]

    def several_dependencies(self):
        return any(len(revision.depends_on) > 1 for revision in self.revisions)

    def respects(self, steps):
        """No step comes before one that it needs."""
        place = {name: number for number, (_, name) in enumerate(steps)}
        return all((place[name] < place[other]) == (direction == "downgrade")
                   for direction, name in steps for other in self.below[name] if other in place)


def draw_names(rng, count):
    """Ids that share beginnings; now and then one that is too short to be abbreviated."""
    names = []
    while len(names) < count:
        length = rng.choice([2, 3, 5, 8, 12])
        name = "".join(rng.choice("ab1") for _ in range(length))
        if name.isdigit() and rng.random() < 0.8:
            continue
        if name not in names:
            names.append(name)
    return names


def draw_graph(rng):
    count = rng.choice([1, 2, 3, 4, 6, 8, 10, 12])
    age = draw_names(rng, count)  # oldest first
    labels = [f"{rng.choice(['l', 'a', 'br'])}{number}{rng.choice(['x', 'one', '_two'])}" for number in range(count)]
    revisions = {}
    for place, name in enumerate(age):
        near = age[max(0, place - 4):place]
        down = []
        if near and rng.random() > 0.12:
            down = rng.sample(near, min(len(near), 2 if rng.random() < 0.2 else 1))
        depends_on = [rng.choice(age[:place])] if place and rng.random() < 0.2 else []
        if depends_on and rng.random() < 0.2:
            depends_on = list(dict.fromkeys(depends_on + [rng.choice(age[:place])]))
        revisions[name] = Revision(name, down, depends_on, [labels[place]] if rng.random() < 0.25 else [])
    for revision in revisions.values():  # a dependency by its label
        revision.depends_on = [rng.choice(revisions[name].labels + [name]) for name in revision.depends_on]
    order = list(age)
    if rng.random() < 0.5:
        rng.shuffle(order)
    graph = Graph([revisions[name] for name in order])
    if graph.redundant() and rng.random() < 0.9:
        for name, parent in graph.redundant():
            revisions[name].down.remove(parent)
        graph = Graph([revisions[name] for name in order])
    return graph


def draw_rows(rng, graph):
    chosen = rng.sample(graph.ids, min(len(graph.ids), rng.choice([0, 1, 1, 2, 3])))
    rows = graph.maximal(graph.ancestors(chosen))
    if rows and rng.random() < 0.04:  # a row that is covered, as others leave behind
        rows = rows | {rng.choice(sorted(graph.ancestors(rows)))}
    if rng.random() < 0.02:
        rows = rows | {"gone0000"}
    return sorted(rows)


def draw_name(rng, graph):
    name = rng.choice(graph.ids)
    if graph.names and rng.random() < 0.2:
        name = rng.choice(sorted(graph.names))
    if rng.random() < 0.15:
        name = name[:rng.randint(1, len(name))]
    return name


def draw_identifier(rng, graph, relative=0.3):
    if rng.random() < 0.03:
        return rng.choice(NONSENSE)
    symbol = draw_name(rng, graph) if rng.random() < 0.6 else rng.choice(["head", "heads", "base", "heads", "head"])
    if rng.random() < relative:
        symbol = rng.choice(["", "", symbol]) + rng.choice(["+1", "+2", "-1", "-1", "-2", "-3"])
    if rng.random() < 0.2:
        symbol = f"{draw_name(rng, graph)}@{symbol}"
    return symbol


def draw_range(rng, graph, rows):
    if rng.random() < 0.05:
        return rng.choice(["", ":", "a", "::", "a:b:c", " : "])
    lower, upper = draw_identifier(rng, graph), draw_identifier(rng, graph, 0.1)
    ends = [rng.choice([lower, lower, "", "base"]), rng.choice([upper, upper, "", "heads"])]
    if rows and rng.random() < 0.06:
        ends[rng.randrange(2)] = "current"
    return ":".join(ends)


def draw_command(rng, graph, rows):
    """(verb, arguments); history's are [] or [range]."""
    verb = rng.choices(["upgrade", "downgrade", "stamp", "history", "show", "heads", "indicate", "resolve"],
                       [30, 30, 14, 12, 10, 1, 2, 1])[0]
    if verb in ("upgrade", "downgrade", "show"):
        return verb, [draw_identifier(rng, graph, 0.3 if verb != "show" else 0.15)]
    if verb == "stamp":
        return verb, [draw_identifier(rng, graph, 0.08) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    if verb == "history":
        return verb, [draw_range(rng, graph, rows)]
    return verb, []


class Round:
    """One graph with its commands; everything follows from the seed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.graph = draw_graph(self.rng)
        self.rows = draw_rows(self.rng, self.graph)

    def command(self, after):
        """The rows to begin with, and a command; `after`: the rows that the last one left, if both agreed."""
        if after is not None and self.rng.random() < 0.6:
            self.rows = sorted(after)
        else:
            self.rows = draw_rows(self.rng, self.graph)
        return self.rows, *draw_command(self.rng, self.graph, self.rows)
