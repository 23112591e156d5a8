#!/usr/bin/env python3
"""Runs a tool over the files of the tree: clang-format, codespell, shellcheck.

usage: tools.py format|spelling|shell ROOT
"""

import os
import shutil
import subprocess
import sys

import tree

HERE = os.path.dirname(os.path.abspath(__file__))


def c_files(root):
    return tree.files(root, ".c", ".h")


def prose_files(root):
    """Tests are left out: they misspell words on purpose."""
    names = (".c", ".h", ".md", ".py", ".sh", ".yaml", ".sql", ".build")
    return [path for path in tree.files(root)
            if (path.endswith(names) or path.startswith("scripts/"))
            and not path.startswith("tests/")]


def shell_files(root):
    found = []
    for path in tree.files(root):
        if path.startswith((".ci/", "scripts/", "tests/")) or path.endswith(".sh"):
            with open(os.path.join(root, path), "rb") as stream:
                first = stream.readline()
            if first.startswith(b"#!") and b"sh" in first.split(b"/")[-1]:
                found.append(path)
    return found


TOOLS = {
    "format": (c_files, ["clang-format", "--dry-run", "-Werror"]),
    "spelling": (prose_files, ["codespell", "--ignore-words",
                               os.path.join(HERE, "spelling.txt"), "--"]),
    "shell": (shell_files, ["shellcheck", "--severity=style", "--"]),
}


def main(name, root):
    choose, command = TOOLS[name]
    paths = choose(root)
    if not shutil.which(command[0]):
        tree.skip(f"{command[0]} is not installed (scripts/setup --tests)")
    if not paths:
        tree.skip("no files")
    sys.stdout.flush()
    sys.exit(1 if subprocess.run(command + paths, cwd=root, check=False).returncode else 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
