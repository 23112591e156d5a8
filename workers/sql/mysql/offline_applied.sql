(SELECT last FROM (SELECT applied_checksum AS last FROM {history_table}
                    WHERE seq = (SELECT max(seq) FROM {history_table})) AS skein)
