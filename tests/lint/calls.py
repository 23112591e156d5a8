#!/usr/bin/env python3
"""No cycle of calls between files: what uses what is read from the symbols of the compiled objects.

usage: calls.py BUILD     A table of functions that is handed in makes no cycle; that is what it is for.
"""

import os
import re
import subprocess
import sys

import layers
import tree


def objects(build):
    """(module, path) of each object of the layers; tests have main functions of their own."""
    for path in tree.listed_by_walk(build):
        if path.endswith(".c.o") and re.match(r"(src/|planner/|config/|workers/)", path):
            yield re.sub(r"/[^/]*\.p/", "/", path)[:-len(".c.o")], os.path.join(build, path)


def symbols(path):
    """What an object defines for others, and what it wants from them."""
    done = subprocess.run(["nm", "-g", path], capture_output=True, text=True, check=True)
    defined, wanted = set(), set()
    for line in done.stdout.splitlines():
        kind, name = line.split()[-2:]
        (wanted if kind == "U" else defined).add(name)
    return defined, wanted


def main(build):
    owners, wants = {}, {}
    for module, path in objects(build):
        defined, wants[module] = symbols(path)
        owners.update((name, module) for name in defined)
    if not wants:
        tree.skip("nothing is built")
    edges = {module: {owners[name] for name in names if owners.get(name, module) != module}
             for module, names in wants.items()}
    tree.end(["call cycle: " + " -> ".join(cycle) for cycle in layers.cycles(edges)])


if __name__ == "__main__":
    main(sys.argv[1])
