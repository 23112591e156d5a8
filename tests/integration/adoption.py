#!/usr/bin/python3
"""A database that real Alembic manages is taken over by skein and given back, on SQLite and PostgreSQL.

Debian's alembic runs in this process, on a project of Python files; skein runs on a project of SQL files with the same
revisions. Each scene is a row of moves by either; after each move both must read the same heads.

The environment gives SKEIN (the program under test) and ROOT (of the source tree).
"""
import contextlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile

import alembic.command
import alembic.config
import psycopg2

SKEIN, ROOT = os.environ["SKEIN"], os.environ["ROOT"]
LONG = "abcd00000005_with_a_name_of_46_characters_in_all"[:46]
# id, parents, label, what it makes
LINE = [("abcd00000001", None, None, "one"), ("abcd00000002", "abcd00000001", None, "two"),
        ("abcd00000003", "abcd00000002", None, "three")]
FORK = LINE + [("beef00000001", None, "billing", "bills"), ("beef00000002", "beef00000001", None, "payments"),
               ("cafe00000001", ("abcd00000003", "beef00000002"), None, "joined")]
WIDE = LINE + [("abcd00000004", "abcd00000003", None, "four"), (LONG, "abcd00000004", None, "five")]

ENV = '''
from alembic import context
from sqlalchemy import create_engine, pool

options = context.config.attributes
with create_engine(options["url"], poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection, version_table=options["table"], version_table_schema=options["schema"])
    with context.begin_transaction():
        context.run_migrations()
'''
checks = 0


class Failure(Exception):
    """What was not as it must be; the traceback says in which scene."""


def check(what, expected, actual):
    global checks
    checks += 1
    if expected != actual:
        raise Failure(f"{what}\nexpected: {expected!r}\nactual:   {actual!r}")


def check_in(what, part, text):
    global checks
    checks += 1
    if part not in text:
        raise Failure(f"{what}\nexpected to find: {part}\nin: {text}")


