{include parts/session_mode},
    SESSION lc_messages = 'en_US'
