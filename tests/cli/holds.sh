#!/bin/bash
# holds: keep tenants out until a day, also by name, without changing the exit code; one whose day has come says so in every report.
. "$ROOT/tests/support/lib.sh"

mkdir -p migrations/versions
revision 1.sql <<'SQL'
-- one
-- Revision ID: aaaa00000001
-- Revises:
-- skein:upgrade
CREATE TABLE t (id integer);
-- skein:downgrade
DROP TABLE t;
SQL
cat >skein.yaml <<'YAML'
tenants:
  - {name: acme, url: "sqlite:acme.db", create: true}
  - {name: acme_old, url: "sqlite:acme_old.db", create: true}
  - {name: globex, url: "sqlite:globex.db", create: true}
holds:
  - {tenant: "acme_*", until: 9999-12-31, reason: "OPS-1188"}
  - {tenant: "acme", until: 2026-01-01, reason: "OPS-7"}
YAML
run 0 upgrade head
check_has "counts" "^  3 targets on 1 server: 2 succeeded \(2 steps\), 1 held" "$SCRATCH/out"
check_has "who, until when, why" "^  held      acme_old   until 9999-12-31, OPS-1188" "$SCRATCH/out"
check_has "an expired one shouts" "HOLD HAS EXPIRED   acme   until 2026-01-01, OPS-7" "$SCRATCH/out"
check_equal "a held tenant was not even made" "acme.db globex.db" "$(echo *.db)"

run 0 upgrade head -t acme_old --format json
check_equal "also by name" "held 1 0" "$(json 'd["targets"][0]["outcome"], d["counts"]["held"], d["run"]["exit_code"]' | tr -d "(),'")"
check_equal "the holds" "[False, True]" "$(json '[h["expired"] for h in d["holds"]]')"
run 0 downgrade base --all -y
check_has "nor taken back" "2 succeeded \(2 steps\), 1 held" "$SCRATCH/out"
run 0 plan upgrade head
check_has "nor planned" "2 planned, 1 held" "$SCRATCH/out"
check_equal "still not made" "acme.db globex.db" "$(echo *.db)"
run 0 status -t acme_old
check_has "but looked at" "^ +1 behind" "$SCRATCH/out"
