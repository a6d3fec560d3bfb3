#!/bin/sh
# demo.sh BUILD_DIRECTORY - runs a real web server and a real client, on every
# kind of address that this machine can reach.
set -eu

build=$1
server=$build/examples/web_server
dir=$(mktemp -d)
pid=
shown=0

stop() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    [ -z "$pid" ] || wait "$pid" 2>/dev/null || true
    rm -f "$dir/out" "$dir/err" # the next server has not printed its address yet
    pid=
}
trap 'stop; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

# Waits until the server listens. Prints the address that the server reports.
address() {
    tries=0
    until grep -qs '^listening on ' "$dir/out"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ] || ! kill -0 "$pid" 2>/dev/null; then
            cat "$dir/out" "$dir/err" >&2 || true
            exit 1
        fi
        sleep 0.05
    done
    sed -n 's/^listening on //p' "$dir/out"
}

# fetch LABEL CURL_ARGUMENTS... - fetches the page, and prints what came
fetch() {
    label=$1
    shift
    page=$(curl --silent --show-error --fail --max-time 10 "$@")
    [ "$page" = "Hello from sbind" ] || {
        echo "demo: $label: unexpected answer: $page" >&2
        exit 1
    }
    printf '  %-28s %s\n' "$label" "$page"
    shown=$((shown + 1))
}

serve() { # ADDRESS
    "$server" -H "$1" >"$dir/out" 2>"$dir/err" &
    pid=$!
}

echo "A web server on libmicrohttpd, listening with sbind, fetched with curl:"

serve tcp://127.0.0.1:0
where=$(address)
fetch "$where" "http://${where#tcp://}/"
stop

if grep -qs ' lo$' /proc/net/if_inet6; then
    serve 'tcp://[::1]:0'
    where=$(address)
    fetch "$where" -g "http://${where#tcp://}/"
    stop
else
    echo "  tcp://[::1]:0                (this machine has no IPv6)"
fi

serve "unix://$dir/app.sock"
where=$(address)
fetch "unix:// a path" --unix-socket "$dir/app.sock" http://localhost/
stop

serve "unix://@sbind-demo-$$"
where=$(address)
fetch "$where" --abstract-unix-socket "sbind-demo-$$" http://localhost/
stop

if command -v systemd-socket-activate >/dev/null; then
    systemd-socket-activate -l "$dir/activated.sock" --fdname=web \
        "$server" -H fd://web >"$dir/out" 2>"$dir/err" &
    pid=$!
    tries=0
    until [ -S "$dir/activated.sock" ] || [ "$tries" -gt 100 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    fetch "fd://web by systemd" --unix-socket "$dir/activated.sock" \
        http://localhost/
    stop
else
    echo "  fd://web                     (systemd-socket-activate is missing)"
fi

"$build/sbind" listen -H tcp://127.0.0.1:0 --name web -- \
    "$server" -H fd://web >"$dir/out" 2>"$dir/err" &
pid=$!
where=$(address)
fetch "fd://web by sbind listen" "http://${where#tcp://}/"
stop

echo "$shown addresses served and fetched"
