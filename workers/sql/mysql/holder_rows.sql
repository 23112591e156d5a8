SELECT id, application, user,
       {include parts/session_columns}
FROM (
    SELECT blocking.id, holder.user, holder.command, left(holder.info, 400) AS query,
           {include parts/session_program} AS application,
           {include parts/session_times}
    FROM (
        /*M!
        SELECT blocking.trx_mysql_thread_id AS id
        FROM information_schema.innodb_lock_waits
        JOIN information_schema.innodb_trx AS ours ON ours.trx_id = requesting_trx_id
        JOIN information_schema.innodb_trx AS blocking ON blocking.trx_id = blocking_trx_id
        WHERE ours.trx_mysql_thread_id = $1
        ORDER BY blocking.trx_state = 'LOCK WAIT', blocking.trx_started
        LIMIT 1
        */
        /*!80000
        SELECT other.processlist_id AS id
        FROM performance_schema.data_lock_waits
        JOIN performance_schema.threads AS ours ON ours.thread_id = requesting_thread_id
        JOIN performance_schema.threads AS other ON other.thread_id = blocking_thread_id
        WHERE ours.processlist_id = $1
        ORDER BY other.processlist_id
        LIMIT 1
        */
    ) AS blocking
    LEFT JOIN information_schema.processlist AS holder ON holder.id = blocking.id
    WHERE blocking.id IS NOT NULL
) AS told
