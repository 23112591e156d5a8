SELECT id, coalesce(named, CASE marked WHEN id THEN 'skein' END), user,
       {include parts/session_columns},
       CASE command WHEN 'Sleep' THEN time END,
       concat(id, ' ', host),
       coalesce(marked = id, 0),
       CASE WHEN id = $1 AND concat(id, ' ', host) = $2 AND marked = id AND command = 'Sleep' AND time > 1000 * $3
            THEN concat('KILL CONNECTION ', id) ELSE 'DO 0' END
INTO @skein_id, @skein_application, @skein_user, @skein_since, @skein_age, @skein_state, @skein_query,
     @skein_quiet, @skein_session, @skein_run, @skein_end
FROM (
    SELECT blocking.id, holder.user, holder.command, holder.host, left(holder.info, 400) AS query,
           {include parts/session_program} AS named,
           is_used_lock({include parts/mark_name}) AS marked,
           {include parts/session_times}
    FROM (
        SELECT is_used_lock({include parts/lock_name}) AS id
    ) AS blocking
    LEFT JOIN information_schema.processlist AS holder ON holder.id = blocking.id
) AS told
