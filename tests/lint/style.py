#!/usr/bin/env python3
"""Lengths, functions that are not to be called, and what does not belong into the tree.

usage: style.py ROOT
"""

import fnmatch
import re
import sys

import tree

FUNCTION_LINES = 80
FILE_LINES = 600

# What is searched in C without comments and literals; why; where it is all right.
BANNED = [
    (r"\b(strcpy|strcat|stpcpy|strncpy|strncat|sprintf|vsprintf|gets)\s*\(",
     "writes without a limit or without an end: base/str.h, arena_printf, snprintf", []),
    (r"\b(strtok|strerror_r|asctime|ctime|localtime|gmtime)\s*\(", "static state", []),
    (r"\b(atoi|atol|atoll|atof)\s*\(", "cannot tell an error: strtol and its like", []),
    (r"\b(system|popen|alloca|tmpnam|mktemp)\s*\(", "not for input from outside", []),
    (r"\b(rand|srand|drand48)\s*\(", "base/random.h is the seam", []),
    (r"\b(clock_gettime|gettimeofday|time)\s*\(", "base/clock.h is the seam",
     ["src/base/clock.c", "tests/*"]),
    (r"\b(sleep|usleep|nanosleep)\s*\(", "nothing sleeps", ["tests/*"]),
    (r"\b(PQexec|PQexecParams|PQprepare|PQexecPrepared|PQdescribePrepared|PQdescribePortal|PQfn"
     r"|PQconnectdb|PQconnectdbParams|PQsetdb|PQsetdbLogin|PQreset|PQping|PQpingParams"
     r"|PQendcopy|PQputline|PQgetline)\s*\(", "blocks the loop", ["tests/*"]),
    (r"\bsqlite3_busy_(timeout|handler)\s*\(", "the loop waits, not a pool thread", ["tests/*"]),
    (r"\btypedef\s+(struct|union|enum)\b", "no typedef of structs", []),
    (r"^[ \t]*#[ \t]*if.*\b(TEST|TESTING|UNIT_TEST)\b", "no code for tests alone", []),
]

# In two pieces, so that this file passes.
LEFTOVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
CONFLICT = re.compile(r"^(<{7}|>{7})( |$)", re.MULTILINE)
TEXT = (".c", ".h", ".py", ".sh", ".sql", ".md", ".yaml", ".yml", ".build", ".txt", ".awk")


def function_findings(path, text):
    """clang-format puts a function's braces, and only those, alone into column 1 after a `)`."""
    lines = text.split("\n")
    begin = None
    for number, line in enumerate(lines):
        if line == "{" and number and lines[number - 1].rstrip().endswith(")"):
            begin = number
        elif line == "}" and begin is not None:
            length = number - begin + 1
            if length > FUNCTION_LINES:
                yield f"{path}:{begin}: function of {length} lines, more than {FUNCTION_LINES}"
            begin = None


def code_findings(path, text):
    code = tree.code_of(text)
    for pattern, reason, places in BANNED:
        if any(fnmatch.fnmatch(path, place) for place in places):
            continue
        for match in re.finditer(pattern, code, re.MULTILINE):
            name = match.group(0).strip().rstrip("( ")
            yield f"{path}:{tree.line_of(code, match.start())}: {name}: {reason}"
    count = text.count("\n")
    if count > FILE_LINES:
        yield f"{path}: {count} lines, more than {FILE_LINES}"
    yield from function_findings(path, code)


def main(root):
    findings = []
    for path in tree.files(root):
        script = path.startswith((".ci/", "scripts/"))
        if not path.endswith(TEXT) and not script:
            continue
        text = tree.read(root, path)
        for match in list(LEFTOVER.finditer(text)) + list(CONFLICT.finditer(text)):
            findings.append(f"{path}:{tree.line_of(text, match.start())}: {match.group(0)}")
        if path.endswith((".c", ".h")):
            findings += code_findings(path, text)
    tree.end(findings)


if __name__ == "__main__":
    main(sys.argv[1])
