SET @skein_database = database();
SET SESSION completion_type = CASE
    WHEN @skein_database IS NULL THEN 'skein: no database is chosen'
    WHEN CASE WHEN @@lower_case_table_names = 0 THEN BINARY $1 <> BINARY @skein_database
              ELSE lower($1) <> lower(@skein_database) END
    THEN concat('skein: the script is for the database ', $1, ', this is ', @skein_database)
    WHEN concat(@@global.read_only) NOT IN ('0', 'OFF') OR @@global.innodb_read_only
    THEN 'skein: this server is read_only, it takes no changes'
    ELSE @@completion_type END;
