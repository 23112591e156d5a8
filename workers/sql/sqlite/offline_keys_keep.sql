DELETE FROM temp.skein_keys;
INSERT INTO temp.skein_keys
?1;
