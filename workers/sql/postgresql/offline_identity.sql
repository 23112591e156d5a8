SELECT CASE
       WHEN current_database() <> coalesce($1, current_database())
       THEN ('skein: the script is for the database ' || $1 || ', this is ' || current_database())::integer
       WHEN :'skein_schema' = '' OR :'skein_current' <> coalesce($2, :'skein_current')
       THEN ('skein: no such schema here, or no right to it: ' || coalesce($2, current_setting('search_path')))::integer
       WHEN pg_is_in_recovery()
       THEN ('skein: this server is a replica, it takes no changes' || left(current_database(), 0))::integer
       WHEN current_setting('standard_conforming_strings') <> 'on'
       THEN ('skein: standard_conforming_strings is ' || current_setting('standard_conforming_strings'))::integer
       ELSE 1 END AS ok \gset skein_
