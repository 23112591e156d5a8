#!/bin/bash
# import alembic in small projects: what Alembic cannot render is marked and refused until it is finished; every mistake is one clear error, and
# nothing is left behind.
. "$ROOT/tests/support/lib.sh"
versions=alembic/versions
mkdir -p $versions

# python ID DOWN [LINE]…: a revision; lines of upgrade() from stdin, downgrade() passes
python() {
    cat >"$versions/$1.py" <<PYTHON
"""Do $1

Revision ID: $1
"""
from alembic import op
import sqlalchemy as sa
revision, down_revision, branch_labels, depends_on = "$1", $2, ${3:-None}, ${4:-None}


def upgrade():
$(sed 's/^/    /')


def downgrade():
    pass
PYTHON
}
env_py() {
    cat >alembic/env.py <<PYTHON
from alembic import context
from logging.config import fileConfig
fileConfig(context.config.config_file_name, disable_existing_loggers=False)
context.configure(url=$1, $2 $3)
with context.begin_transaction():
    context.run_migrations()
PYTHON
}
usual='dialect_opts={"paramstyle": "named"}'
url='context.config.get_main_option("sqlalchemy.url")'
env_py "$url" "literal_binds=True," "$usual, version_table=context.config.get_main_option('table')"
cat >alembic.ini <<INI
[alembic]
script_location = %(here)s/alembic
sqlalchemy.url = postgresql://nobody:secret-canary@nowhere/x
revision_environment = true
table = alembic_version
[loggers]
keys = root,alembic
[handlers]
keys = console
[formatters]
keys =
[logger_root]
level = WARN
handlers = console
[logger_alembic]
level = ERROR
handlers =
qualname = alembic
[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
INI

# left WHAT: nothing was written, no copy of alembic.ini
left() {
    check_equal "$1: nothing was written" "" "$(find . -name '*.sql' -o -name '.skein*')"
}
check_no_secret() {
    check_has_not "no secret" "secret-canary" "$SCRATCH/out"
    check_has_not "no secret" "secret-canary" "$SCRATCH/err"
}

run 2 import alembic
check_has "no revisions" "Alembic knows no revision" "$SCRATCH/err"
run 2 import flyway
check_has "another tool" "knows no \"flyway\"" "$SCRATCH/err"
run 2 import alembic -c other.ini
check_has "no such file" "other.ini" "$SCRATCH/err"

python a None '"main"' <<<'op.execute("CREATE TABLE t (id int, name text)")'
python b '"a"' <<'PYTHON'
op.execute("ALTER TABLE t ADD COLUMN size int")
for row in op.get_bind().execute(sa.text("SELECT id FROM t")):
    op.execute(f"UPDATE t SET size = {len(row)}")
PYTHON
python c '"a"' '"side"' <<'PYTHON'
op.get_bind().execute(sa.text("UPDATE t SET name = :name"), {"name": "x"})
PYTHON
python m '("b", "c")' <<<'pass'
python z '"m"' None '"side"' <<<'op.execute("CREATE TABLE z (id int)")'

run 2 import alembic --engine oracle
check_has "unknown engine" "unknown engine \"oracle\"" "$SCRATCH/err"
run 2 import alembic --baseline nobody
check_has "unknown baseline" "--baseline: .*nobody" "$SCRATCH/err"
run 2 import alembic --alembic "./no-alembic -q"
check_has "no such program" "./no-alembic -q history -v cannot be started: No such file" "$SCRATCH/err"
check_has "the way out" "--alembic .venv/bin/alembic" "$SCRATCH/err"
run 2 import alembic -n elsewhere
check_has "what Alembic says" "alembic history -v failed with exit 255; it said" "$SCRATCH/err"
left mistakes

# What cannot be rendered is marked; what stands above it is rendered all the same.
run 0 import alembic --format json
check_no_secret
check_equal "imported" "a b c m z" "$(json '" ".join(sorted(r["revision"] for r in d["imported"]))')"
check_equal "the engine is the one of env.py" "['postgresql']" "$(json 'd["engines"]')"
check_equal "marked" "b b c" "$(json '" ".join(sorted(u["revision"] for u in d["unfinished"]))')"
check_equal "why" "the upgrade of alembic/versions/b.py fails offline: TypeError: 'NoneType' object is not iterable (line 12)" \
    "$(json '[u["reason"] for u in d["unfinished"] if "fails" in u["reason"]][0]')"
check_equal "no copy of alembic.ini is left" "" "$(find . -name '.skein*')"
cd migrations/versions || exit 1
check_equal "the marked file" "-- Do b
--
-- Revision ID: b
-- Revises: a

-- skein:upgrade postgresql
ALTER TABLE t ADD COLUMN size int;

-- skein:unfinished offline nobody reads what this SELECT returns: does the Python go on with it?
SELECT id FROM t;

-- skein:unfinished the upgrade of alembic/versions/b.py fails offline: TypeError: 'NoneType' object is not iterable (line 12)

-- skein:downgrade postgresql" "$(cat b_do_b.sql)"
check_has "a lost parameter" "^-- skein:unfinished is this NULL meant" c_do_c.sql
check_equal "labels are their owners'" "a_do_a.sql:-- Branch Labels: main c_do_c.sql:-- Branch Labels: side" "$(grep Labels ./*.sql | sed 's|^./||' | tr '\n' ' ' | sed 's/ $//')"
check_has "a dependency by label is its revision" "^-- Depends On: c$" z_do_z.sql
check_has "behind what fails" "^CREATE TABLE z" z_do_z.sql
cd ../..
for command in "validate" "history" "upgrade head --url sqlite:x.db"; do
    # shellcheck disable=SC2086 # words
    run 2 $command --url "postgresql://nobody@127.0.0.1:1/x"
    check_has "$command refuses" "migrations/versions/b_do_b.sql:12: this revision is not finished: the upgrade of" "$SCRATCH/err"
    check_has "$command tells the way out" "then delete this line" "$SCRATCH/err"
done

# Existing files are named, and stay; finished ones are valid.
run 2 import alembic
check_has "an unfinished project" "not finished" "$SCRATCH/err"
sed -i '/^-- skein:unfinished/d; /^SELECT id/d; s/name = *NULL/name = '"'x'"'/' migrations/versions/[bc]_*.sql
run 0 validate --url "postgresql://nobody@127.0.0.1:1/x"
check_has "finished" "^valid: 5 revisions" "$SCRATCH/out"
sum=$(cat migrations/versions/* | sha256sum)
run 2 import alembic
check_has "existing files" "migrations/versions/a_do_a.sql, .* and|exist already; nothing was written" "$SCRATCH/err"
check_equal "they are as before" "$sum" "$(cat migrations/versions/* | sha256sum)"
rm -r migrations

# The way back from a baseline that fails is irreversible; the way there is marked where it fails.
sed -i 's/^    pass$/    raise NotImplementedError("never")/' $versions/a.py
run 0 import alembic --baseline m
check_has "one file and what is above" "^imported 2 revisions" "$SCRATCH/out"
check_has "irreversible" "^-- Irreversible: the downgrade of alembic/versions/a.py fails offline: NotImplementedError: never \(line [0-9]+\)" migrations/versions/m_*.sql
check_has_not "no way back" "skein:downgrade" "$(echo migrations/versions/m_*.sql)"
check_equal "the labels of what it takes in" "-- Branch Labels: main, side" "$(grep Labels migrations/versions/m_*.sql)"
check_equal "in their order" "-- a Do a,-- b Do b,-- c Do c" "$(grep -E '^-- [abc] Do' migrations/versions/m_*.sql | sort | paste -sd,)"
rm -r migrations

# env.py: an engine of its own, none at all, another version table, percent signs doubled, something of its own first.
env_py '"mysql://"' "" "$usual"
run 2 import alembic --engine sqlite
check_has "another engine" "for sqlite env.py renders MySQLImpl; nothing was written" "$SCRATCH/err"
env_py "$url" "" ""
python a None <<<"op.execute(\"UPDATE t SET name = '50%'\")"
rm $versions/[bcmz].py
run 0 import alembic
check_has "doubled" "is this % meant to stand twice" "$SCRATCH/out"
rm -r migrations
sed -i 's/^table = .*/table = versions/' alembic.ini
env_py "$url" "literal_binds=True," "$usual, version_table='versions', version_table_schema='Own'"
sed -i 's/^with/context.get_context().impl.static_output("SET search_path TO own;")\nwith/' alembic/env.py
run 0 import alembic --engine postgresql --engine sqlite -x some=thing
check_has "its version table" "note: Alembic's version table is \"Own\".versions: skein.yaml needs migrations: \{version_table: versions, version_table_schema: Own\}" "$SCRATCH/out"
check_has "what env.py writes first" "note: env.py begins with: SET search_path TO own" "$SCRATCH/out"
rm -r migrations
sed -i 's/^fileConfig.*//' alembic/env.py
run 2 import alembic
check_has "no log" "Alembic does not tell which engine it renders for" "$SCRATCH/err"
echo 'raise RuntimeError("broken env.py")' >>alembic/env.py
sed -i '1i raise RuntimeError("broken env.py")' alembic/env.py
run 2 import alembic --engine sqlite
check_has "its env.py fails" "RuntimeError: broken env.py" "$SCRATCH/err"
left "broken env.py"

# An interrupt ends all that runs.
cat >slow <<'SH'
#!/bin/bash
case "$*" in
*history*) exec alembic "$@" ;;
esac
echo >started
exec cat <>fifo
SH
chmod +x slow
mkfifo fifo
"$SKEIN" import alembic --alembic ./slow >"$SCRATCH/out" 2>"$SCRATCH/err" &
skein=$!
for ((i = 0; i < 3000; i++)); do
    [ ! -e started ] || break
    read -r -t 0.02 <>fifo
done
kill -INT $skein
wait $skein
check_equal "interrupted" 130 $?
left interrupt
