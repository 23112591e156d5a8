SELECT pg_catalog.set_config('search_path', $1, {local}), current_schema,
       pg_catalog.set_config('skein.started_at', pg_catalog.clock_timestamp()::pg_catalog.text, {local}),
       pg_catalog.set_config('standard_conforming_strings', 'on', {local}),
       pg_catalog.set_config('client_encoding', 'UTF8', {local}),
       pg_catalog.set_config('lock_timeout', coalesce($2, pg_catalog.current_setting('lock_timeout')), {local}),
       pg_catalog.set_config('statement_timeout', coalesce($3, pg_catalog.current_setting('statement_timeout')), {local}),
       pg_catalog.set_config('role', coalesce($4, pg_catalog.current_setting('role')), {local})
