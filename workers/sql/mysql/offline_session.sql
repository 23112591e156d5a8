$1;
SET SESSION completion_type = IF(
    database() <=> @skein_database, @@completion_type, 'skein: the revision before has chosen another database');
