SELECT indexrelid::pg_catalog.regclass::pg_catalog.text
  FROM pg_catalog.pg_index JOIN pg_catalog.pg_class ON pg_class.oid = indexrelid
 WHERE NOT indisvalid AND relkind = 'i'
 ORDER BY indexrelid
