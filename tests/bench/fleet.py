"""The fleets of the benchmark: how one is made as before, what the floors and skein are called with, what is in it afterwards."""

import contextlib
import glob
import os
import shutil
import subprocess

from report import counted

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.join(HERE, "project")
FILES = sorted(glob.glob(os.path.join(PROJECT, "versions", "*.sql")))
CONCURRENCY = 8


def run(command, **options):
    return subprocess.run(command, check=True, text=True, **options)


class Fleet:
    """Databases of one engine, their skein.yaml, and the floor that does the same work."""

    NOUN = "database"
    LIMITS = f"concurrency: {CONCURRENCY}, per_server: {CONCURRENCY}"
    # What the work may cost of the bookkeeping and of the bare floor, and nothing to do of its floor.
    BOOKKEEPING, BARE, NOTHING = 1.15, 1.35, 1.25

    def __init__(self, name, tools, folder, count):
        self.name, self.tools, self.folder, self.count = name, tools, folder, count
        os.makedirs(folder, exist_ok=True)

    def size(self):
        return counted(self.count, self.NOUN)

    @contextlib.contextmanager
    def only(self, count):
        """The same fleet, of which only the first ones take part."""
        whole, self.count = self.count, min(count, self.count)
        try:
            yield self
        finally:
            self.count = whole

    def skein(self, *arguments, project=PROJECT):
        """The whole command; skein.yaml is written anew, the project's files are read where they are."""
        path = os.path.join(self.folder, "skein.yaml")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(f"migrations: {{version_locations: [{project}/versions]}}\n"
                         f"limits: {{{self.LIMITS}}}\n"
                         "tenants:\n" + "".join(self.tenants()))
        return [self.tools.skein, "-c", path, *arguments]


class Server(Fleet):
    """Databases of a throw-away server, started and stopped by a script; the settings that make it durable are its own."""

    SCRIPT, SETTINGS = "", []

    def script(self, command, *arguments):
        return [os.path.join(self.tools.root, "scripts", self.SCRIPT), command,
                os.path.join(self.folder, "server"), *arguments]

    def start(self):
        shown = run(self.script("start", *self.SETTINGS), stdout=subprocess.PIPE).stdout
        return dict(line.replace("'", "").split("=", 1) for line in shown.splitlines())

    def close(self):
        """Also of one that was stopped while it started: then there may be nothing to stop."""
        subprocess.run(self.script("stop"), check=False)


