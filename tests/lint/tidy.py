#!/usr/bin/env python3
"""clang-tidy over the sources that were compiled, tests excepted, a few at a time.

usage: tidy.py ROOT BUILD     The checks are those of ROOT/.clang-tidy.
"""

import concurrent.futures
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys

import tree


# What was clean stays clean while nothing that the compiler sees has changed: the long part of the
# suite, and most of it the same from run to run.
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "skein", "tidy")


def sources(root, build):
    """The sources with their compile commands."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as stream:
        entries = json.load(stream)
    found = {}
    for entry in entries:
        path = os.path.relpath(os.path.realpath(os.path.join(entry["directory"], entry["file"])), root)
        if path.endswith(".c") and not path.startswith(("..", "tests/", "build")):
            found[path] = entry
    return sorted(found.items())


def tool(root):
    """What else a verdict depends on: the program, the checks."""
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
    with open(os.path.join(root, ".clang-tidy"), "rb") as stream:
        return version + stream.read()


def fingerprint(root, entry, tool_text):
    """Of all that clang-tidy sees of a source, wherever the tree lies; None where it cannot be told."""
    words = [word for word in shlex.split(entry["command"]) if word != "ccache"]
    if "-o" in words:
        del words[words.index("-o"):words.index("-o") + 2]
    done = subprocess.run(words + ["-E"], cwd=entry["directory"], capture_output=True, check=False)
    if done.returncode:
        return None
    seen = done.stdout.replace(root.encode(), b"@") + tool_text + " ".join(words[1:]).encode()
    return hashlib.sha256(seen).hexdigest()


def tidy(root, build, path, entry, tool_text):
    key = fingerprint(root, entry, tool_text)
    known = os.path.join(CACHE, key) if key else None
    if known and os.path.exists(known):
        return 0, ""
    # gcc's own warning flags are in the compile commands.
    command = ["clang-tidy", "--quiet", "-p", build, "--extra-arg=-Wno-unknown-warning-option",
               "--extra-arg=-Wno-everything", path]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if known and done.returncode == 0:
        os.makedirs(CACHE, exist_ok=True)
        with open(known, "w", encoding="utf-8"):
            pass
    return done.returncode, done.stdout


def main(root, build):
    if not shutil.which("clang-tidy"):
        tree.skip("clang-tidy is not installed (scripts/setup --tests)")
    root, findings = os.path.realpath(root), []
    tool_text = tool(root)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for status, text in pool.map(lambda item: tidy(root, build, *item, tool_text),
                                     sources(root, build)):
            if status:
                findings.append(text.strip())
    tree.end(findings)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
