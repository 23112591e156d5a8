DO release_lock($1);
