SET SESSION lock_wait_timeout = CAST($1 AS UNSIGNED),
    /*!50720 SESSION max_execution_time = CAST($2 AS UNSIGNED), */
    /*M! SESSION max_statement_time = CAST($2 AS DECIMAL(16)) / 1000, */
    SESSION innodb_lock_wait_timeout = CAST($1 AS UNSIGNED),
    SESSION wait_timeout = CAST($3 AS UNSIGNED), SESSION net_read_timeout = CAST($3 AS UNSIGNED),
    SESSION net_write_timeout = CAST($3 AS UNSIGNED)
