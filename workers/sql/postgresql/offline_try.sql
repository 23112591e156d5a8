\set ON_ERROR_STOP off
$1
\set skein_failed :ERROR
\set ON_ERROR_STOP on
\if :skein_failed
$3
SELECT ('skein: failed, and left nothing: statement ' || $2 || left(current_database(), 0))::integer;
\endif
