SELECT id, application, user,
       date_format(utc_timestamp(6) - INTERVAL coalesce(transaction, time) MICROSECOND, '%Y-%m-%dT%H:%i:%s.%fZ'),
       coalesce(transaction, time),
       CASE WHEN command <> 'Sleep' THEN 'active' WHEN transaction IS NOT NULL THEN 'idle in transaction'
            WHEN command IS NOT NULL THEN 'idle' END,
       query
FROM (
    SELECT blocking.id, holder.user, holder.command, left(holder.info, 400) AS query,
           (SELECT max(attr_value) FROM performance_schema.session_account_connect_attrs
             WHERE processlist_id = blocking.id AND attr_name = 'program_name') AS application,
           CASE WHEN EXISTS (SELECT * FROM information_schema.user_privileges
                              WHERE privilege_type = 'PROCESS'
                                AND grantee = concat('''', replace(current_user(), '@', '''@'''), ''''))
                THEN (SELECT max(timestampdiff(MICROSECOND, trx_started, now(6))) FROM information_schema.innodb_trx
                       WHERE trx_mysql_thread_id = blocking.id) END AS transaction,
           /*M! CAST(1000 * holder.time_ms AS SIGNED) */ /*!50720 1000000 * holder.time */ AS time
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
