INSERT INTO {version_table} (version_num) VALUES ($1)
