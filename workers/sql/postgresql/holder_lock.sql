SELECT holder.pid, {include parts/session_columns}
{include parts/lock_holders}
  AND ((classid::pg_catalog.int8 << 32) | objid::pg_catalog.int8) = $1::pg_catalog.int8
