INSERT INTO temp.skein_script (unchanged)
SELECT count(*) = 0 FROM {history_table}
 WHERE seq = (SELECT max(seq) FROM {history_table}) AND applied_checksum <> '' AND applied_checksum <> ?1;
