SET transaction_isolation = 'read committed'
