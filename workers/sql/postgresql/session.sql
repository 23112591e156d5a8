SELECT set_config('search_path', $1, false), current_schema(),
       set_config('skein.started_at', clock_timestamp()::text, false)
