#!/bin/sh
# build.sh FOLDER - makes the npm package in FOLDER. The package has a WebAssembly module, made by
# clang and lld, and a JavaScript module around it. The WebAssembly module contains the library's
# parser, activation, policies and reports, and the plan of sbind explain
set -eu
to=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
mkdir -p "$to"
rm -rf "${to:?}"/*

# shellcheck disable=SC2046
clang --target=wasm32 -mbulk-memory -std=c11 -Oz -flto -ffreestanding -nostdlib \
    -DNDEBUG -Wall -Wextra -Werror -I "$here/include" -I "$root/include" \
    "$here"/*.c $(find "$root/src/status" "$root/src/parse" "$root/src/activation" \
    "$root/src/policy" -maxdepth 1 -name '*.c') "$root/src/policy/posix/path.c" \
    "$root/src/cli/plan.c" "$root/src/cli/linux/explain.c" \
    -Wl,--no-entry,--strip-all,--export=__heap_base,--gc-sections,-z,stack-size=16384 \
    -o "$to/sbind.wasm"
chmod 0644 "$to/sbind.wasm"
cp "$here"/sbind.mjs "$here"/sbind.d.mts "$here"/package.json "$here"/README.md \
    "$root"/LICENSE-MIT "$root"/LICENSE-APACHE "$to"
