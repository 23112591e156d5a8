DELETE FROM {version_table} WHERE version_num = $1
