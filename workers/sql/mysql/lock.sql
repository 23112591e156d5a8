SELECT get_lock({include parts/lock_name}, 0),
       CASE is_used_lock({include parts/lock_name}) WHEN connection_id()
            THEN get_lock({include parts/mark_name}, 0) END
