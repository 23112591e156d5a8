SELECT to_regclass(quote_ident(:'skein_schema') || '.' || $1) IS NULL AS missing \gset skein_
\if :skein_missing
$2;
\endif
