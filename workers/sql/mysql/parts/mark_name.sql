concat('skein run:', left(sha2(lower(database()), 256), 54))
