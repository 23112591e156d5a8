CREATE TABLE {version_table} (
    version_num VARCHAR(64) NOT NULL,
    CONSTRAINT {version_key} PRIMARY KEY (version_num)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
