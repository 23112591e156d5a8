SELECT character_maximum_length FROM information_schema.columns
 WHERE table_schema = database() AND table_name = $1 AND column_name = 'version_num'
