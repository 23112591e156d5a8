WITH skein AS (
$1
RETURNING 1)
SELECT CASE WHEN count(*) = 1 THEN 1
       ELSE ('skein: one row was to change, not ' || count(*))::integer END AS ok FROM skein \gset skein_
