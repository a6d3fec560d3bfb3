#!/bin/sh
# abi.sh SOURCE PLACE [--write] - can a program that was linked with the library in cmake/sbind.abi
# use this library? And does the test notice a library that such a program cannot use? With --write,
# cmake/sbind.abi describes this library from now on.
set -eu
source=$1
place=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

command -v abidiff >/dev/null || {
    echo "skipped: abigail-tools is missing"
    exit 77
}
[ "$(uname -m)" = x86_64 ] || {
    echo "skipped: cmake/sbind.abi is that of x86_64"
    exit 77
}
abi=$source/cmake/sbind.abi
if [ "${3:-}" = --write ]; then
    abidw --no-corpus-path --no-comp-dir-path \
        --no-show-locs "$place/build/libsbind.so" |
        sed "s|path='$source/|path='|" >"$abi"
    exit
fi

# Prints what LIBRARY changes. Fails if there is any change. Private types do not show, because
# public functions have plain values only.
changed() { abidiff "$abi" "$1"; }

changed "$place/build/libsbind.so" || {
    echo "the binary interface has changed; if it is meant to: ./dev abi"
    exit 1
}

# expect_noticed WHAT SED FILE - edits a public header, and requires that the
# change of the library is noticed
expect_noticed() {
    rm -rf "$dir/tree"
    mkdir "$dir/tree"
    cp -r "$source/include" "$source/src" "$dir/tree"
    sed -i "$2" "$dir/tree/include/sbind/$3"
    cmp -s "$source/include/sbind/$3" "$dir/tree/include/sbind/$3" && {
        echo "the edit changed nothing: $1"
        exit 1
    }
    find "$dir/tree/src" -name '*.c' ! -path '*/win32/*' ! -path '*/portable/*' ! -path '*/macos/*' \
        ! -path '*/cli/*' -exec \
        cc -std=c11 -g -shared -fPIC -I "$dir/tree/include" -o "$dir/bad.so" \
        -Wl,--version-script="$source/cmake/sbind.map",-soname,libsbind.so.0 {} +
    ! changed "$dir/bad.so" >"$dir/log" || {
        echo "this went unnoticed: $1"
        exit 1
    }
    grep -q "$1" "$dir/log" || {
        cat "$dir/log"
        echo "not named: $1"
        exit 1
    }
}

expect_noticed "type size changed" 's/^    uint8_t ip\[16\];/    uint8_t ip[20];/' parse.h
