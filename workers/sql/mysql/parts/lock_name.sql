concat('skein:', left(sha2(lower(database()), 256), 56))
