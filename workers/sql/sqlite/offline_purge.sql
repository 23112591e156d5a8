DELETE FROM {version_table};
INSERT INTO temp.skein_script (closed)
SELECT count(*) = 0 FROM {history_table} WHERE state = 'started';
