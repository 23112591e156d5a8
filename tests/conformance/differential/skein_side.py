"""skein itself, a process for each command, on a SQLite file of its own."""

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile

import listing

TABLE = ("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
         "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))")


class Skein:
    """One graph's revision files."""

    def __init__(self, program, graph):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="skein-differential-")
        self.database = os.path.join(self.folder, "app.db")
        versions = os.path.join(self.folder, "migrations", "versions")
        os.makedirs(versions)
        for place, revision in enumerate(graph.revisions):
            with open(os.path.join(versions, f"{place:05}_{revision.id}.sql"), "w", encoding="utf-8") as stream:
                stream.write(self.text_of(revision))

    @staticmethod
    def text_of(revision):
        lines = [f"-- {revision.id}", f"-- Revision ID: {revision.id}", f"-- Revises: {', '.join(revision.down)}".rstrip()]
        if revision.depends_on:
            lines.append(f"-- Depends On: {', '.join(revision.depends_on)}")
        if revision.labels:
            lines.append(f"-- Branch Labels: {', '.join(revision.labels)}")
        return "\n".join(lines + ["", "-- skein:upgrade", "", "-- skein:downgrade", ""])

    def close(self):
        shutil.rmtree(self.folder)

    def write_rows(self, rows):
        if os.path.exists(self.database):
            os.unlink(self.database)
        database = sqlite3.connect(self.database)
        database.execute("PRAGMA synchronous = OFF")
        database.execute(TABLE)
        database.executemany("INSERT INTO alembic_version VALUES (?)", [(row,) for row in rows])
        database.commit()
        database.close()

    def read_rows(self):
        database = sqlite3.connect(self.database)
        rows = {row for row, in database.execute("SELECT version_num FROM alembic_version")}
        database.close()
        return rows

    @staticmethod
    def words(verb, arguments):
        if verb == "history":
            return ["history", f"--rev-range={arguments[0]}"]
        if verb == "indicate":
            return ["history", "-i"]
        if verb == "resolve":
            return ["heads", "--resolve-dependencies"]
        words = ["--format=json"] if verb in listing.MOVES else []
        return words + [verb, *(["--"] if arguments else []), *arguments]

    def run(self, rows, verb, arguments):
        """The answer to one command, with the version table holding `rows` before."""
        self.write_rows(rows)
        words = [self.program, "--url", "sqlite:app.db", *self.words(verb, arguments)]
        done = subprocess.run(words, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, timeout=60)
        answer = listing.Answer("ok")
        if done.returncode == 2:
            answer = listing.Answer("error", told=(done.stderr or done.stdout).strip())
        elif done.returncode != 0:
            answer = listing.Answer("crash", told=f"exit {done.returncode}\n{done.stdout}{done.stderr}")
        if verb in listing.MOVES and done.stdout:
            document = json.loads(done.stdout)
            if answer.kind == "error":
                answer.told = f"{document['error']['message']} -> {document['error']['hint']}"
            for target in document.get("targets", []):
                answer.steps += [(step["direction"], step["revision"]) for step in target["steps"]
                                 if step["direction"] != "stamp"]
        answer.rows = self.read_rows()
        answer.read(verb, done.stdout)
        return answer
