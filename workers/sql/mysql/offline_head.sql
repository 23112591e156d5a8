DELIMITER ;
SET SESSION completion_type = IF(
    (SELECT info FROM information_schema.processlist WHERE id = connection_id()) LIKE concat('%/', '* kept *', '/%'),
    @@completion_type, 'skein: run it with mariadb --comments, bodies keep their comments then') /* kept */;