def write_project(folder, revisions):
    """The same revisions for Alembic and for skein."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(f"{folder}/alembic/versions")
    os.makedirs(f"{folder}/migrations/versions")
    with open(f"{folder}/alembic/env.py", "w") as file:
        file.write(ENV)
    for revision, down, label, table in revisions:
        up, back = f"CREATE TABLE {table} (id integer PRIMARY KEY)", f"DROP TABLE {table}"
        with open(f"{folder}/alembic/versions/{revision}.py", "w") as file:
            file.write(f"from alembic import op\nrevision = {revision!r}\ndown_revision = {down!r}\n"
                       f"branch_labels = {label!r}\ndepends_on = None\n"
                       f"def upgrade():\n    op.execute({up!r})\ndef downgrade():\n    op.execute({back!r})\n")
        parents = ", ".join(down) if isinstance(down, tuple) else down or ""
        with open(f"{folder}/migrations/versions/{revision}.sql", "w") as file:
            file.write(f"-- make {table}\n-- Revision ID: {revision}\n-- Revises: {parents}\n"
                       + (f"-- Branch Labels: {label}\n" if label else "")
                       + f"-- skein:upgrade\n{up};\n-- skein:downgrade\n{back};\n")


class Database:
    """One database with both programs pointed at it."""

    def __init__(self, folder, url, query, table="alembic_version", schema=None):
        self.folder, self.url, self.query = folder, url, query
        self.table, self.schema = table, schema
        self.config = alembic.config.Config(stdout=io.StringIO())
        self.config.set_main_option("script_location", f"{folder}/alembic")
        self.config.attributes.update(url=url, table=table, schema=schema)

    @property
    def rows_in(self):
        return f"{self.schema}.{self.table}" if self.schema else self.table

    def alembic(self, name, *arguments, **options):
        self.config.stdout = io.StringIO()
        with contextlib.redirect_stderr(io.StringIO()):
            getattr(alembic.command, name)(self.config, *arguments, **options)
        return sorted(line.split()[0] for line in self.config.stdout.getvalue().splitlines() if line)

    def skein(self, expected, *arguments, config=None):
        """Standard output, and the error with it where one was expected."""
        where = ["-c", config] if config else ["--url", self.url]
        done = subprocess.run([SKEIN, *arguments, *where], cwd=self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=120,
                              env={**os.environ, "SKEIN_ACTOR": "tester", "LC_ALL": "C.UTF-8"})
        check(f"skein {' '.join(arguments)}: {done.stdout}{done.stderr}", expected, done.returncode)
        return done.stdout + (done.stderr if expected else "")

    def rows(self):
        return sorted(row[0] for row in self.query(f"SELECT version_num FROM {self.rows_in}"))

    def both_at(self, *heads, config=None):
        """The rows, and what either program reads of them."""
        check("the rows", sorted(heads), self.rows())
        check("alembic current", sorted(heads), self.alembic("current"))
        shown = json.loads(self.skein(0, "current", "--format", "json", config=config))
        check("skein current", sorted(heads), shown["targets"][0]["heads"])


def one_head(database):
    database.alembic("upgrade", "abcd00000002")
    database.both_at("abcd00000002")
    check("Alembic's words", "abcd00000002\n", database.skein(0, "current"))
    database.skein(0, "upgrade", "head")
    database.both_at("abcd00000003")
    check("the head is marked", "abcd00000003 (head)\n", database.skein(0, "current"))
    database.alembic("downgrade", "-1")
    database.both_at("abcd00000002")
    database.skein(0, "downgrade", "-1")
    database.both_at("abcd00000001")
    database.alembic("upgrade", "head")
    database.both_at("abcd00000003")
    check_in("what Alembic did is seen", "1 up to date", database.skein(0, "upgrade", "head"))
    database.skein(0, "downgrade", "base")
    database.both_at()


def empty_table(database):
    database.alembic("ensure_version") if hasattr(alembic.command, "ensure_version") else database.alembic("stamp", "base")
    check("the table is there and empty", [], database.rows())
    database.skein(0, "upgrade", "+1")
    database.both_at("abcd00000001")
    database.alembic("upgrade", "+1")
    database.alembic("downgrade", "base")
    database.both_at()


def missing_table(database):
    check("nothing is there", "", database.skein(0, "current"))
    database.skein(0, "upgrade", "abcd00000002")
    database.both_at("abcd00000002")
    database.alembic("upgrade", "head")
    database.alembic("downgrade", "-2")
    database.both_at("abcd00000001")
    database.skein(0, "stamp", "head")
    database.both_at("abcd00000003")
    database.alembic("stamp", "abcd00000001")
    database.skein(0, "upgrade", "abcd00000001")
    database.both_at("abcd00000001")


def several_heads(database):
    database.alembic("upgrade", "abcd00000003")
    database.alembic("upgrade", "billing@beef00000002")
    database.both_at("abcd00000003", "beef00000002")
    database.skein(0, "downgrade", "beef00000001")
    database.both_at("abcd00000003", "beef00000001")
    database.alembic("downgrade", "abcd00000002")
    database.both_at("abcd00000002", "beef00000001")
    database.skein(0, "upgrade", "head")
    database.both_at("cafe00000001")
    database.alembic("downgrade", "abcd00000003")
    database.both_at("abcd00000003", "beef00000002")
    database.alembic("upgrade", "heads")
    database.skein(0, "downgrade", "beef00000002")
    database.both_at("abcd00000003", "beef00000002")
    database.skein(0, "downgrade", "billing@base")
    database.both_at("abcd00000003")
    database.alembic("upgrade", "heads")
    database.both_at("cafe00000001")


def not_maximal(database):
    """Alembic leaves such rows when files get a new parent, or people insert by hand."""
    database.alembic("upgrade", "abcd00000002")
    database.query(f"INSERT INTO {database.rows_in} VALUES ('abcd00000001')")
    check_in("what is covered is told", "abcd00000001: rows that another row implies", database.skein(0, "current", "-v"))
    check("Alembic does not tell it", ["abcd00000002"], database.alembic("current"))
    database.skein(0, "upgrade", "head")
    database.both_at("abcd00000003")
    database.alembic("downgrade", "-1")
    database.both_at("abcd00000002")


def elsewhere(database):
    """Another name of the table and, on PostgreSQL, another schema."""
    schema = f", version_table_schema: {database.schema}" if database.schema else ""
    with open(f"{database.folder}/other.yaml", "w") as file:
        file.write(f"migrations: {{version_table: {database.table}{schema}}}\n"
                   f"tenants: [{{name: one, url: \"{database.url}\"}}]\n")
    database.alembic("upgrade", "abcd00000001")
    database.both_at("abcd00000001", config="other.yaml")
    database.skein(0, "upgrade", "head", config="other.yaml")
    database.both_at("abcd00000003", config="other.yaml")
    database.alembic("downgrade", "-1")
    database.skein(0, "downgrade", "-1", config="other.yaml")
    database.both_at("abcd00000001", config="other.yaml")


def too_long(database, enforced):
    """Alembic's table takes 32 characters; only PostgreSQL insists."""
    database.alembic("upgrade", "abcd00000003")
    if enforced:
        for command in (["upgrade", "head"], ["plan", "upgrade", "head"], ["stamp", "head"]):
            told = database.skein(2, *command)
            check_in("the revision and the width", f"{LONG} has 46 characters", told)
            check_in("the width", "takes 32", told)
            check_in("the way out", 'ALTER TABLE "public"."alembic_version" ALTER COLUMN version_num TYPE', told)
        error = json.loads(database.skein(2, "upgrade", "head", "--format", "json").split("\n", 1)[0])["error"]
        check("its class and revision", ("plan", LONG), (error["class"], error["revision"]))
        database.both_at("abcd00000003")
        check("nothing moved", [], database.query("SELECT 1 FROM pg_tables WHERE tablename IN ('four', 'skein_history')"))
        database.skein(0, "upgrade", "abcd00000004")
        database.query('ALTER TABLE "public"."alembic_version" ALTER COLUMN version_num TYPE varchar(64)')
    database.skein(0, "upgrade", "head")
    database.both_at(LONG)
    database.alembic("downgrade", "-1")
    database.both_at("abcd00000004")


