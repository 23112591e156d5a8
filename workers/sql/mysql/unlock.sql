SELECT @skein_id, @skein_application, @skein_user, @skein_since, @skein_age, @skein_state, @skein_query,
       @skein_quiet, @skein_session, @skein_run, @skein_end LIKE 'KILL %'
FROM dual WHERE @skein_id IS NOT NULL
