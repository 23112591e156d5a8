.bail off
?1 INSERT INTO temp.skein_done VALUES (?2);
?3
.bail on
INSERT INTO temp.skein_script (done) SELECT count(*) > 0 FROM temp.skein_done WHERE statement = ?2;
