CREATE TABLE {history_table} (
    seq INTEGER NOT NULL,
    revision VARCHAR(64) NOT NULL,
    direction VARCHAR(9) NOT NULL,
    state VARCHAR(8) NOT NULL,
    total INTEGER NOT NULL,
    attempted INTEGER NOT NULL,
    done INTEGER NOT NULL,
    checksum VARCHAR(32),
    done_checksum VARCHAR(32),
    applied_checksum VARCHAR(32),
    run_id VARCHAR(32),
    started_at TEXT,
    finished_at TEXT,
    actor VARCHAR(96),
    reason VARCHAR(100),
    tag VARCHAR(32),
    skein_version VARCHAR(16)
)
