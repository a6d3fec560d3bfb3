#!/bin/sh
# diagrams.sh SOURCE BUILD - do the diagrams show the grammar as it is? And does the test notice a
# diagram that differs?
set -eu
source=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Debian's module belongs to Debian's interpreter.
/usr/bin/python3 -c 'import railroad' 2>/dev/null || {
    echo "skipped: python3-railroad-diagrams is missing"
    exit 77
}

cp -R "$source/grammar" "$dir/grammar"
draw="/usr/bin/python3 -B $source/grammar/diagrams.py --check $dir"
$draw
sed -i 's/^h16  *= 1\*4HEXDIG/h16 = 1*3HEXDIG/' "$dir/grammar/sbind.abnf"
if $draw >/dev/null; then
    echo "a changed rule went unnoticed"
    exit 1
fi