class Postgresql(Server):
    """Databases b0001 …"""

    SCRIPT = "pg-server"
    # Vacuum and checkpoints come when the benchmark says so, not in the middle of a sample; nor are WAL segments made there.
    # Each database is 300 files: they are made without fsync, durable() ends that.
    SETTINGS = ["autovacuum=off", "max_wal_size=8GB", "min_wal_size=2GB", "checkpoint_timeout=1h", "fsync=off"]

    def __init__(self, tools, folder, count, name="PostgreSQL"):
        super().__init__(name, tools, folder, count)
        self.port, self.bin, self.connection = "", "", ""

    def prepare(self):
        variables = self.start()
        self.port, self.bin = variables["PG_PORT"], variables["PG_BIN"]
        self.connection = f"host=127.0.0.1 port={self.port} user=postgres sslmode=disable " \
                          "gssencmode=disable"
        self.make()
        self.durable()

    def make(self):
        self.sql("postgres", "".join(f"CREATE DATABASE b{number:04} TEMPLATE template0;\n"
                                     for number in range(1, self.count + 1)))

    def durable(self):
        """What was made is on the disk, and from here on fsync is on, as it is by default."""
        self.settle()
        self.sql("postgres", "ALTER SYSTEM SET fsync = on;")
        self.sql("postgres", "SELECT pg_reload_conf();")
        for _ in range(200):
            if self.sql("postgres", "SHOW fsync;").strip() == "on":
                self.settle()
                return
        raise SystemExit("bench: PostgreSQL keeps fsync off")

    def sql(self, database, text):
        command = [os.path.join(self.bin, "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
                   "-d", f"{self.connection} dbname={database}"]
        return run(command, input=text, stdout=subprocess.PIPE).stdout

    def tenants(self):
        yield from (f"  - {{name: t{number:04}, url: 'postgresql://postgres@127.0.0.1:{self.port}"
                    f"/b{number:04}?sslmode=disable'}}\n" for number in range(1, self.count + 1))

    def floor(self, mode, project=PROJECT):
        return [self.tools.floor_postgresql, mode, self.connection, "b", str(self.count),
                str(CONCURRENCY), *sorted(glob.glob(os.path.join(project, "versions", "*.sql")))]

    def fresh(self):
        run(self.floor("reset"))
        self.settle()

    def settle(self):
        self.sql("postgres", "CHECKPOINT;")
        self.tools.write_out()

    def xargs(self, psql):
        """The shell's way: one psql for each database, the bare work from a file."""
        path = os.path.join(self.folder, "bare.sql")
        with open(path, "w", encoding="utf-8") as stream:
            run([self.tools.floor_postgresql, "text", *FILES], stdout=stream)
        names = os.path.join(self.folder, "databases")
        with open(names, "w", encoding="utf-8") as stream:
            stream.write("".join(f"b{number:04}\n" for number in range(1, self.count + 1)))
        return ["xargs", "-a", names, f"-P{CONCURRENCY}", "-I{}", psql, "-X", "-q",
                "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-v", "ON_ERROR_STOP=1",
                "-1", "-f", path, "-d", "{}"]

    def schema(self, number):
        """All that pg_dump sees, but skein's history."""
        dump = run([os.path.join(self.bin, "pg_dump"), "--schema-only", "-T", "skein_history",
                    "-d", f"{self.connection} dbname=b{number:04}"], stdout=subprocess.PIPE).stdout
        return [line for line in dump.splitlines() if not line.startswith("\\")]

    def rows(self, number, table, columns):
        return self.sql(f"b{number:04}", f"SELECT {columns} FROM {table} ORDER BY 1;")

    def versions(self):
        server = self.sql("postgres", "SHOW server_version;").strip()
        return f"PostgreSQL {server}"


class Schemas(Postgresql):
    """Schemas s0001 … of one database, which is made anew from a template that has them empty."""

    NOUN = "schema"
    LIMITS = f"{Fleet.LIMITS}, per_database: {CONCURRENCY}"
    BOOKKEEPING, BARE, NOTHING = 1.25, None, 1.5

    def __init__(self, tools, folder, count):
        super().__init__(tools, folder, count, "PostgreSQL schemas")

    def make(self):
        self.sql("postgres", "CREATE DATABASE empty TEMPLATE template0;")
        self.sql("empty", "".join(f"CREATE SCHEMA s{number:04};\n" for number in range(1, self.count + 1)))

    def tenants(self):
        yield from (f"  - {{name: t{number:04}, url: 'postgresql://postgres@127.0.0.1:{self.port}"
                    f"/shared?sslmode=disable', schema: s{number:04}}}\n"
                    for number in range(1, self.count + 1))

    def floor(self, mode, project=PROJECT):
        return [self.tools.floor_schemas, mode, f"{self.connection} dbname=shared", "s",
                str(self.count), str(CONCURRENCY),
                *sorted(glob.glob(os.path.join(project, "versions", "*.sql")))]

    def fresh(self):
        self.sql("postgres", "SET client_min_messages = warning; DROP DATABASE IF EXISTS shared;")
        self.sql("postgres", "CREATE DATABASE shared TEMPLATE empty;")
        self.sql("shared", "SELECT 1;")  # makes the cache file that a new session starts with
        self.settle()

    def schema(self, number):
        dump = run([os.path.join(self.bin, "pg_dump"), "--schema-only", "-n", f"s{number:04}",
                    "-T", "*.skein_history", "-d", f"{self.connection} dbname=shared"],
                   stdout=subprocess.PIPE).stdout
        return [line for line in dump.splitlines() if not line.startswith("\\")]

    def rows(self, number, table, columns):
        return self.sql("shared", f"SELECT {columns} FROM s{number:04}.{table} ORDER BY 1;")


class Mariadb(Server):
    """Databases b0001 …"""

    SCRIPT = "mariadb-server"

    def __init__(self, tools, folder, count):
        super().__init__("MariaDB", tools, folder, count)
        self.port, self.client, self.socket = "", "", ""

    def prepare(self):
        variables = self.start()
        self.port, self.client = variables["MARIADB_PORT"], variables["MARIADB_BIN"]
        self.socket = variables["MARIADB_SOCKET"]

    def sql(self, text):
        command = [self.client, "--no-defaults", "-N", "-B", "-u", "root", "-S", self.socket]
        return run(command, input=text, stdout=subprocess.PIPE).stdout

    def tenants(self):
        yield from (f"  - {{name: t{number:04}, url: 'mariadb://root@127.0.0.1:{self.port}"
                    f"/b{number:04}?charset=utf8mb4'}}\n" for number in range(1, self.count + 1))

    def floor(self, mode, project=PROJECT):
        return [self.tools.floor_mariadb, mode, self.port, "b", str(self.count), str(CONCURRENCY),
                *sorted(glob.glob(os.path.join(project, "versions", "*.sql")))]

    def fresh(self):
        self.sql("".join(f"DROP DATABASE IF EXISTS b{number:04}; CREATE DATABASE b{number:04};\n"
                         for number in range(1, self.count + 1)))
        self.settle()

    def settle(self):
        self.sql("SET GLOBAL innodb_log_checkpoint_now = ON;")
        self.tools.write_out()

    def schema(self, number):
        """Columns and indexes, but for skein's history."""
        where = f"WHERE table_schema = 'b{number:04}' AND table_name <> 'skein_history' ORDER BY 1, 2;"
        return self.sql("SELECT table_name, column_name, column_type, is_nullable, column_default,"
                        f" collation_name FROM information_schema.columns {where}"
                        "SELECT table_name, index_name, seq_in_index, column_name, non_unique"
                        f" FROM information_schema.statistics {where}")

    def rows(self, number, table, columns):
        return self.sql(f"SELECT {columns} FROM b{number:04}.{table} ORDER BY 1;")

    def versions(self):
        return "MariaDB " + self.sql("SELECT version();").strip()


class Sqlite(Fleet):
    """Files 0001.db …, each with a table before the work begins."""

    def __init__(self, tools, folder, count):
        super().__init__("SQLite", tools, folder, count)
        self.databases = os.path.join(folder, "databases")
        self.template = os.path.join(folder, "template.db")

    def prepare(self):
        self.sql(self.template, "CREATE TABLE settings (name text PRIMARY KEY, value text);")

    def close(self):
        shutil.rmtree(self.databases, ignore_errors=True)

    @staticmethod
    def sql(path, text):
        return run(["sqlite3", path, text], stdout=subprocess.PIPE).stdout

    def path(self, number):
        return os.path.join(self.databases, f"{number:04}.db")

    def tenants(self):
        yield from (f"  - {{name: t{number:04}, url: 'sqlite:{self.path(number)}'}}\n"
                    for number in range(1, self.count + 1))

    def floor(self, mode, project=PROJECT):
        return [self.tools.floor_sqlite, mode, self.databases, str(self.count), str(CONCURRENCY),
                *sorted(glob.glob(os.path.join(project, "versions", "*.sql")))]

    def fresh(self):
        self.close()
        os.makedirs(self.databases)
        for number in range(1, self.count + 1):
            shutil.copyfile(self.template, self.path(number))
        self.settle()

    def settle(self):
        self.tools.write_out()

    def schema(self, number):
        """Tables with their columns, indexes with theirs; not how they were written."""
        return self.sql(self.path(number), """
            SELECT type, tbl_name, name, (SELECT group_concat(c.name || ' ' || c.type || c."notnull"
                                                 || coalesce(c.dflt_value, '') || c.pk)
                                            FROM pragma_table_info(sqlite_master.name) c),
                   (SELECT group_concat(i.name) FROM pragma_index_info(sqlite_master.name) i)
              FROM sqlite_master WHERE tbl_name <> 'skein_history' ORDER BY type, name;""")

    def rows(self, number, table, columns):
        return self.sql(self.path(number), f"SELECT {columns} FROM {table} ORDER BY 1;")

    def versions(self):
        return "SQLite " + self.sql(":memory:", "SELECT sqlite_version();").strip()
