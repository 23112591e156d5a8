#!/usr/bin/env python3
"""clang-tidy over the sources that were compiled, tests excepted, a few at a time.

usage: tidy.py ROOT BUILD     The checks are those of ROOT/.clang-tidy.
"""

import concurrent.futures
import json
import os
import shutil
import subprocess
import sys

import tree


def sources(root, build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as stream:
        commands = json.load(stream)
    paths = {os.path.realpath(os.path.join(entry["directory"], entry["file"]))
             for entry in commands}
    inside = [os.path.relpath(path, root) for path in paths if path.endswith(".c")]
    return sorted(path for path in inside
                  if not path.startswith(("..", "tests/", "build")))


def tidy(root, build, path):
    # gcc's own warning flags are in the compile commands.
    command = ["clang-tidy", "--quiet", "-p", build, "--extra-arg=-Wno-unknown-warning-option",
               "--extra-arg=-Wno-everything", path]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def main(root, build):
    if not shutil.which("clang-tidy"):
        tree.skip("clang-tidy is not installed (scripts/setup --tests)")
    root, findings = os.path.realpath(root), []
    paths = sources(root, build)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for status, text in pool.map(lambda path: tidy(root, build, path), paths):
            if status:
                findings.append(text.strip())
    tree.end(findings)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
