CASE WHEN EXISTS (SELECT * FROM information_schema.user_privileges
                   WHERE privilege_type = 'PROCESS'
                     AND grantee = concat('''', replace(current_user(), '@', '''@'''), ''''))
     THEN (SELECT max(timestampdiff(MICROSECOND, trx_started, now(6))) FROM information_schema.innodb_trx
            WHERE trx_mysql_thread_id = blocking.id) END AS transaction,
/*M! CAST(1000 * holder.time_ms AS SIGNED) */ /*!50720 1000000 * holder.time */ AS time
