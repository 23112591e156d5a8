$1;
SET SESSION completion_type = IF(
    row_count() = 1, @@completion_type, concat('skein: one row was to change, not ', row_count()));
