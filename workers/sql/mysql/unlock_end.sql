EXECUTE skein_end
