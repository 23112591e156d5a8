SELECT CASE WHEN skein.had THEN 1
       ELSE ('skein: another skein is at work here' || left(skein.had::text, 0))::integer END AS ok
  FROM ($1) AS skein (had) \gset skein_
