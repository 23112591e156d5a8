{include timeouts},
    SESSION wait_timeout = CAST($3 AS UNSIGNED), SESSION net_read_timeout = CAST($3 AS UNSIGNED),
    SESSION net_write_timeout = CAST($3 AS UNSIGNED)
