SELECT id, coalesce(named, CASE marked WHEN id THEN 'skein' END), user,
       {include parts/session_columns}
FROM (
    SELECT blocking.id, holder.user, holder.command, left(holder.info, 400) AS query,
           {include parts/session_program} AS named,
           is_used_lock({include parts/mark_name}) AS marked,
           {include parts/session_times}
    FROM (
        SELECT is_used_lock({include parts/lock_name}) AS id
    ) AS blocking
    LEFT JOIN information_schema.processlist AS holder ON holder.id = blocking.id
    WHERE blocking.id IS NOT NULL
) AS told
