UPDATE {version_table} SET version_num = $2 WHERE version_num::pg_catalog.text = $1
