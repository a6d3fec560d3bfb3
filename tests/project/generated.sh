#!/bin/sh
# generated.sh SOURCE BUILD - is each committed lexer.c what re2c makes from its rules? And does the
# test notice a file that differs?
set -eu
source=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

command -v re2c >/dev/null || {
    echo "skipped: re2c is missing"
    exit 77
}

# differs ROOM FILE
differs() {
    xargs -a "$source/src/re2c.options" re2c "$2" -o "$dir/lexer.c"
    ! cmp -s "$dir/lexer.c" "$source/src/$1/lexer.c"
}

for room in parse activation notify; do
    if differs "$room" "$source/src/$room/lexer.re"; then
        echo "src/$room/lexer.c is not made from lexer.re: build once with re2c"
        exit 1
    fi
    sed 's/DIGIT *= \[0-9\];/DIGIT = [0-8];/' "$source/src/$room/lexer.re" \
        >"$dir/bad.re"
    differs "$room" "$dir/bad.re" || {
        echo "a changed rule of src/$room/lexer.re went unnoticed"
        exit 1
    }
done
