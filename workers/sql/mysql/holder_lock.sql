SELECT id, coalesce(named, CASE marked WHEN id THEN 'skein' END), user,
       date_format(utc_timestamp(6) - INTERVAL coalesce(transaction, time) MICROSECOND, '%Y-%m-%dT%H:%i:%s.%fZ'),
       coalesce(transaction, time),
       CASE WHEN command <> 'Sleep' THEN 'active' WHEN transaction IS NOT NULL THEN 'idle in transaction'
            WHEN command IS NOT NULL THEN 'idle' END,
       query
FROM (
    SELECT blocking.id, holder.user, holder.command, left(holder.info, 400) AS query,
           (SELECT max(attr_value) FROM performance_schema.session_account_connect_attrs
             WHERE processlist_id = blocking.id AND attr_name = 'program_name') AS named,
           is_used_lock(concat('skein run:', left(sha2(lower(database()), 256), 54))) AS marked,
           CASE WHEN EXISTS (SELECT * FROM information_schema.user_privileges
                              WHERE privilege_type = 'PROCESS'
                                AND grantee = concat('''', replace(current_user(), '@', '''@'''), ''''))
                THEN (SELECT max(timestampdiff(MICROSECOND, trx_started, now(6))) FROM information_schema.innodb_trx
                       WHERE trx_mysql_thread_id = blocking.id) END AS transaction,
           /*M! CAST(1000 * holder.time_ms AS SIGNED) */ /*!50720 1000000 * holder.time */ AS time
    FROM (
        SELECT is_used_lock(concat('skein:', left(sha2(lower(database()), 256), 56))) AS id
    ) AS blocking
    LEFT JOIN information_schema.processlist AS holder ON holder.id = blocking.id
    WHERE blocking.id IS NOT NULL
) AS told
