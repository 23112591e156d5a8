CREATE TABLE {history_table} (
    seq integer NOT NULL,
    revision varchar(64) NOT NULL,
    direction varchar(9) NOT NULL,
    state varchar(8) NOT NULL,
    total integer NOT NULL,
    attempted integer NOT NULL,
    done integer NOT NULL,
    checksum varchar(32),
    done_checksum varchar(32),
    applied_checksum varchar(32),
    run_id varchar(32),
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    actor varchar(96),
    reason varchar(100),
    tag varchar(32),
    skein_version varchar(16)
)
