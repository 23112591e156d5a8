('x' || left(encode(sha256(convert_to('skein:' || :'skein_schema', 'UTF8')), 'hex'), 16))::bit(64)::bigint
