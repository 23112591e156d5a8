SET transaction_read_only = on
