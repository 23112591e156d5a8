#!/usr/bin/env python3
"""A lint that finds nothing proves nothing: each is shown a small tree with one thing wrong, and
the same tree without it."""

import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

GOOD = {
    "src/base/arena.h": "int arena_size(void);\n",
    "src/base/arena.c": '#include "base/arena.h"\n\n#include <stdio.h>\n\n'
                        "int arena_size(void)\n{\n    return 1; /* \"gets(\" strcpy(a) */\n}\n",
    "src/base/meson.build": "files('arena.c')\n",
    "tests/unit/base/arena_test.c": '#include "base/arena.h"\n\n#include <cmocka.h>\n',
    "tests/unit/base/meson.build": "foreach name : ['arena']\n",
    "scripts/build": "#!/bin/sh\necho 'A tree that is well'\n",
}

LONG_BODY = "    call();\n" * 79

# lint, path, text, what it must say. The text replaces the file of the good tree or is a new one.
BAD = [
    ("layers", "src/base/map.c", '#include "planner/graph.h"\n', "base must not see planner"),
    ("layers", "planner/goal.c", '#include "config/config.h"\n', "planner must not see config"),
    ("layers", "config/config.c", '#include "planner/goal.h"\n', "config must not see planner"),
    ("layers", "workers/run.c", '#include "config/config.h"\n', "workers must not see config"),
    ("layers", "src/report/text.c", '#include "workers/run.h"\n', "report must not see workers"),
    ("layers", "tests/unit/planner/goal_test.c", '#include "workers/run.h"\n',
     "planner must not see workers"),
    ("layers", "src/base/map.h", '#include "arena.h"\n', 'written "layer/name.h"'),
    ("layers", "src/base/map.h", '#include "other/arena.h"\n', "is in no layer"),
    ("layers", "workers/life.c", "#include <libpq-fe.h>\n", "belongs to workers/pg*.c alone"),
    ("layers", "workers/life.c", "#  include <uv.h>\n", "belongs to workers/loop*.c alone"),
    ("layers", "src/app/main.c", "#include <sqlite3.h>\n", "belongs to workers/sqlite*.c alone"),
    ("layers", "config/config.c", "#include <yaml.h>\n", "belongs to config/yaml.c alone"),
    ("layers", "src/base/text.c", "#include <openssl/evp.h>\n", "src/base/digest.c alone"),
    ("layers", "src/app/main.c", "#include <mysql.h>\n", "belongs to workers/mysql*.c alone"),
    ("layers", "planner/splitter.c", "#include <pg_query.h>\n", "belongs to tests alone"),
    ("style", "src/base/map.c", "\nvoid f(void)\n{\n    strcpy(a, b);\n}\n", ":4: strcpy: "),
    ("style", "src/base/map.c", "void f(void)\n{\n    x = atoi (b);\n}\n", ":3: atoi: "),
    ("style", "workers/pg.c", "void f(void)\n{\n    PQexec(a, b);\n}\n", "PQexec: blocks"),
    ("style", "src/app/main.c", "void f(void)\n{\n    system(a);\n}\n", "system: "),
    ("style", "planner/retry.c", "void f(void)\n{\n    time(NULL);\n}\n", "time: "),
    ("style", "workers/run.c", "void f(void)\n{\n    sleep(1);\n}\n", "sleep: nothing sleeps"),
    ("style", "src/base/map.h", "typedef struct map map_t;\n", "typedef struct: "),
    ("style", "src/base/map.h", "#ifdef TEST\n#endif\n", "no code for tests alone"),
    ("style", "src/base/map.c", "/* TO" "DO */\n", ":1: TO" "DO"),
    ("style", "docs/design.md", "one\nFIX" "ME\n", "docs/design.md:2: FIX" "ME"),
    ("style", "scripts/build", "#!/bin/sh\n# XX" "X\n", "scripts/build:2: XX" "X"),
    ("style", "README.md", "<<<<<<< here\n", "README.md:1: <<<<<<<"),
    ("style", "src/base/map.c", "int f(int a,\n      int b)\n{\n" + LONG_BODY + "}\n",
     "function of 81 lines"),
    ("style", "src/base/map.c", "\n" * 601, "601 lines, more than 600"),
    ("registered", "tests/unit/base/map_test.c", "int main;\n", "map_test.c: not in"),
    ("registered", "tests/cli/help_test.py", "pass\n", "tests/cli/help_test.py: not in"),
    ("registered", "src/base/map.c", "int a;\n", "src/base/map.c: not in src/base/meson.build"),
    ("registered", "src/base/meson.build", "# files('arena.c')\n", "arena.c: not in"),
    ("format", "src/base/arena.h", "int  arena_size( void );\n", "clang-format"),
    ("spelling", "README.md", "This is recieved.\n", "recieved"),
    ("shell", "scripts/build", "#!/bin/sh\nrm $1\n", "SC2086"),
    ("tidy", "src/base/arena.c",
     "int arena_size(void)\n{\n    int *none = 0;\n\n    return *none;\n}\n", "NullDereference"),
]

