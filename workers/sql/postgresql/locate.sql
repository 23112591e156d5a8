SELECT current_catalog, pg_is_in_recovery(), current_schema, to_regclass($1), to_regclass($2),
       current_setting('search_path'), current_setting('server_version_num')
