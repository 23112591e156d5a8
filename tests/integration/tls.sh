#!/bin/bash
# TLS with a throw-away authority: right name, wrong name, expired, unknown authority, client certificate, a server without TLS, each mode; what
# counts as local; the mark where a connection is weaker than verify-full. Names that are not local lead to 127.0.0.1 by a hosts file of our own.
. "$ROOT/tests/support/lib.sh"
[ "$(id -u)" = 0 ] && apart=(unshare -m) || apart=(unshare -rm)
real=$SKEIN SKEIN=$SCRATCH/skein
echo "127.0.0.1 localhost db.test other.test 127.test" >"$SCRATCH/hosts"
cat >"$SKEIN" <<SH
#!/bin/sh
exec ${apart[*]} sh -c 'mount --bind "$SCRATCH/hosts" /etc/hosts && exec "$real" "\$@"' skein "\$@"
SH
chmod +x "$SKEIN"
"$SKEIN" --version >/dev/null 2>&1 || {
    echo "no mount namespace for a hosts file of our own"
    exit 77
}

# The authority, a stranger, and what they sign. Dates of our own need `openssl ca`.
keys=$(mktemp -d /tmp/skein-tls.XXXXXX)
CLEANUP+=("rm -rf $keys")
for name in authority stranger; do
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=skein test $name" -keyout "$keys/$name.key" -out "$keys/$name.crt" 2>/dev/null || fail openssl
done
cat >"$keys/ca.conf" <<CONF
[ca]
default_ca = here
[here]
new_certs_dir = $keys
database = $keys/index
serial = $keys/serial
default_md = sha256
unique_subject = no
policy = any
copy_extensions = copy
[any]
commonName = supplied
CONF
: >"$keys/index"
echo 01 >"$keys/serial"
# sign NAME COMMON_NAME START END
sign() {
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -addext "subjectAltName=DNS:$2" -keyout "$keys/$1.key" -out "$keys/$1.csr" 2>/dev/null &&
        openssl ca -batch -notext -config "$keys/ca.conf" -cert "$keys/authority.crt" -keyfile "$keys/authority.key" -startdate "$3" -enddate "$4" \
            -in "$keys/$1.csr" -out "$keys/$1.crt" 2>/dev/null || fail "sign $1"
}
sign server db.test 20200101000000Z 20991231235959Z
sign expired db.test 20200101000000Z 20200102000000Z
sign client migrator 20200101000000Z 20991231235959Z
cat >"$keys/hba" <<HBA
local all all trust
hostssl certified all 127.0.0.1/32 cert map=all
host all all 127.0.0.1/32 trust
HBA
echo "all migrator postgres" >"$keys/ident"
chmod 755 "$keys"
chmod 600 "$keys"/*.key
chmod 644 "$keys"/*.crt "$keys/hba" "$keys/ident"
if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 && owner=postgres || owner=nobody
    chown "$owner" "$keys/server.key" "$keys/expired.key"
fi
# serve NAME [SETTING]…: its port in PORT_NAME
serve() {
    start_postgresql "hba_file=$keys/hba" "ident_file=$keys/ident" "${@:2}"
    printf -v "PORT_$1" %s "$PG_PORT"
}
serve PLAIN
serve EXPIRED ssl=on "ssl_cert_file=$keys/expired.crt" "ssl_key_file=$keys/expired.key"
serve GOOD ssl=on "ssl_cert_file=$keys/server.crt" "ssl_key_file=$keys/server.key" "ssl_ca_file=$keys/authority.crt"
psql_do postgres "CREATE DATABASE certified" || fail database
psql_do postgres "CREATE DATABASE one" || fail database
HOME=$SCRATCH/home
mkdir "$HOME"
export HOME

revision 1_a.sql <<'SQL'
-- a
--
-- Revision ID: aaaa00000001
-- Revises:

-- skein:upgrade
CREATE TABLE a (n integer);

-- skein:downgrade
DROP TABLE a;
SQL
# fleet HOST PORT TLS [DATABASE]
fleet() {
    cat >skein.yaml <<YAML
retry: {attempts: 1}
servers:
  pg-a: {url: "postgresql://postgres@$1:$2", connection: {tls: {$3}}}
tenants:
  - {name: acme, server: pg-a, database: ${4:-postgres}}
YAML
}
ca="ca: $keys/authority.crt"
mark="weaker than verify-full"
secured() { # WHAT: succeeded, and unmarked
    run 0 current
    check_has_not "$1: no mark" "$mark" "$SCRATCH/err"
}
marked() { # MODE
    run 0 current
    check_has "mode $1 is marked" "^skein: tls $mark: $1 on pg-a\$" "$SCRATCH/err"
}
refused() { # WHAT MESSAGE HINT [CLASS]: unreachable, one try, one message, and the way out
    run 1 status --format json
    check_equal "$1: class" "${4:-tls}" "$(json 'd["targets"][0]["error"]["class"]')"
    json 'd["targets"][0]["error"]["message"]' >"$SCRATCH/message"
    json 'd["targets"][0]["error"]["hint"]' >"$SCRATCH/hint"
    check_has "$1: message" "$2" "$SCRATCH/message"
    check_has "$1: hint" "$3" "$SCRATCH/hint"
    check_equal "$1: one line" 1 "$(wc -l <"$SCRATCH/message")"
    run 1 status
    check_has "$1: in the report" "$2" "$SCRATCH/out"
    check_has_not "$1: no key is shown" "PRIVATE KEY-|^MII" "$SCRATCH/out"
}

# verify-full unless said otherwise
fleet db.test "$PORT_GOOD" "$ca"
secured "the right name"
fleet other.test "$PORT_GOOD" "$ca"
refused "the wrong name" 'server certificate for "db.test" does not match host name "other.test"' "tls: \{server_name: "
fleet other.test "$PORT_GOOD" "$ca, server_name: db.test"
secured "server_name"
fleet 127.0.0.1 "$PORT_GOOD" "$ca, server_name: db.test, mode: verify-full"
secured "server_name beside an address"
fleet db.test "$PORT_EXPIRED" "$ca"
refused "expired" "certificate verify failed" "expired.*openssl s_client"
fleet db.test "$PORT_GOOD" "ca: $keys/stranger.crt"
refused "another authority" "certificate verify failed" "the authority that signed it"
fleet db.test "$PORT_GOOD" ""
sed -i 's/, connection: {tls: {}}//' skein.yaml
refused "no authority" "root certificate file .* does not exist" "tls: \{ca: FILE\}"
fleet db.test "$PORT_GOOD" "ca: missing.pem"
refused "a missing authority, relative to skein.yaml" "root certificate file \"$PWD/missing.pem\" does not exist" "tls: \{ca: FILE\}"
fleet db.test "$PORT_GOOD" "ca: system"
refused "the system's authorities" "certificate verify failed|root certificate file" "tls: \{ca: FILE\}"
fleet db.test "$PORT_PLAIN" "$ca"
refused "a server without TLS" "server does not support SSL, but SSL was required" "switch TLS on at the server"
fleet db.test "$PORT_PLAIN" "mode: require"
refused "require, too, is not downgraded" "server does not support SSL, but SSL was required" "switch TLS on at the server"

# Each mode, to a server that is not local
for mode in disable allow prefer require verify-ca; do
    fleet db.test "$PORT_GOOD" "mode: $mode, $ca"
    marked "$mode"
done
fleet other.test "$PORT_GOOD" "mode: verify-ca, $ca"
marked verify-ca
fleet db.test "$PORT_PLAIN" "mode: prefer"
marked prefer
fleet db.test "$PORT_EXPIRED" "mode: verify-ca, $ca"
refused "verify-ca, expired" "certificate verify failed" "expired"
fleet db.test "$PORT_GOOD" "mode: verify_full"
run 2 current
check_has "an unknown mode has its place" 'skein.yaml:3:[0-9]+: .*"verify_full"' "$SCRATCH/err"

# The mark: one line in the report, grouped; in JSON; not for servers that are local
cat >skein.yaml <<YAML
servers:
  pg-a: {url: "postgresql://postgres@db.test:$PORT_GOOD", connection: {tls: {mode: require}}}
  pg-b: {url: "postgresql://postgres@other.test:$PORT_PLAIN?sslmode=disable"}
  pg-c: {url: "postgresql://postgres@localhost:$PORT_GOOD"}
  pg-d: {url: "postgresql://postgres@127.0.0.1:$PORT_PLAIN?sslmode=disable"}
  pg-e: {url: "postgresql://postgres@[::1]:1"}
tenants:
  - {name: a, server: pg-a, database: postgres, schema: one}
  - {name: aa, server: pg-a, database: postgres, schema: two}
  - {name: b, server: pg-b, database: postgres, schema: three}
  - {name: c, server: pg-c, database: one}
  - {name: d, server: pg-d, database: postgres, schema: four}
  - {name: strong, server: pg-a, database: one, schema: five, connection: {tls: {mode: verify-full, $ca}}}
YAML
PG_PORT=$PORT_GOOD psql_do postgres "CREATE SCHEMA one; CREATE SCHEMA two" || fail schema
PG_PORT=$PORT_GOOD psql_do one "CREATE SCHEMA five" || fail schema
PG_PORT=$PORT_PLAIN psql_do postgres "CREATE SCHEMA three; CREATE SCHEMA four" || fail schema
run 0 upgrade head --format json
check_equal "by server and mode" "disable:pg-b:1 require:pg-a:2" "$(json '" ".join("%s:%s:%d" % (w["mode"], w["server"], w["targets"]) for w in d["weak_tls"])')"
run 0 upgrade head
check_equal "one line" "  tls $mark: disable on pg-b; require on pg-a" "$(grep "$mark" "$SCRATCH/out")"
run 0 status --format json
check_equal "status, too" 2 "$(json 'len(d["weak_tls"])')"
run 0 upgrade head -t c -t d -t strong --format json
check_equal "none of these is marked" False "$(json '"weak_tls" in d')"

# What is local is decided by the name as written
cat >skein.yaml <<YAML
tenants:
  - {name: socket, url: "postgresql://postgres@/postgres?host=$PG_SOCKET&port=$PORT_GOOD"}
  - {name: name, url: "postgresql://postgres@LocalHost:$PORT_PLAIN/postgres"}
  - {name: address, url: "postgresql://postgres@127.0.0.1:$PORT_PLAIN/template1"}
  - {name: looks-so, url: "postgresql://postgres@127.test:$PORT_PLAIN/postgres"}
YAML
run 1 status --format json
check_equal "a name that begins with 127. is a name" "looks-so tls" \
    "$(json '" ".join(t["name"] + " " + t["error"]["class"] for t in d["targets"] if t["error"])')"

# Parameters of a URL, and of tenants over servers
run 0 current --url "postgresql://postgres@db.test:$PORT_GOOD/postgres?sslrootcert=$keys/authority.crt"
check_has_not "as in a URL" "$mark" "$SCRATCH/err"
run 0 current --url "postgresql://postgres@db.test:$PORT_GOOD/postgres?sslmode=require"
check_has "sslmode in a URL" "$mark: require on db.test:$PORT_GOOD" "$SCRATCH/err"

# Client certificates
fleet db.test "$PORT_GOOD" "$ca" certified
refused "no client certificate" "requires a valid client certificate" "tls: \{cert: FILE, key: FILE\}" auth
fleet db.test "$PORT_GOOD" "$ca, cert: $keys/client.crt, key: $keys/client.key" certified
secured "a client certificate"
fleet db.test "$PORT_GOOD" "$ca, cert: $keys/client.crt, key: $keys/stranger.key" certified
refused "the key of another certificate" "certificate does not match private key|key values mismatch" "chmod 600"
fleet db.test "$PORT_GOOD" "$ca, cert: $keys/stranger.crt, key: $keys/stranger.key" certified
refused "a client certificate of a stranger" "alert unknown ca" "does not accept the client's certificate"
chmod 644 "$keys/client.key"
fleet db.test "$PORT_GOOD" "$ca, cert: $keys/client.crt, key: $keys/client.key" certified
refused "a key that others can read" "private key file .* has group or world access" "chmod 600"
run 0 current --url "postgresql://postgres@localhost:$PORT_GOOD/postgres"
chmod 600 "$keys/client.key"

# Services: verify-full there, too, unless the service or skein.yaml says otherwise
export PGSERVICEFILE=$SCRATCH/services
cat >"$PGSERVICEFILE" <<SERVICES
[far]
host=db.test
port=$PORT_GOOD
[farplain]
host=db.test
port=$PORT_PLAIN
[weak]
host=db.test
port=$PORT_GOOD
sslmode=require
[near]
host=localhost
port=$PORT_PLAIN
SERVICES
service() { # NAME TLS
    cat >skein.yaml <<YAML
retry: {attempts: 1}
servers: {pg-a: {url: "postgresql://postgres@/?service=$1", connection: {tls: {$2}}}}
tenants: [{name: acme, server: pg-a, database: postgres}]
YAML
}
service far "$ca"
secured "a service"
service farplain "$ca"
refused "a service without TLS" "server does not support SSL" "switch TLS on"
service weak "mode: verify-full, $ca"
secured "skein.yaml's mode before the service's"
service weak "$ca"
marked require
service near "$ca"
secured "a local service"
service far "$ca, server_name: db.test"
run 2 current
check_has "server_name needs a host" "server_name.*service" "$SCRATCH/err"
