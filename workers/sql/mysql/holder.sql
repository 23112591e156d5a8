SELECT id, application, user,
       {include parts/session_columns}
FROM (
    SELECT blocking.id, holder.user, holder.command, left(holder.info, 400) AS query,
           {include parts/session_program} AS application,
           {include parts/session_times}
    FROM (
        /*M!
        SELECT CASE count(DISTINCT table_name) WHEN 1 THEN
                   substring_index(group_concat(thread_id ORDER BY coalesce(other.state LIKE 'Waiting for%lock', 0), thread_id), ',', 1)
               END AS id
        FROM information_schema.processlist AS ours
        JOIN information_schema.metadata_lock_info ON thread_id <> ours.id
        LEFT JOIN information_schema.processlist AS other ON other.id = thread_id
        WHERE ours.id = $1
          AND (ours.state = 'Waiting for backup lock'
               AND lock_type = 'Backup lock' AND lock_mode REGEXP '^MDL_BACKUP_(FTWRL|WAIT)'
               OR ours.state = 'Waiting for table metadata lock'
               AND lock_type = 'Table metadata lock' AND table_schema = ours.db AND table_name NOT REGEXP '[^[:alnum:]_]'
               AND ours.info REGEXP concat('(^|[^[:alnum:]_$.])', table_name, '([^[:alnum:]_$]|$)')
               AND (ours.info REGEXP '^[[:space:]]*(ALTER|CREATE|DROP|TRUNCATE|RENAME)[[:space:]]'
                    OR lock_mode IN ('MDL_EXCLUSIVE', 'MDL_SHARED_NO_READ_WRITE', 'MDL_SHARED_NO_WRITE')))
        */
        /*!80000
        SELECT (
            SELECT other.processlist_id
            FROM performance_schema.threads AS ours
            JOIN performance_schema.metadata_locks AS wanted
              ON wanted.owner_thread_id = ours.thread_id AND wanted.lock_status = 'PENDING' AND wanted.object_type = 'TABLE'
            JOIN performance_schema.metadata_locks AS held
              ON held.object_type = wanted.object_type AND held.object_schema = wanted.object_schema
             AND held.object_name = wanted.object_name AND held.lock_status = 'GRANTED'
             AND held.owner_thread_id <> ours.thread_id
            JOIN performance_schema.threads AS other ON other.thread_id = held.owner_thread_id
            WHERE ours.processlist_id = $1
              AND (wanted.lock_type IN ('EXCLUSIVE', 'SHARED_NO_READ_WRITE', 'SHARED_NO_WRITE')
                   OR held.lock_type IN ('EXCLUSIVE', 'SHARED_NO_READ_WRITE', 'SHARED_NO_WRITE'))
            ORDER BY coalesce(other.processlist_state LIKE 'Waiting for%lock', 0), other.processlist_id
            LIMIT 1) AS id
        */
    ) AS blocking
    LEFT JOIN information_schema.processlist AS holder ON holder.id = blocking.id
    WHERE blocking.id IS NOT NULL
) AS told
