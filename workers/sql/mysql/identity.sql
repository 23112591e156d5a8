SELECT concat_ws('/', /*M! @@server_uid, */ /*!50700 @@server_uuid, */ @@hostname, @@port, @@datadir)