def unknown(database):
    """A row that is not among the files, with and without a history that names it."""
    missing, aside = (f"{database.folder}/{name}" for name in ("migrations/versions/abcd00000003.sql", "aside.sql"))
    database.alembic("upgrade", "abcd00000003")
    os.rename(missing, aside)
    check("its own word", "abcd00000003 (unknown: no such revision file; the history does not name it: not written "
          "by skein)\n", database.skein(0, "current"))
    told = database.skein(2, "upgrade", "head")
    check_in("refused", "the version table holds abcd00000003, which no file has", told)
    check_in("the way out", "skein stamp --purge REV", told)
    error = json.loads(database.skein(2, "downgrade", "-1", "--format", "json"))["error"]
    check("its class", "unknown_revision", error["class"])
    os.rename(aside, missing)
    database.skein(0, "downgrade", "-1")
    database.skein(0, "upgrade", "head", "--tag", "v1.4")
    os.rename(missing, aside)
    for command in ("current", "status"):
        told = database.skein(0, command)
        check_in("when, by whom", "abcd00000003 (unknown: no such revision file; last upgraded 20", told)
        check_in("which run, which tag", ", tag v1.4)", told)
    check_in("status counts it", "1 unknown", told)
    target = json.loads(database.skein(0, "status", "--format", "json"))["targets"][0]
    row = target["unknown"][0]
    check("the same for programs", ("unknown", "abcd00000003", True, "upgrade", "tester", "v1.4"),
          (target["state"], row["revision"], row["seen"], row["direction"], row["actor"], row["tag"]))
    check("with what the file must be", 32, len(row["checksum"]))
    check_in("upgrade tells it, too", "by tester, run 2", database.skein(2, "upgrade", "head"))
    check("and leaves all as it was", ["abcd00000003"], database.rows())
    os.rename(aside, missing)


def unknown_in_a_fleet(databases):
    """The others go on."""
    folder = databases[0].folder
    with open(f"{folder}/fleet.yaml", "w") as file:
        file.write("tenants:\n" + "".join(f"  - {{name: t{number}, url: \"{database.url}\"}}\n"
                                          for number, database in enumerate(databases)))
    for database in databases:
        database.alembic("upgrade", "abcd00000001")
    databases[0].alembic("stamp", "abcd00000003")
    os.rename(f"{folder}/migrations/versions/abcd00000003.sql", f"{folder}/aside.sql")
    first = databases[0]
    run = json.loads(first.skein(1, "upgrade", "head", "--format", "json", config="fleet.yaml").split("\nskein:", 1)[0])
    check("one is refused, the others go on",
          [("refused", "unknown_revision")] + [("succeeded", None)] * (len(databases) - 1),
          [(target["outcome"], (target["error"] or {}).get("class")) for target in run["targets"]])
    shown = json.loads(first.skein(0, "status", "--state", "unknown", "--format", "json", config="fleet.yaml"))
    check("--state unknown", ["t0"], [target["name"] for target in shown["targets"]])
    first.skein(0, "stamp", "--purge", "abcd00000001", "--state", "unknown", "-y", config="fleet.yaml")
    first.skein(0, "upgrade", "head", config="fleet.yaml")
    check("the way out works", ["abcd00000002"], first.rows())


