#!/usr/bin/python3
"""A project of real Alembic's: 50 revisions with what people's projects have, for PostgreSQL and SQLite.

usage: alembic_project.py make FOLDER URL
       alembic_project.py states FOLDER ENGINE URL EVERY
           upgrades with Alembic's own API and keeps what stands after each EVERY-th revision, in `done` at
           the end, and in `down` what Alembic leaves after going back to revision 10 from there. A state is a
           database NAME beside the URL's (PostgreSQL) or a file NAME.db in FOLDER/states (SQLite); prints their names.

The main line is main01 to main38. A branch leaves it at main12 and is merged into main26; a root of its
own, `audit`, has four revisions that main20 and main30 depend on, by id and by label.
"""

import os
import shutil
import sys

ENV = """\
from alembic import context
from logging.config import fileConfig
from sqlalchemy import create_engine, pool

config = context.config
if config.config_file_name:
    fileConfig(config.config_file_name, disable_existing_loggers=False)
settings = dict(target_metadata=None, version_table="alembic_version")
url = config.get_main_option("sqlalchemy.url")
if context.is_offline_mode():
    context.configure(url=url, literal_binds=True, dialect_opts={"paramstyle": "named"}, **settings)
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True, **settings)
        with context.begin_transaction():
            context.run_migrations()
"""

INI = """\
[alembic]
script_location = %(here)s/alembic
sqlalchemy.url = {url}

[loggers]
keys = root,alembic
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = WARN
handlers = console
qualname =
[logger_alembic]
level = WARN
handlers =
qualname = alembic
[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic
[formatter_generic]
format = %(levelname)-5.5s [%(name)s] %(message)s
"""

HEAD = '''\
"""{message}

Made by the generator; "quoted", 100 % of it.
Note: this line has a colon.

Revision ID: {id}
Revises: {revises}
Create Date: 2026-01-{day:02d} 10:20:30.{number:06d}

"""
from alembic import op
import sqlalchemy as sa

revision = {id!r}
down_revision = {down!r}
branch_labels = {labels!r}
depends_on = {depends!r}


def postgresql():
    return op.get_context().dialect.name == "postgresql"


def upgrade():
{up}


def downgrade():
{back}
'''

# What a revision does, up and back: <N> is its number, <B> the table t<S> that the last `table` of its line made.
KINDS = {
    "table": ('''
op.create_table(
    "<B>",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50), nullable=False, server_default="it's; \\"<N>\\" 100%"),
    sa.Column("state", sa.Enum("new", "it's old", name="state_<S>")),
    sa.Column("price", sa.Numeric(10, 2), server_default=sa.text("0.5")),
    sa.Column("made", sa.DateTime, server_default=sa.func.now()),
    sa.CheckConstraint("price >= 0", name="ck_<B>_price"),
    sa.UniqueConstraint("name", "price", name="uq_<B>"),
)''', '''
op.drop_table("<B>")
if postgresql():
    op.execute("DROP TYPE state_<S>")'''),
    "column": ('''
op.add_column("<B>", sa.Column("note_<N>", sa.Text, server_default="a;b'c"))
op.add_column("<B>", sa.Column("count_<N>", sa.Integer, nullable=True))''', '''
op.drop_column("<B>", "count_<N>")
op.drop_column("<B>", "note_<N>")'''),
    "index": ('''
with op.get_context().autocommit_block():
    op.create_index("ix_<N>", "<B>", ["name", "price"], postgresql_concurrently=True)
op.create_index("ux_<N>", "<B>", ["id", "name"], unique=True)''', '''
op.drop_index("ux_<N>", table_name="<B>")
op.drop_index("ix_<N>", table_name="<B>")'''),
    "execute": ('''
op.execute("""
    -- several lines; with a comment
    INSERT INTO <B> (id, name)
    VALUES (<N>, 'a;b -- no comment
2 %, 50%% \\\\:x ''q'' .')
""")
op.execute("UPDATE <B> SET price = 7 WHERE name LIKE '%;b%' AND id = <N>;")
op.execute("UPDATE <B> SET price = price + 1 WHERE id = <N> -- at the end")''', '''
op.execute("DELETE FROM <B> WHERE id = <N>")'''),
    "bulk": ('''
rows = sa.table("<B>", sa.column("id", sa.Integer), sa.column("name", sa.String),
                sa.column("price", sa.Numeric(10, 2)))
op.bulk_insert(rows, [
    {"id": 1000 + <N>, "name": "O'Neill; %", "price": 1},
    {"id": 2000 + <N>, "name": "two\\nlines", "price": None},
])
op.execute(rows.update().where(rows.c.id == 1000 + <N>).values(name="Zo\\u00eb"))''', '''
op.execute("DELETE FROM <B> WHERE id IN (1000 + <N>, 2000 + <N>)")'''),
    "constraint": ('''
if postgresql():
    op.create_check_constraint("ck_<N>", "<B>", "id > -<N>")
    op.alter_column("<B>", "name", type_=sa.String(80 + <N>), existing_type=sa.String(50))
    op.execute("COMMENT ON TABLE <B> IS 'number <N>; it''s'")
else:
    op.execute("CREATE VIEW view_<N> AS SELECT id FROM <B>")''', '''
if postgresql():
    op.execute("COMMENT ON TABLE <B> IS NULL")
    op.alter_column("<B>", "name", type_=sa.String(50), existing_type=sa.String(80 + <N>))
    op.drop_constraint("ck_<N>", "<B>")
else:
    op.execute("DROP VIEW view_<N>")'''),
    "trigger": ('''
if postgresql():
    op.execute("""
CREATE FUNCTION touch_<N>() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.made := now(); -- half; way
    RETURN NEW;
END;
$$""")
    op.execute("CREATE TRIGGER touch_<N> BEFORE UPDATE ON <B> FOR EACH ROW EXECUTE FUNCTION touch_<N>()")
else:
    op.execute("""
CREATE TRIGGER touch_<N> AFTER UPDATE OF state ON <B> BEGIN
    UPDATE <B> SET made = CURRENT_TIMESTAMP WHERE id = NEW.id;
    SELECT CASE WHEN NEW.id < 0 THEN RAISE(ABORT, 'no; way') END;
END""")''', '''
if postgresql():
    op.execute("DROP TRIGGER touch_<N> ON <B>")
    op.execute("DROP FUNCTION touch_<N>()")
else:
    op.execute("DROP TRIGGER touch_<N>")'''),
    "batch": ('''
with op.batch_alter_table("<B>") as batch:
    batch.add_column(sa.Column("flag_<N>", sa.Boolean, server_default="0"))''', '''
op.drop_column("<B>", "flag_<N>")'''),
    "grow": ('''
if postgresql():
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE state_<S> ADD VALUE 'value <N>'")
    op.execute("INSERT INTO <B> (id, name, state) VALUES (3000 + <N>, 'grown', 'value <N>')")''', '''
op.execute("DELETE FROM <B> WHERE id = 3000 + <N>")'''),
    "nothing": ("\npass", "\npass"),
}
LINE = ["table", "column", "index", "execute", "bulk", "constraint", "trigger", "batch", "grow"]


