#!/bin/sh
# build.sh python|javascript|go|rust FOLDER - makes FOLDER/adapter from a port. The
# variables GO, RUSTC, NODE and PYTHON name programs to use in place of those in PATH.
# The Go compiler keeps its files in GOCACHE, or else in FOLDER.
set -eu
ports=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
cd "$2"

script() { # INTERPRETER FILE
    printf '#!/bin/sh\nexec %s "%s"\n' "$1" "$2" >adapter
    chmod +x adapter
}

case $1 in
python) script "${PYTHON:-python3} -B" "$ports/sbind.py" ;;
javascript) script "${NODE:-node}" "$ports/sbind.mjs" ;;
go) GOCACHE=${GOCACHE:-$PWD/cache} "${GO:-go}" build -o adapter "$ports/sbind.go" ;;
rust)
    compile() { "${RUSTC:-rustc}" -O --edition 2021 -D warnings "$@"; }
    compile --crate-type lib --crate-name sbind "$ports/sbind.rs"
    compile --extern sbind=libsbind.rlib -o adapter "$ports/rust/adapter.rs"
    compile --extern sbind=libsbind.rlib -o hello "$ports/rust/hello.rs"
    ;;
*)
    echo "build.sh: no port to $1" >&2
    exit 2
    ;;
esac