CYCLE = {
    "planner/plan.c": '#include "planner/unit.h"\n',
    "planner/unit.h": '#include "planner/goal.h"\n',
    "planner/goal.h": '#include "planner/plan.h"\n',
}


def write(root, tree):
    for path, text in tree.items():
        place = os.path.join(root, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="utf-8") as stream:
            stream.write(text)


def make(folder, changes):
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, GOOD)
    write(folder, changes)
    for name in (".clang-format", ".clang-tidy"):
        shutil.copy(os.path.join(ROOT, name), folder)
    write(folder, {"build/compile_commands.json":
                   f'[{{"directory": "{folder}/build", "file": "../src/base/arena.c",'
                   f' "command": "cc -I{folder}/src -c ../src/base/arena.c"}}]'})


def run(lint, folder):
    script = {"format": "tools.py", "spelling": "tools.py", "shell": "tools.py"}
    command = [sys.executable, os.path.join(HERE, script.get(lint, lint + ".py"))]
    command += [lint] if lint in script else []
    command += [folder] + ([os.path.join(folder, "build")] if lint == "tidy" else [])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def check(lint, folder, changes, expected):
    """What is wrong: it does not find, or finds too much. None if all is well, or its tool missing."""
    make(folder, changes)
    status, text = run(lint, folder)
    if status == 77 or (not expected and status == 0):
        return None
    if expected and status == 1 and expected in text:
        return None
    return f"{lint} on {' '.join(changes) or 'the good tree'}: status {status}, " \
           f"not {expected!r} in:\n{text}"


def check_calls(folder):
    """Objects are what calls.py reads: two that use each other, and one that uses nothing."""
    make(folder, {"one.c": "int two(void);\nint one(void)\n{\n    return two();\n}\n",
                  "two.c": "int one(void);\nint two(void)\n{\n    return one();\n}\n",
                  "three.c": "int three(void)\n{\n    return 3;\n}\n"})
    objects = os.path.join(folder, "planner", "libplanner.a.p")
    os.makedirs(objects)
    for name in ("three", "one", "two"):
        subprocess.run(["gcc", "-c", os.path.join(folder, name + ".c"),
                        "-o", os.path.join(objects, name + ".c.o")], check=True)
        status, text = run("calls", folder)
        cycle = "planner/one -> planner/two -> planner/one" in text
        if (status, cycle) != ((1, True) if name == "two" else (0, False)):
            return f"calls, with {name}: status {status}:\n{text}"
    return None


def main():
    failures = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = os.path.join(temporary, "tree")
        for lint in sorted({case[0] for case in BAD}):
            failures.append(check(lint, folder, {}, None))
        for lint, path, text, expected in BAD:
            failures.append(check(lint, folder, {path: text}, expected))
        failures.append(check("layers", folder, CYCLE,
                              "planner/goal -> planner/plan -> planner/unit -> planner/goal"))
        failures.append(check_calls(folder))
    failures = [failure for failure in failures if failure]
    print("\n".join(failures) or f"{len(BAD) + 2} bad trees found")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
