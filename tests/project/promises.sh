#!/bin/sh
# shellcheck disable=SC2016 # backticks are Markdown
# promises.sh SOURCE BUILD - is every promise of SECURITY.md shown by tests that
# exist and carry the label "promise"? And is one that is not noticed?
set -eu
source=$1
build=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

ctest --test-dir "$build" -N -L promise |
    sed -n 's/^ *Test *#[0-9]*: //p' >"$dir/tests"
# the tests of Windows belong to another build
for path in "$source"/tests/win32/*_test.* "$source"/tests/win32/calls_complete.py; do
    basename "$path" | sed 's/\.[a-z]*$//' >>"$dir/tests"
done

# unshown FILE: rows of the table without a test, and names that are no test
unshown() {
    sed -n '/^| promise/,/^$/s/^| \([^|]*[^-| ][^|]*\) | \(.*\) |$/\2/p' "$1" |
        sed 1d | while read -r row; do
        names=$(printf '%s\n' "$row" | grep -oE '`[a-z0-9_]+`' | tr -d '`')
        [ -n "$names" ] || echo "no test: $row"
        for name in $names; do
            grep -qx "$name" "$dir/tests" || echo "$name is no test of a promise"
        done
    done
}

unshown "$source/SECURITY.md" >"$dir/found"
if [ -s "$dir/found" ]; then
    cat "$dir/found"
    exit 1
fi
rows=$(sed -n '/^| promise/,/^$/p' "$source/SECURITY.md" | grep -c '`')
[ "$rows" -ge 25 ] || { echo "only $rows promises were found"; exit 1; }

sed 's/`unix_fault_test`/nothing/; s/`privileged_test`/`privilege_test`/' \
    "$source/SECURITY.md" >"$dir/bad.md"
[ "$(unshown "$dir/bad.md" | wc -l)" -ge 2 ] || {
    echo "a promise without its test went unnoticed"
    exit 1
}
