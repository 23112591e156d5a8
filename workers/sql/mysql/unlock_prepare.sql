PREPARE skein_end FROM @skein_end
