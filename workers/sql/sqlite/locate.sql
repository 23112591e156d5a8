SELECT NULL, 0, NULL,
       (SELECT 'main' FROM sqlite_master WHERE type = 'table' AND name = ?1 COLLATE NOCASE),
       (SELECT 'main' FROM sqlite_master WHERE type = 'table' AND name = ?2 COLLATE NOCASE),
       NULL, NULL, NULL, NULL, NULL
