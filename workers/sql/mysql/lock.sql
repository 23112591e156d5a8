SELECT get_lock(concat('skein:', left(sha2(lower(database()), 256), 56)), 0),
       CASE is_used_lock(concat('skein:', left(sha2(lower(database()), 256), 56))) WHEN connection_id()
            THEN get_lock(concat('skein run:', left(sha2(lower(database()), 256), 54)), 0) END
