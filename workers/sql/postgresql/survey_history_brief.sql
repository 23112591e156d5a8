(SELECT $1, applied_checksum, seq, state
   {include parts/last_rows})
