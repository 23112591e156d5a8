SELECT database(),
       concat(@@global.read_only) NOT IN ('0', 'OFF') OR @@global.innodb_read_only,
       NULL,
       (SELECT table_name FROM information_schema.tables
         WHERE table_schema = database() AND table_name = $1),
       (SELECT table_name FROM information_schema.tables
         WHERE table_schema = database() AND table_name = $2),
       NULL, version(), NULL, connection_id(), NULL
