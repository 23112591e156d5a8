SELECT nullif(atttypmod, -1) - 4
  FROM pg_catalog.pg_attribute
 WHERE attrelid = pg_catalog.to_regclass($1) AND attname = 'version_num' AND NOT attisdropped
