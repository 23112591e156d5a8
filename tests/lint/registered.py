#!/usr/bin/env python3
"""Every test and every source is named in the meson.build of its folder: what is not is never run.

usage: registered.py ROOT
"""

import os
import re
import sys

import tree

SOURCE = re.compile(r"^(src/\w+|planner|config|workers)/[^/]+\.c$")
TEST = re.compile(r"^tests/.*_test\.(c|py|sh)$")


def main(root):
    findings = []
    for path in tree.files(root, ".c", ".py", ".sh"):
        folder, name = os.path.split(path)
        stem = name.rsplit(".", 1)[0]
        if TEST.match(path):
            names = {name, stem, re.sub("_test$", "", stem)}
        elif SOURCE.match(path):
            names = {name}
        else:
            continue
        build = os.path.join(folder, "meson.build")
        text = tree.read(root, build) if os.path.exists(os.path.join(root, build)) else ""
        if not names & set(re.findall(r"'([^']*)'", re.sub(r"#.*", "", text))):
            findings.append(f"{path}: not in {build}")
    tree.end(findings)


if __name__ == "__main__":
    main(sys.argv[1])
