#!/bin/sh
# exports.sh SOURCE PLACE - does cmake/sbind.map have the functions that the headers
# declare? Does the shared library show exactly these functions, each with its
# version?
set -eu
source=$1
place=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# prints NAME@VERSION for each function in the map
listed() {
    awk '/^SBIND_[0-9.]+ \{/ { version = $1 }
         /^ +sbind_[a-z0-9_]+;/ { sub(/;/, "", $1); print $1 "@" version }' "$1" | sort
}

# prints NAME@VERSION for each function in the library. Absolute symbols are left out, because they
# are the versions themselves.
shown() {
    nm -D --defined-only "$1" | awk '$2 != "A" { sub(/@@/, "@", $3); print $3 }' | sort
}

listed "$source/cmake/sbind.map" >"$dir/listed"
[ "$(wc -l <"$dir/listed")" -ge 49 ] || { echo "the map has hardly a function"; exit 1; }
grep -hv '^static inline' "$source"/include/sbind/*.h |
    sed -n 's/^[a-z].*[ *]\(sbind_[a-z0-9_]*\)(.*/\1/p' | sort >"$dir/declared"
sed 's/@.*//' "$dir/listed" | sort | comm -3 "$dir/declared" - >"$dir/found"
[ ! -s "$dir/found" ] || {
    echo "declared and not in cmake/sbind.map, or (indented) the other way round:"
    cat "$dir/found"
    exit 1
}
shown "$place/usr/lib/libsbind.so" >"$dir/shown"
comm -3 "$dir/listed" "$dir/shown" >"$dir/found"
[ ! -s "$dir/found" ] || {
    echo "in cmake/sbind.map and not in the library, or (indented) the other way round:"
    cat "$dir/found"
    exit 1
}
[ "$(readelf -d "$place/usr/lib/libsbind.so" | grep -c 'SONAME.*\[libsbind.so.0\]')" = 1 ]


# The Debian package has the same list.
sed -n 's/^ \(sbind_[a-z0-9_]*@SBIND_[0-9.]*\) .*/\1/p' \
    "$source/packaging/debian/libsbind0.symbols" | sort | diff "$dir/listed" - || {
    echo "packaging/debian/libsbind0.symbols differs from cmake/sbind.map"
    exit 1
}

# A library without the map shows every function, without versions.
cc -shared -o "$dir/bad.so" -Wl,--whole-archive "$place/usr/lib/libsbind.a" \
    -Wl,--no-whole-archive
shown "$dir/bad.so" >"$dir/shown"
[ "$(comm -13 "$dir/listed" "$dir/shown" | grep -c '^sbind__')" -ge 10 ] ||
    { echo "functions that are not public went unnoticed"; exit 1; }
[ "$(comm -23 "$dir/listed" "$dir/shown" | wc -l)" = "$(wc -l <"$dir/listed")" ] ||
    { echo "functions without a version went unnoticed"; exit 1; }
