INSERT INTO temp.skein_script (stands)
SELECT coalesce(group_concat(version_num), '') = ?1 FROM (SELECT version_num FROM {version_table} ORDER BY version_num);
INSERT INTO temp.skein_script (closed)
SELECT count(*) = ?2 FROM {history_table} WHERE state = 'started';
