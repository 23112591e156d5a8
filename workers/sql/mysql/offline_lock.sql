SET SESSION completion_type = IF(get_lock({include offline_key}, 0) = 1,
    @@completion_type, 'skein: another skein is at work here');
