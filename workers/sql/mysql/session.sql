{include parts/session_mode},
    SESSION foreign_key_checks = DEFAULT, SESSION unique_checks = DEFAULT,
    SESSION time_zone = DEFAULT, SESSION lc_messages = 'en_US',
    @skein_started_at = utc_timestamp(6)
