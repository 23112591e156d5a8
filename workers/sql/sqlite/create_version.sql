CREATE TABLE {version_table} (
    version_num VARCHAR(64) NOT NULL,
    CONSTRAINT {version_key} PRIMARY KEY (version_num)
)
