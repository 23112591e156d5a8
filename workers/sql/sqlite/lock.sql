SELECT skein_lock()
