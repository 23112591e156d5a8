#!/usr/bin/env python3
"""Includes go down the layers only, foreign headers stay in their files, modules have no cycle.

usage: layers.py ROOT     The tables below are those of docs/design.md.
"""

import fnmatch
import re
import sys

import tree

FOLDERS = {"src/base": "base", "src/model": "model", "planner": "planner", "config": "config",
           "workers": "workers", "src/report": "report", "src/journal": "journal",
           "src/app": "app"}

ALLOWED = {
    "base": {"base"},
    "model": {"model", "base"},
    "planner": {"planner", "model", "base"},
    "config": {"config", "model", "base"},
    "report": {"report", "model", "base"},
    "journal": {"journal", "model", "base"},
    "workers": {"workers", "planner", "model", "base"},
    "app": set(FOLDERS.values()),
}

FOREIGN = [
    (r"uv(\.h|/.*)", ["workers/loop*.c"]),
    (r"libpq-fe\.h|libpq/.*|postgresql/.*|pg_config.*", ["workers/pg*.c"]),
    (r"sqlite3(ext)?\.h", ["workers/sqlite*.c"]),
    (r"yaml\.h", ["config/yaml.c"]),
    (r"openssl/.*", ["src/base/digest.c"]),
    (r"(mysql|errmsg)\.h|(mysql|mariadb)/.*", ["workers/mysql*.c"]),
    (r"jansson\.h", ["config/json*.c", "src/report/json*.c"]),
    (r"pg_query\.h|cmocka\.h", []),
]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def layer_of(path):
    """The layer that a file belongs to, or for a unit test the one that it tests; else None."""
    unit = re.match(r"tests/unit/(\w+)/", path)
    if unit:
        return unit.group(1) if unit.group(1) in ALLOWED else None
    for folder, layer in FOLDERS.items():
        if path.startswith(folder + "/"):
            return layer
    return None


def foreign_finding(path, header):
    for pattern, places in FOREIGN:
        if re.fullmatch(pattern, header):
            if not any(fnmatch.fnmatch(path, place) for place in places):
                return f"<{header}> belongs to {', '.join(places) or 'tests'} alone"
    return None


def findings_of(path, layer, mark, header):
    """Of one include; `mark` is what it is quoted by."""
    test = path.startswith("tests/")
    if mark == "<":
        found = None if test else foreign_finding(path, header)
        return [found] if found else []
    target = header.split("/")[0]
    if "/" not in header:
        return [] if test else [f'"{header}": an include is written "layer/name.h"']
    if target in ALLOWED and target not in ALLOWED[layer]:
        return [f'{layer} must not see {target}: "{header}"']
    if target not in ALLOWED and not test:
        return [f'"{header}" is in no layer']
    return []


def modules_of(paths):
    """A function that names modules: base/arena for src/base/arena.c and for "base/arena.h". A
    header without a source, named after a module (run_parts.h beside run.c), is that module's."""
    sources = {re.sub(r"^src/", "", path)[:-2] for path in paths if path.endswith(".c")}

    def name(path):
        module = re.sub(r"^src/", "", path)[:-2]
        owner = module.rsplit("_", 1)[0]
        return owner if module not in sources and owner in sources else module
    return name


def cycles(edges):
    """Every cycle once, as a list of modules; depth first, with the path so far."""
    found, done = [], set()

    def visit(module, path):
        if module in path:
            found.append(path[path.index(module):] + [module])
            return
        if module in done:
            return
        for target in sorted(edges.get(module, ())):
            visit(target, path + [module])
        done.add(module)

    for module in sorted(edges):
        visit(module, [])
    return found


def main(root):
    findings, edges = [], {}
    paths = tree.files(root, ".c", ".h")
    module_of = modules_of(paths)
    for path in paths:
        layer = layer_of(path)
        if not layer:
            continue
        code = tree.code_of(tree.read(root, path))
        for match in INCLUDE.finditer(code):
            place = f"{path}:{tree.line_of(code, match.start())}"
            findings += [f"{place}: {text}"
                         for text in findings_of(path, layer, match.group(1), match.group(2))]
            target = module_of(match.group(2))
            if match.group(1) == '"' and not path.startswith("tests/") \
                    and target != module_of(path):
                edges.setdefault(module_of(path), set()).add(target)
    findings += ["include cycle: " + " -> ".join(cycle) for cycle in cycles(edges)]
    tree.end(findings)


if __name__ == "__main__":
    main(sys.argv[1])
