.bail on
.timeout ?1
.dbconfig dqs_ddl on
.dbconfig dqs_dml on
CREATE TEMP TABLE IF NOT EXISTS skein_script (
    stands CONSTRAINT "skein: this database stands at other revisions than the script begins at" CHECK (stands),
    closed CONSTRAINT "skein: a revision stands half done here" CHECK (closed),
    unchanged CONSTRAINT "skein: files of revisions that stand here were edited since" CHECK (unchanged),
    one CONSTRAINT "skein: one row was to change" CHECK (one),
    keys CONSTRAINT "skein: foreign keys are violated that were not" CHECK (keys),
    done CONSTRAINT "skein: the statement above failed, and left nothing" CHECK (done)
);
CREATE TEMP TABLE IF NOT EXISTS skein_done (statement);
CREATE TEMP TABLE IF NOT EXISTS skein_keys ("table", parent, fkid, number);
