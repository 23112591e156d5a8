SELECT pg_catalog.set_config('role', coalesce(
           (SELECT pg_catalog.substr(setting, 6)
              FROM pg_catalog.pg_db_role_setting, pg_catalog.unnest(setconfig) AS setting
             WHERE setting LIKE 'role=%'
               AND setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_catalog))
               AND setrole IN (0, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user))
             ORDER BY setrole = 0, setdatabase = 0
             LIMIT 1), 'none'), $1)
UNION ALL
SELECT pg_catalog.set_config(name, reset_val, $1)
  FROM pg_catalog.pg_settings
 WHERE source = 'session' AND setting <> reset_val
   AND (context = 'user'
        OR context = 'superuser' AND pg_catalog.current_setting('is_superuser') = 'on')
   AND name NOT IN ('application_name', 'client_encoding', 'DateStyle', 'IntervalStyle', 'TimeZone',
       'standard_conforming_strings', 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable')
