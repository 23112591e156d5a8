"""The page that the benchmark writes: a preamble and sections in a fixed order, each of which can be renewed alone."""

import os

# All that the benchmark can write, in this order. A title is a section's name in the page: what varies stands in the text.
TITLES = (
    "PostgreSQL: three revisions",
    "PostgreSQL: nothing to do",
    "PostgreSQL: three revisions by the shell",
    "PostgreSQL: few short revisions",
    "PostgreSQL: many short revisions",
    "PostgreSQL schemas: three revisions",
    "PostgreSQL schemas: nothing to do",
    "MariaDB: three revisions",
    "SQLite: three revisions",
    "SQLite: nothing to do",
    "SQLite: few short revisions",
    "SQLite: many short revisions",
    "SQLite: many short revisions on one file",
    "Many targets",
    "Many revision files",
)
MARK = "## "

HEAD = """# Performance

Written by `scripts/bench --write`, which puts each section in place of the one before it as soon as it is measured, and keeps the others: each
says when it was measured and on what, and one of an earlier day is by the benchmark of that day. Server and client are on the same machine.

A floor is the least that can do the same work: a small C program with
the same client library in blocking calls, as many threads as skein has connections, and everything for a target in one message and one
transaction, where the engine has transactions for definitions (`tests/bench/floor_*.c`). It checks nothing, plans nothing, takes no lock, reports nothing.

- **bare floor**: the statements of the revisions, the version table and its row.
- **bookkeeping floor**: the same, and skein's history: the table and a row a step, in the same shape; on
  MariaDB also what is written before each definition, which commits by itself.
- **floor** (nothing to do): connects and reads the version table; **with open rows**: also what of the history `up_to_date` depends on.
- SQLite's floors, as skein, have the library's memory statistics off (`SQLITE_CONFIG_MEMSTATUS`): with them on, as they are by default, all threads wait for one mutex, and
  reading the version tables of 500 files takes three times as long.
- Schemas of one database: the work by as many connections as skein has, each for one schema after the other; with nothing to do one connection
  reads the version tables of 200 schemas in a query, or of 50 with their histories. The database has 1,000; 400 of them have work, because
  taking that away again is what takes longest in the whole benchmark, and with nothing to do all take part.

skein is measured as a whole process, built with `-Dbuildtype=release`, from its start to its report, at the same concurrency as the floors. In each round every
program runs once over a fleet made as it was before; the order turns about with every round, with skein beside each floor that it is compared with; a
first round does not count; and a ratio is the median of the rounds' ratios (in brackets the least and the greatest). Durability is the server's and the
library's default on every side. All sides leave the same schema, version rows and history: the benchmark compares them after the first round.

What is done against noise is the same ahead of every sample:

- what the fleet's making left is written out first, so that it is not in the middle of the next sample: PostgreSQL and InnoDB by a checkpoint
  (without it InnoDB's dirty pages grow from sample to sample until one has to write them all), the kernel's by a sync(2);
- PostgreSQL has no autovacuum and no checkpoint within a sample, and keeps its WAL segments (`min_wal_size`), so that a sample neither makes
  new ones nor takes them away;
- each database was connected to once after it was made as before: the cache file that a new session starts with is there;
- databases are made with fsync off, which is on (and looked at) before the first sample.
"""


class PageError(Exception):
    """The page has what the benchmark did not write; nothing was changed."""


def sections_of(text):
    """The sections' texts by title. What stands before the first one is the preamble, and not kept."""
    sections = {}
    for part in ("\n" + text).split("\n" + MARK)[1:]:
        title = part.split("\n", 1)[0].strip()
        if title not in TITLES:
            raise PageError(f"has a section that no part of the benchmark writes: '{title}'"
                            f" (known: {'; '.join(TITLES)}): rename it or take it out")
        if title in sections:
            raise PageError(f"has the section '{title}' twice: take one out")
        sections[title] = MARK + part.strip("\n") + "\n"
    return sections


def with_section(text, title, section):
    """The page's text with this section in the place of the one of its title, or where it belongs."""
    if title not in TITLES:
        raise PageError(f"has no place for '{title}'")
    sections = {**sections_of(text), title: section.strip("\n") + "\n"}
    return "\n".join([HEAD, *(sections[name] for name in TITLES if name in sections)])


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def put(path, title, section):
    """Writes the page whole or not at all: whoever stops the benchmark finds the one or the other."""
    text = with_section(read(path), title, section)
    new = f"{path}.new"
    with open(new, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(new, path)
