SELECT system_identifier::pg_catalog.text || '/' ||
       pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time())::pg_catalog.text
FROM pg_catalog.pg_control_system()
