SELECT CASE WHEN set_config('search_path', $1, false) IS NOT NULL
                 AND set_config('skein.started_at', clock_timestamp()::text, false) IS NOT NULL
            THEN current_setting('search_path') = $1
                 AND current_schema() IS NOT DISTINCT FROM $2::name
       END
