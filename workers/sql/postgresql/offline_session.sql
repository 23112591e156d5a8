SELECT CASE WHEN skein.current_schema = :'skein_current' THEN 1
       ELSE ('skein: search_path comes to another schema: ' || coalesce(skein.current_schema, 'none'))::integer END AS ok
  FROM ($1) AS skein \gset skein_
