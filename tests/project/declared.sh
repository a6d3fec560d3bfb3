#!/bin/sh
# declared.sh SOURCE LIBRARY NM - does the library have exactly the public functions that the
# headers declare, on each platform?
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

grep -hv '^static inline' "$1"/include/sbind/*.h |
    sed -n 's/^[a-z].*[ *]\(sbind_[a-z0-9_]*\)(.*/\1/p' | sort >"$dir/declared"
"$3" --defined-only "$2" | awk '$2 == "T" && $3 ~ /^sbind_[a-z]/ { print $3 }' |
    sort >"$dir/defined"

# differ ONE OTHER - prints the lines that only one of the two files has
differ() { comm -3 "$1" "$2"; }

differ "$dir/declared" "$dir/defined" >"$dir/found"
if [ -s "$dir/found" ]; then
    echo "declared and not defined, or (indented) the other way round:"
    cat "$dir/found"
    exit 1
fi
sed 1d "$dir/declared" >"$dir/fewer"
[ -n "$(differ "$dir/fewer" "$dir/defined")" ] || {
    echo "a function that is not declared went unnoticed"
    exit 1
}
[ "$(wc -l <"$dir/declared")" -ge 25 ] || {
    echo "the headers have hardly a function"
    exit 1
}
