#!/usr/bin/env python3
"""Text for eyes and scripts: history, heads, branches, show and current print the lines that the
real Alembic prints for the same revisions.

usage: alembic_text_test.py SKEIN      (Debian's alembic must be importable)

Each graph is written twice, as Alembic's Python files and as skein's SQL files. Only what differs by
nature is made equal: the folder and the extension in `Path:`, white space at the ends of lines. Two
things that Alembic leaves to chance are put in order: its folder listings, and the order of what it
keeps in sets (labels, children, rows of `current`).
"""

import contextlib
import io
import itertools
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

import alembic.config
import alembic.script.base

DATE = "2026-11-20 10:30:00+00:00"

# Of a revision: id, parents; then what else it has.
GRAPHS = {
    "line": [("aaaa01", []), ("bbbb02", ["aaaa01"]), ("cccc03", ["bbbb02"])],
    "one": [("aaaa01", [])],
    "empty": [],
    "branches": [
        ("aaaa01", []),
        ("bbbb02", ["aaaa01"], {"labels": ["left"]}),
        ("cccc03", ["aaaa01"], {"labels": ["right"]}),
        ("dddd04", ["cccc03"]),
    ],
    "merge": [
        ("aaaa01", [], {"labels": ["trunk"]}),
        ("bbbb02", ["aaaa01"]),
        ("cccc03", ["aaaa01"]),
        ("dddd04", ["bbbb02", "cccc03"]),
        ("eeee05", ["dddd04"]),
        ("ffff06", ["dddd04"]),
    ],
    "roots": [
        ("aaaa01", [], {"labels": ["users"]}),
        ("bbbb02", ["aaaa01"]),
        ("cccc03", [], {"labels": ["billing"], "depends_on": ["bbbb02"]}),
        ("dddd04", ["cccc03"], {"depends_on": ["aaaa01"]}),
        ("eeee05", [], {"labels": ["audit", "log"], "depends_on": ["users"]}),
    ],
    "words": [
        ("aaaa01", [], {"message": "Fünf Gänse, 100%"}),
        ("bbbb02", ["aaaa01"], {"message": "two lines\n\nof which the second explains"}),
        ("cccc03", ["bbbb02"], {"message": "empty message"}),
    ],
}

# The revisions that the version table holds, by graph; `current`, `history -i` are asked for each.
ROWS = {
    "line": [[], ["aaaa01"], ["cccc03"]],
    "branches": [["aaaa01"], ["bbbb02"], ["bbbb02", "dddd04"]],
    "merge": [["bbbb02", "cccc03"], ["dddd04"], ["eeee05", "ffff06"]],
    "roots": [["bbbb02"], ["cccc03"], ["dddd04", "eeee05"], ["eeee05"]],
    "words": [["bbbb02"]],
}

READ_FILES = [
    ["history"],
    ["history", "-v"],
    ["heads"],
    ["heads", "-v"],
    ["heads", "--resolve-dependencies"],
    ["branches"],
    ["branches", "-v"],
    ["show", "heads"],
    ["show", "aaaa"],
    ["show", "base"],
    ["history", "-r", "bbbb02:"],
    ["history", "-r", ":bbbb02"],
    ["history", "-r", "aaaa:heads"],
    ["history", "-r-2:"],
    ["history", "-r", "bbbb02:+1"],
]

# What Alembic prints there is wrong: nothing is current, and it lists everything.
DIFFERENT = {("line at []", "history -r :current")}

READ_ROWS = [
    ["current"],
    ["current", "-v"],
    ["history", "-i"],
    ["history", "-v", "-i"],
    ["history", "-r", "current:"],
    ["history", "-r", ":current"],
    ["show", "current"],
]


def write_alembic(folder, graph):
    os.makedirs(os.path.join(folder, "alembic", "versions"))
    with open(os.path.join(folder, "alembic.ini"), "w", encoding="utf-8") as file:
        file.write(f"[alembic]\nscript_location = {folder}/alembic\n")
    with open(os.path.join(folder, "alembic", "env.py"), "w", encoding="utf-8") as file:
        file.write(
            "import sqlalchemy\nfrom alembic import context\n"
            f"engine = sqlalchemy.create_engine('sqlite:///{folder}/app.db')\n"
            "with engine.connect() as connection:\n"
            "    context.configure(connection=connection)\n"
            "    context.run_migrations()\n"
        )
    for identity, down, *more in graph:
        extra = more[0] if more else {}
        message = extra.get("message", f"make {identity}")
        text = (
            f'"""{message}\n\nRevision ID: {identity}\nRevises: {", ".join(down)}\n'
            f'Create Date: {DATE}\n\n"""\n'
            f"revision = {identity!r}\n"
            f"down_revision = {tuple(down) if len(down) != 1 else down[0]!r}\n"
            f"branch_labels = {tuple(extra.get('labels', ())) or None!r}\n"
            f"depends_on = {tuple(extra.get('depends_on', ())) or None!r}\n"
        )
        name = os.path.join(folder, "alembic", "versions", identity + ".py")
        with open(name, "w", encoding="utf-8") as file:
            file.write(text.replace("down_revision = ()", "down_revision = None"))


