#!/bin/sh
# suite.sh SOURCE PLACE [all] - does the tarball of the conformance suite judge the
# command and the ports rightly, alone in an empty folder? With "all", the test sends
# every request, and judges the compiled ports as well.
set -eu
source=$1
sbind=$2/usr/bin/sbind
all=${3:-}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export PYTHONDONTWRITEBYTECODE=1

fail() { echo "$*"; exit 1; }
quietly() { "$@" >"$dir/log" 2>&1 || { cat "$dir/log"; fail "failed: $*"; }; }

quietly python3 -B "$source/conformance/make/pack.py" "$dir/first"
quietly python3 -B "$source/conformance/make/pack.py" "$dir/second"
diff -r "$dir/first" "$dir/second" || fail "what is made twice differs"
mkdir "$dir/empty"
cd "$dir/empty"
quietly tar xf "$dir"/first/*.tar.gz
[ "$(ls)" = "sbind-conformance-$(cat "$source/conformance/VERSION")" ] || fail "$(ls)"
cd sbind-conformance-*
if find . -name '*.[ch]' -o -name make | grep .; then
    fail "there are C sources, or what makes the suite"
fi

# passes ADAPTER... - requires that this adapter answers every tier rightly
passes() {
    quietly env -i PATH="$PATH" conformance/run.py ${every:+--every "$every"} -- "$@"
    grep -q '^complete ' "$dir/log" || fail "not all tiers were run"
}

every=7
[ -z "$all" ] || every=
passes "$sbind" adapter
ports="python javascript"
[ -z "$all" ] || ports="$ports go rust"
for port in $ports; do
    quietly env GO=/usr/bin/go RUSTC=/usr/bin/rustc \
        conformance/ports/build.sh "$port" "$dir/$port"
    passes "$dir/$port/adapter"
done
for file in conformance/ports/*.* conformance/ports/rust/*; do
    [ "$(wc -l <"$file")" -lt 500 ] || fail "$file has 500 lines or more"
done

# ---- The runner in one file ----------------------------------------------------------

mkdir "$dir/one"
cp "$dir"/first/*.pyz "$dir/one/suite.pyz"
cd "$dir/one"
quietly env -i PATH="$PATH" python3 suite.pyz --quick -- "$sbind" adapter
[ -z "$all" ] || quietly env -i PATH="$PATH" python3 suite.pyz --digest -- "$sbind" adapter
[ "$(ls)" = suite.pyz ] || fail "the runner leaves files: $(ls)"

# ---- Without the runner ----------------------------------------------------------------

cut -f 1 "$dir"/empty/*/named.tsv | tail -n +2 | "$sbind" adapter >answers
cut -f 2 "$dir"/empty/*/named.tsv | tail -n +2 | diff - answers >"$dir/log" ||
    { head "$dir/log"; fail "named.tsv has other answers"; }

# ---- The skeletons of ADAPTER.md -----------------------------------------------------------

page=$(echo "$dir"/empty/*/conformance/ADAPTER.md)
block() { awk -v open="\`\`\`$1" '$0 == open { on = 1; next } /^```$/ { on = 0 } on' "$page"; }
# skeleton ADAPTER... - this adapter has to answer each line with bad-request. So it
# passes the 15 lines that are not requests, and fails on every request.
skeleton() {
    if python3 suite.pyz --tier named -- "$@" >"$dir/log" 2>&1; then
        fail "a skeleton passes: $*"
    fi
    for line in 'requests  *15 passed, 4 failed,' 'named  *0 passed, 1[0-9]* failed,'; do
        grep -q "^$line" "$dir/log" ||
            { head -n 20 "$dir/log"; fail "not what ADAPTER.md says: $*"; }
    done
}
block python >a.py
skeleton python3 a.py
block js >a.mjs
skeleton node a.mjs
[ -z "$all" ] || {
    block go >a.go
    quietly env GOCACHE="$dir/go/cache" /usr/bin/go build -o a-go a.go
    skeleton ./a-go
    block rust >a.rs
    quietly /usr/bin/rustc --edition 2021 -D warnings -o a-rust a.rs
    skeleton ./a-rust
}

# ---- What the ancestor's users write -----------------------------------------------------------

[ -n "$all" ] || exit 0
hello=$dir/rust/hello
cat >user.rs <<'END'
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let host: service_binding::Binding = "tcp://127.0.0.1:0".parse()?;
    let listener: service_binding::Listener = host.try_into()?;
    assert!(matches!(listener, service_binding::Listener::Tcp(_)));
    assert!("tcp://127.0.0.1:65536".parse::<service_binding::Binding>().is_err());
    Ok(())
}
END
quietly /usr/bin/rustc --edition 2021 -D warnings \
    --extern service_binding="$dir/rust/libsbind.rlib" user.rs
./user || fail "the ancestor's program does not run"

# greeted CURL_OPTION... - within five seconds
greeted() {
    for _ in $(seq 50); do
        [ "$(curl -s --max-time 2 "$@" http://localhost/)" = "Hello!" ] && return
        sleep 0.1
    done
    fail "no answer: curl $*"
}
ended() {
    kill "$1"
    wait "$1" || true
}
"$hello" -H "unix://$PWD/a.sock" & server=$!
greeted --unix-socket "$PWD/a.sock"
ended "$server"
HOST=unix://@hello-$$ "$hello" & server=$!
greeted --abstract-unix-socket "hello-$$"
ended "$server"
"$sbind" listen -H "unix://$PWD/b.sock" --name web -- "$hello" -H fd://web & server=$!
greeted --unix-socket "$PWD/b.sock"
ended "$server"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
"$hello" -H "tcp://[::ffff:127.0.0.1]:$port" 2>"$dir/log" && fail "SPEC.md 5.4"
"$hello" -H "tcp://127.0.0.1:$port" & server=$!
greeted --connect-to "::127.0.0.1:$port"
"$hello" -H "tcp://127.0.0.1:$port" 2>"$dir/log" && fail "an address is taken twice"
grep -q "AddrInUse" "$dir/log" || { cat "$dir/log"; fail "another error"; }
ended "$server"