def project():
    """id, down, labels, depends_on, kind, number of the table: oldest first."""
    rows = []

    def add(name, down, kind, table, labels=None, depends=None):
        rows.append((name, down, labels, depends, kind, table))

    for i in range(1, 13):
        add(f"main{i:02}", f"main{i - 1:02}" if i > 1 else None, LINE[(i - 1) % 9],
            i if LINE[(i - 1) % 9] == "table" else (i - 1) // 9 * 9 + 1, "main" if i == 1 else None)
    for i in range(1, 5):
        add(f"audit{i}", f"audit{i - 1}" if i > 1 else None, LINE[i - 1], 101,
            ("audit", "log") if i == 1 else None)
    for i in range(1, 9):
        add(f"side{i}", f"side{i - 1}" if i > 1 else "main12", LINE[i - 1], 201,
            "side" if i == 1 else None)
    for i in range(13, 26):
        add(f"main{i:02}", f"main{i - 1:02}", LINE[(i - 1) % 9],
            i if LINE[(i - 1) % 9] == "table" else (i - 1) // 9 * 9 + 1, None,
            "audit2" if i == 20 else None)
    add("main26", ("main25", "side8"), "nothing", 1)
    for i in range(27, 39):
        add(f"main{i}", f"main{i - 1}", LINE[(i - 27) % 9],
            i if LINE[(i - 27) % 9] == "table" else (i - 27) // 9 * 9 + 27, None,
            "log" if i == 30 else "audit4" if i == 31 else None)
    return rows


def fill(text, number, table):
    text = text.replace("<B>", f"t{table}").replace("<S>", str(table)).replace("<N>", str(number))
    return "    " + text.strip("\n").replace("\n", "\n    ")


def write(folder, number, row):
    name, down, labels, depends, kind, table = row
    up, back = (fill(text, number, table) for text in KINDS[kind])
    message = f"{kind.capitalize()} number {number}, to see what becomes of a long message"
    revises = ", ".join(down) if isinstance(down, tuple) else down or ""
    with open(os.path.join(folder, f"{name}.py"), "w", encoding="utf-8") as file:
        file.write(HEAD.format(message=message, id=name, revises=revises, day=number % 28 + 1,
                               number=number, down=down, labels=labels, depends=depends,
                               up=up, back=back))


def make(folder, url):
    versions = os.path.join(folder, "alembic", "versions")
    os.makedirs(versions)
    for name, text in (("alembic.ini", INI.format(url=url)), ("alembic/env.py", ENV)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    rows = project()
    for number, row in enumerate(rows, 1):
        write(versions, number, row)
    print(len(rows))


class Postgresql:
    """States are databases made from one another."""

    def __init__(self, folder, url):
        from sqlalchemy import create_engine, pool
        self.server = url.rsplit("/", 1)[0]
        self.admin = create_engine(url, poolclass=pool.NullPool, isolation_level="AUTOCOMMIT")

    def url(self, name):
        return f"{self.server}/{name}"

    def make(self, name, template="template0"):
        with self.admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")


class Sqlite:
    """States are files, copied."""

    def __init__(self, folder, url):
        self.folder = os.path.join(folder, "states")
        os.makedirs(self.folder)

    def path(self, name):
        return os.path.join(self.folder, f"{name}.db")

    def url(self, name):
        return f"sqlite:///{self.path(name)}"

    def make(self, name, template=None):
        if template:
            shutil.copy(self.path(template), self.path(name))


def states(folder, engine, url, every):
    from alembic import command
    from alembic.config import Config
    place = {"postgresql": Postgresql, "sqlite": Sqlite}[engine](folder, url)
    config = Config(os.path.join(folder, "alembic.ini"))

    def call(verb, state, revision):
        config.set_main_option("sqlalchemy.url", place.url(state))
        verb(config, revision)

    place.make("done")
    for number, row in enumerate(project(), 1):
        if number % every == 0:
            call(command.upgrade, "done", row[0])
            place.make(f"at_{row[0]}", "done")
            print(f"at_{row[0]}")
    call(command.upgrade, "done", "heads")
    place.make("down", "done")
    call(command.downgrade, "down", "main10")


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(*sys.argv[2:])
    else:
        states(*sys.argv[2:5], int(sys.argv[5]))