def write_skein(folder, graph):
    os.makedirs(os.path.join(folder, "migrations", "versions"))
    with open(os.path.join(folder, "skein.yaml"), "w", encoding="utf-8") as file:
        file.write("tenants: [{name: app, url: 'sqlite:app.db', create: true}]\n")
    for identity, down, *more in graph:
        extra = more[0] if more else {}
        message = extra.get("message", f"make {identity}")
        header = message.split("\n")
        header += ["", f"Revision ID: {identity}", f"Revises: {', '.join(down)}".rstrip()]
        for key, values in (("Branch Labels", "labels"), ("Depends On", "depends_on")):
            if values in extra:
                header.append(f"{key}: {', '.join(extra[values])}")
        header.append(f"Create Date: {DATE}")
        text = "".join(f"-- {line}".rstrip() + "\n" for line in header)
        name = os.path.join(folder, "migrations", "versions", identity + ".sql")
        with open(name, "w", encoding="utf-8") as file:
            file.write(text + "\n-- skein:upgrade\n\n-- skein:downgrade\n")


def set_rows(folder, rows):
    database = sqlite3.connect(os.path.join(folder, "app.db"))
    database.execute(
        "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL,"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    database.execute("DELETE FROM alembic_version")
    database.executemany("INSERT INTO alembic_version VALUES (?)", [(row,) for row in rows])
    database.commit()
    database.close()


def run_alembic(folder, words):
    """Whether it went well, and what it printed: in this process, so that it costs no start."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    command_line = alembic.config.CommandLine()
    options = command_line.parser.parse_args(["-c", os.path.join(folder, "alembic.ini"), *words])
    config = alembic.config.Config(file_=options.config, cmd_opts=options, stdout=out)
    with contextlib.redirect_stdout(io.StringIO()):  # "FAILED: ..."
        try:
            command_line.run_cmd(config, options)
        except (Exception, SystemExit):  # pylint: disable=broad-except  # some crash
            return False, ""
    out.flush()
    return True, out.buffer.getvalue().decode()


def run_skein(skein, folder, words):
    done = subprocess.run(
        [skein, *words], cwd=folder, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    return done.returncode == 0, done.stdout, done.stderr


def in_order(match):
    return match.group(1) + ", ".join(sorted(match.group(2).split(", "))) + match.group(3)


def entries(text, begins):
    """Blocks that begin with a matching line; what stands before the first is one, too."""
    blocks = [[]]
    for line in text.split("\n"):
        if re.match(begins, line):
            blocks.append([])
        blocks[-1].append(line)
    return blocks


def normal(text, words):
    text = re.sub(r"(?m)^Path: .*/(\w+)\.(py|sql)$", r"Path: \1", text)
    text = re.sub(r"(?m)[ \t]+$", "", text)
    text = re.sub(r"(?m)^(Branches into: |Branch names: )(.*)($)", in_order, text)
    text = re.sub(r"(?m)( \()([a-z]+(?:, [a-z]+)+)(\))", in_order, text)
    text = re.sub(r"(?m)^(Current revision\(s\) for ).*$", r"\1the database:", text)
    if words[0] == "branches":  # children in the order of a set
        lines = []
        for child, group in itertools.groupby(text.split("\n"), lambda line: " -> " in line):
            lines += sorted(group) if child else group
        text = "\n".join(lines)
    if words[0] == "current":
        first, *rest = entries(text + "\n", r"Rev: " if "-v" in words else r"\w+")
        text = "\n".join("\n".join(block).rstrip() for block in [first, *sorted(rest)])
    return text.rstrip("\n")


def compare(skein, folder, name, words):
    """None where Alembic has no answer: what skein makes of such words is others' to test."""
    expected_well, expected = run_alembic(folder, words)
    if not expected_well or (name, " ".join(words)) in DIFFERENT:
        return None
    well, actual, errors = run_skein(skein, folder, words)
    if well and normal(actual, words) == normal(expected, words):
        return True
    print(f"FAIL {name}: {' '.join(words)}\n--- Alembic\n{expected}--- skein\n{actual}{errors}---")
    return False


def main():
    skein = os.path.abspath(sys.argv[1])
    listing = alembic.script.base.Script._list_py_dir
    alembic.script.base.Script._list_py_dir = classmethod(
        lambda cls, directory, path: sorted(listing.__func__(cls, directory, path))
    )
    for variable in ("DATABASE_URL", "SKEIN_CONFIG"):
        os.environ.pop(variable, None)
    verdicts = []
    with tempfile.TemporaryDirectory(prefix="skein-text.") as scratch:
        for name, graph in GRAPHS.items():
            folder = os.path.join(scratch, name)
            write_alembic(folder, graph)
            write_skein(folder, graph)
            for words in READ_FILES:
                verdicts.append(compare(skein, folder, name, words))
            for rows in ROWS.get(name, []):
                set_rows(folder, rows)
                for words in READ_ROWS:
                    verdicts.append(compare(skein, folder, f"{name} at {rows}", words))
    counts = [verdicts.count(verdict) for verdict in (True, False, None)]
    print("{} texts are equal, {} differ, for {} Alembic has no answer".format(*counts))
    return 0 if counts[0] > 150 and counts[1] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
