SET SESSION completion_type = IF(($1) = 1, @@completion_type, 'skein: another skein is at work here');
