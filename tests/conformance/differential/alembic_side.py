"""Real Alembic, in this process: its commands over revisions that were never files."""

import io
import os
import types
import warnings
from unittest import mock

import sqlalchemy
from alembic import command, context, util
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script.base import Script, ScriptDirectory
from alembic.script.revision import RevisionMap
from sqlalchemy.pool import StaticPool

import listing


class Directory(ScriptDirectory):
    """A script directory without a folder, whose env.py is run_env()."""

    def __init__(self, revisions, connection):
        super().__init__(os.curdir)
        self.connection, self.steps = connection, []
        self.revision_map = RevisionMap(lambda: [self.script(revision) for revision in revisions])

    def script(self, revision):
        module = types.ModuleType(revision.id)
        module.__doc__ = revision.id
        module.revision = revision.id
        module.down_revision = tuple(revision.down) or None
        module.depends_on = tuple(revision.depends_on) or None
        module.branch_labels = tuple(revision.labels) or None
        module.upgrade = lambda: self.steps.append(("upgrade", revision.id))
        module.downgrade = lambda: self.steps.append(("downgrade", revision.id))
        module.__name__ = "upgrade"
        return Script(module, revision.id, f"{revision.id}.py")

    def run_env(self):
        context.configure(connection=self.connection)
        with context.begin_transaction():
            context.run_migrations()


class Alembic:
    """One database, used again for every command."""

    def __init__(self):
        self.engine = sqlalchemy.create_engine("sqlite://", poolclass=StaticPool)
        self.connection = self.engine.connect()
        MigrationContext.configure(self.connection)._ensure_version_table()

    def run(self, graph, rows, verb, arguments):
        """As skein_side.Skein.run()."""
        self.connection.execute(sqlalchemy.text("DELETE FROM alembic_version"))
        for row in rows:
            self.connection.execute(sqlalchemy.text("INSERT INTO alembic_version VALUES (:row)"), {"row": row})
        directory, out = Directory(graph.revisions, self.connection), io.StringIO()
        answer = listing.Answer("ok")
        with mock.patch.object(ScriptDirectory, "from_config", lambda config: directory), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self.call(Config(stdout=out), verb, arguments)
            except util.CommandError as error:
                answer = listing.Answer("error", told=str(error))
            except Exception as error:  # whatever an assertion or a lookup that went wrong raises
                answer = listing.Answer("crash", told=f"{type(error).__name__}: {error}")
        answer.steps = directory.steps
        answer.rows = {row for row, in self.connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version"))}
        answer.read(verb, out.getvalue())
        return answer

    def resolve(self, graph, identifier):
        """The ids that an identifier comes to; None where that is an error."""
        try:
            found = Directory(graph.revisions, self.connection).get_revisions(identifier)
        except Exception:  # an assertion that went wrong, too
            return None
        return [revision.revision for revision in found if revision is not None and revision != "base"]

    @staticmethod
    def call(config, verb, arguments):
        if verb == "history":
            command.history(config, arguments[0])
        elif verb == "indicate":
            command.history(config, indicate_current=True)
        elif verb == "heads":
            command.heads(config)
        elif verb == "resolve":
            command.heads(config, resolve_dependencies=True)
        elif verb == "stamp":
            command.stamp(config, arguments)
        else:
            getattr(command, verb)(config, arguments[0])
