SET NAMES utf8mb4, SESSION autocommit = 1,
    /*!50720 SESSION transaction_isolation = 'READ-COMMITTED', */
    /*M! SESSION tx_isolation = 'READ-COMMITTED', */
    SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    SESSION lc_messages = 'en_US'
