SELECT 'table', nspname, NULL::pg_catalog.text, relname, pg_catalog.pg_table_is_visible(pg_class.oid), false, true
FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'p', 'f', 'v', 'm') AND pg_catalog.strpos($1::pg_catalog.text, pg_catalog.chr(10) || relname || pg_catalog.chr(10)) > 0
UNION ALL
SELECT 'column', nspname, relname, attname, pg_catalog.pg_table_is_visible(pg_class.oid), false, true
FROM pg_catalog.pg_attribute JOIN pg_catalog.pg_class ON pg_class.oid = attrelid
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'f', 'v', 'm')
  AND pg_catalog.strpos($1::pg_catalog.text, pg_catalog.chr(10) || relname || pg_catalog.chr(10)) > 0
  AND pg_catalog.strpos($1::pg_catalog.text, pg_catalog.chr(10) || attname || pg_catalog.chr(10)) > 0
UNION ALL
SELECT 'index', nspname, of_table.relname, of_index.relname, pg_catalog.pg_table_is_visible(of_index.oid), false, indisvalid AND indisready
FROM pg_catalog.pg_index JOIN pg_catalog.pg_class AS of_index ON of_index.oid = indexrelid
JOIN pg_catalog.pg_class AS of_table ON of_table.oid = indrelid
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = of_index.relnamespace
WHERE pg_catalog.strpos($1::pg_catalog.text, pg_catalog.chr(10) || of_index.relname || pg_catalog.chr(10)) > 0
UNION ALL
SELECT 'constraint', nspname, relname, conname, pg_catalog.pg_table_is_visible(pg_class.oid), false, true
FROM pg_catalog.pg_constraint JOIN pg_catalog.pg_class ON pg_class.oid = conrelid
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
WHERE pg_catalog.strpos($1::pg_catalog.text, pg_catalog.chr(10) || conname || pg_catalog.chr(10)) > 0
