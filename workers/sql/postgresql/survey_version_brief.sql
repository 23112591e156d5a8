SELECT $1, version_num, NULL::pg_catalog.int4, NULL::pg_catalog.varchar FROM {version_table}
