?1;
INSERT INTO temp.skein_script (one) VALUES (changes() = 1);
