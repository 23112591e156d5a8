concat('skein:', left(sha2(lower(@skein_database), 256), 56))
