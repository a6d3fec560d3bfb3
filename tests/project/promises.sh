#!/bin/sh
# shellcheck disable=SC2016 # backticks are Markdown
# promises.sh SOURCE BUILD - does every promise of SECURITY.md have a number of
# its own, and tests that exist, carry the label "promise" and name it in their
# first lines? And is one that does not noticed?
set -eu
source=$1
build=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

ctest --test-dir "$build" -N -L promise |
    sed -n 's/^ *Test *#[0-9]*: //p' >"$dir/tests"
# the tests of Windows are not in this build
for path in "$source"/tests/win32/*_test.* "$source"/tests/win32/calls_complete.py; do
    basename "$path" | sed 's/\.[a-z]*$//' >>"$dir/tests"
done

# Files that a person has written, and not a program.
find "$source/tests" -name '*.c' -o -name '*.h' -o -name '*.py' -o -name '*.sh' \
    -o -name CMakeLists.txt >"$dir/sources"
xargs grep -oHE '\bP[0-9]+\b' <"$dir/sources" | sort -u >"$dir/mentioned"
xargs grep -HE '^.{0,3}Promises: ' <"$dir/sources" >"$dir/heads" || true
sed -nE 's|^.*/([a-z0-9_]+)\.[a-z]+:.*Promises: (.*)$|\1 \2|p' "$dir/heads" |
    while read -r name numbers; do
        printf '%s\n' "$numbers" | grep -oE 'P[0-9]+' | sed "s/\$/ $name/"
    done | sort -u >"$dir/named"

# rows FILE: the table without its head
rows() { sed -n '/^| number | promise/,/^$/p' "$1" | sed 1,2d | grep .; }

# unnumbered FILE - prints each row without a number, and each row whose number is not higher than
# the number of the row before
unnumbered() {
    rows "$1" | awk -F'|' '
        { number = $2; gsub(/ /, "", number) }
        number !~ /^P[1-9][0-9]*$/ { print "no number: " $0; next }
        { value = substr(number, 2) + 0 }
        value <= last { print number " comes after P" last }
        { last = value }'
}

# pairs FILE: "NUMBER TEST", a line each
pairs() {
    rows "$1" | while IFS='|' read -r _ number _ shown; do
        printf '%s\n' "$shown" | grep -oE '`[a-z0-9_]+`' | tr -d '`' |
            sed "s/^/$(echo "$number" | tr -d ' ') /"
    done | sort -u
}

# unshown FILE - prints promises without a test, and names of tests that do not
# exist
unshown() {
    rows "$1" | grep -vE '`[a-z0-9_]+`.*\|$' | sed 's/^/no test: /' || true
    pairs "$1" | while read -r number name; do
        grep -qx "$name" "$dir/tests" ||
            echo "$number: $name is no test of a promise"
    done
}

# has_source NAME - succeeds if a person has written this file
has_source() { grep -qE "/$1\.[a-z]+\$" "$dir/sources"; }

# disagreeing FILE - prints tests whose first lines name other promises than the
# table
disagreeing() {
    pairs "$1" >"$dir/pairs"
    comm -23 "$dir/pairs" "$dir/named" | while read -r number name; do
        ! has_source "$name" || echo "$name does not say \"Promises: $number\""
    done
    comm -13 "$dir/pairs" "$dir/named" | while read -r number name; do
        echo "$name says $number, whose row does not name it"
    done
}

# unknown FILE - prints numbers in tests that the table does not have
unknown() {
    rows "$1" | awk -F'|' '{ gsub(/ /, "", $2); print $2 }' >"$dir/numbers"
    while IFS=: read -r path number; do
        grep -qx "$number" "$dir/numbers" ||
            echo "$path names $number, which is no promise"
    done <"$dir/mentioned"
}

wrong() { unnumbered "$1"; unshown "$1"; disagreeing "$1"; unknown "$1"; }

wrong "$source/SECURITY.md" >"$dir/found"
if [ -s "$dir/found" ]; then
    cat "$dir/found"
    exit 1
fi
[ "$(rows "$source/SECURITY.md" | wc -l)" -ge 41 ] || {
    echo "only $(rows "$source/SECURITY.md" | wc -l) promises were found"
    exit 1
}

# unnoticed WHAT QUESTION EDIT - requires that the question finds something
# after the edit
unnoticed() {
    sed "$3" "$source/SECURITY.md" >"$dir/bad.md"
    [ -n "$("$2" "$dir/bad.md")" ] || { echo "$1 went unnoticed"; exit 1; }
}

unnoticed "a promise without its test" unshown 's/`privileged_test`/nothing/'
unnoticed "a test that is none" unshown 's/`privileged_test`/`privilege_test`/'
unnoticed "a row without a number" unnumbered 's/^| P2 |/| |/'
unnoticed "a number that two have" unnumbered 's/^| P3 |/| P2 |/'
unnoticed "a test that does not name its promise" disagreeing \
    '/^| P23 |/s/|$/`race_test` |/'
unnoticed "a promise that does not name its test" disagreeing \
    '/^| P23 |/s/`privileged_test`/`prove`/'
unnoticed "a number that no promise has" unknown '/^| P23 |/d'