def command_line(database):
    """Once as people type it: Debian's own program."""
    with open(f"{database.folder}/alembic.ini", "w") as file:
        file.write(f"[alembic]\nscript_location = {database.folder}/alembic\n")
    env = f"{database.folder}/alembic/env.py"
    with open(env) as file:
        text = file.read().replace("context.config.attributes",
                                   repr({"url": database.url, "table": database.table, "schema": database.schema}))
    with open(env, "w") as file:
        file.write(text)
    database.skein(0, "upgrade", "abcd00000002")
    for arguments, expected in ((["upgrade", "head"], ""), (["current"], "abcd00000003 (head)\n"),
                                (["downgrade", "-1"], ""), (["current"], "abcd00000002\n")):
        done = subprocess.run(["/usr/bin/alembic", "-c", "alembic.ini", *arguments], cwd=database.folder,
                              capture_output=True, text=True, timeout=120, check=True)
        check(f"alembic {' '.join(arguments)}", expected, done.stdout)
    check("and skein again", "abcd00000002\n", database.skein(0, "current"))


SCENES = [(one_head, LINE), (empty_table, LINE), (missing_table, LINE), (several_heads, FORK), (not_maximal, LINE),
          (elsewhere, LINE), (too_long, WIDE), (unknown, LINE), (command_line, LINE)]


def run_sqlite(folder):
    def database(name, **options):
        path = f"{folder}/{name}.db"

        def query(sql):
            with contextlib.closing(sqlite3.connect(path)) as connection, connection:
                return connection.execute(sql).fetchall()
        return Database(folder, f"sqlite:///{path}", query, **options)

    for scene, revisions in SCENES:
        write_project(folder, revisions)
        if scene == too_long:
            too_long(database("too_long"), enforced=False)
        else:
            scene(database(scene.__name__, **({"table": "versions"} if scene == elsewhere else {})))
    write_project(folder, LINE)
    unknown_in_a_fleet([database(f"fleet{number}") for number in range(3)])


def run_postgresql(folder, port):
    address = f"postgres@127.0.0.1:{port}"

    def execute(name, sql):
        connection = psycopg2.connect(f"postgresql://{address}/{name}")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def database(name, **options):
        execute("postgres", f"CREATE DATABASE {name} TEMPLATE template0")
        return Database(folder, f"postgresql+psycopg2://{address}/{name}", lambda sql: execute(name, sql), **options)

    for scene, revisions in SCENES:
        write_project(folder, revisions)
        if scene == too_long:
            too_long(database("too_long"), enforced=True)
        elif scene == elsewhere:
            other = database("elsewhere", table="Versions of it", schema="meta")
            other.query("CREATE SCHEMA meta")
            other.__class__ = type("Quoted", (Database,), {"rows_in": 'meta."Versions of it"'})
            elsewhere(other)
        else:
            scene(database(scene.__name__))
    write_project(folder, LINE)
    unknown_in_a_fleet([database(f"fleet{number}") for number in range(3)])


def main():
    folder = tempfile.mkdtemp(prefix="skein-adoption.")
    server = tempfile.mkdtemp(prefix="skein-pg.", dir="/tmp")
    program = f"{ROOT}/scripts/pg-server"
    try:
        run_sqlite(folder)
        started = subprocess.run([program, "start", server], capture_output=True, text=True, check=True).stdout
        port = dict(line.split("=", 1) for line in started.splitlines())["PG_PORT"].strip("'")
        run_postgresql(folder, port)
    finally:
        subprocess.run([program, "stop", server], capture_output=True, check=False)
        shutil.rmtree(server, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"ok, {checks} checks")


if __name__ == "__main__":
    main()
