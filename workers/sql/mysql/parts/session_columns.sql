date_format(utc_timestamp(6) - INTERVAL coalesce(transaction, time) MICROSECOND, '%Y-%m-%dT%H:%i:%s.%fZ'),
coalesce(transaction, time),
CASE WHEN command <> 'Sleep' THEN 'active' WHEN transaction IS NOT NULL THEN 'idle in transaction'
     WHEN command IS NOT NULL THEN 'idle' END,
query
