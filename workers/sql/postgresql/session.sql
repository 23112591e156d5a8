SELECT pg_catalog.set_config('search_path', $1, false), current_schema,
       pg_catalog.set_config('skein.started_at', pg_catalog.clock_timestamp()::pg_catalog.text, false),
       pg_catalog.set_config('lock_timeout', $2, false),
       pg_catalog.set_config('statement_timeout', $3, false),
       pg_catalog.set_config('standard_conforming_strings', 'on', false),
       pg_catalog.set_config('client_encoding', 'UTF8', false),
       pg_catalog.set_config('skein.role', coalesce(
           nullif(pg_catalog.current_setting('skein.role', true), ''),
           pg_catalog.current_setting('role')), false),
       pg_catalog.set_config('role', pg_catalog.current_setting('skein.role'), false)
