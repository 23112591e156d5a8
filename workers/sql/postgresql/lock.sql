SELECT pg_try_advisory_lock(
    ('x' || left(encode(sha256(convert_to('skein:' || $1::text, 'UTF8')), 'hex'), 16))::bit(64)::bigint)
