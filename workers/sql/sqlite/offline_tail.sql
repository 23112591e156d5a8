DROP TABLE temp.skein_script;
DROP TABLE temp.skein_done;
DROP TABLE temp.skein_keys;
