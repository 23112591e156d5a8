SELECT revision, direction, checksum
  FROM {history_table}
 WHERE state = 'done' AND (done >= total OR direction IN ('stamp', 'accept'))
 ORDER BY seq
