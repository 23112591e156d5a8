INSERT INTO temp.skein_script (keys)
WITH skein ("table", parent, fkid, number) AS (
?1)
SELECT count(*) = 0 FROM skein
 WHERE number > coalesce((SELECT skein_keys.number FROM temp.skein_keys
                           WHERE (skein_keys."table", skein_keys.parent, skein_keys.fkid)
                              IS (skein."table", skein.parent, skein.fkid)), 0);
