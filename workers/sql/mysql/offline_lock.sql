SET SESSION completion_type = IF(get_lock(concat('skein:', left(sha2(lower(@skein_database), 256), 56)), 0) = 1,
    @@completion_type, 'skein: another skein is at work here');
