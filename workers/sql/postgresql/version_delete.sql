DELETE FROM {version_table} WHERE version_num::pg_catalog.text = $1
