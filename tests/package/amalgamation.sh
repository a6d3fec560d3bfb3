#!/bin/sh
# amalgamation.sh SOURCE PLACE - are the two files that packaging/amalgamate.py makes
# the whole library? They have to compile without a warning, have the functions of
# the library, make its system calls, and answer every vector.
set -eu
source=$1
build=$2/build
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail() { echo "$*"; exit 1; }
quietly() { "$@" >"$dir/log" 2>&1 || { cat "$dir/log"; fail "failed: $*"; }; }

quietly python3 -B "$source/packaging/amalgamate.py" made
quietly python3 -B "$source/packaging/amalgamate.py" again
quietly diff -r made again

# ---- Compilers -----------------------------------------------------------------------

strict="-std=c11 -Wall -Wextra -Wpedantic -Werror"
for compiler in gcc clang x86_64-w64-mingw32-gcc; do
    command -v "$compiler" >/dev/null || continue
    optimise=-O0
    [ "$compiler" != gcc ] || optimise=-O1
    for name in sbind sbind_parse; do
        # shellcheck disable=SC2086 # several words
        quietly "$compiler" $strict "$optimise" -c "made/$name.c" -o "$compiler-$name.o"
    done
done
for name in sbind sbind_parse; do
    quietly c++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only -x c++ "made/$name.h"
done

# ---- Symbols -------------------------------------------------------------------------

symbols() { nm --defined-only "$1" | awk '$2 ~ /^[A-Z]$/ { print $3 }' | sort; }

# Some functions of glibc are called only because of optimisation or hardening. The test leaves
# these out.
calls() {
    symbols "$1" >"$dir/own"
    nm -u "$1" | awk '$1 == "U" { print $2 }' | sort -u | comm -23 - "$dir/own" |
        sed -E 's/^__(.*)_(chk|2)$/\1/' | grep -vE '^_GLOBAL_|^__stack_chk|^(mem(cpy|move|set)|bcmp)$' |
        sort -u
}

# compare OBJECT LIBRARY
compare() {
    symbols "$2" >library
    symbols "$1" >object
    diff library object >found || return 1
    calls "$2" >library
    calls "$1" >object
    diff library object >found
}

for name in sbind sbind_parse; do
    compare "gcc-$name.o" "$build/lib$name.a" ||
        fail "$name.c is not lib$name.a: $(cat found)"
done
! compare gcc-sbind.o "$build/libsbind_parse.a" || fail "another library goes unnoticed"

# ---- Answers --------------------------------------------------------------------------

# command OBJECT... - links the command with these objects in place of the
# library
command() {
    # shellcheck disable=SC2046 # the names have no blanks
    quietly cc -I "$source/include" -o command -Wl,-Map=map \
        $(find "$source/src/cli" -name '*.c' ! -path '*/win32/*' ! -path '*/macos/*') "$@" -lpthread
}

answer() { # TIER...
    for tier in "$@"; do
        python3 -B "$source/conformance/run.py" --tier "$tier" -- \
            "$dir/command" adapter >answers 2>&1 || return 1
    done
}

command gcc-sbind.o
answer named boundary || { cat answers; fail "sbind.c answers wrongly"; }
# Only the part that opens addresses is compared with the library.
command gcc-sbind_parse.o "$build/libsbind.a"
! grep -qE 'libsbind.a\((parse|format|limits|refuse|report|writer)\.c\.o\)$' map ||
    fail "the library took the place of sbind_parse.c"
answer named boundary || { cat answers; fail "sbind_parse.c answers wrongly"; }

sed 's/? "unix"/? "unjx"/' made/sbind.c >made/bad.c
quietly cc -std=c11 -I made -c made/bad.c -o bad.o
command bad.o
! answer named || fail "another scheme goes unnoticed"

# The unit test puts each text before a page that cannot be read.
# shellcheck disable=SC2046
quietly cc -I "$source/include" -o vectors_test \
    -DSBIND_VECTORS_DIR="\"$source/conformance/vectors\"" \
    -DSBIND_COMPLETE="\"$source/conformance/complete.json\"" \
    "$source/tests/unit/vectors_test.c" gcc-sbind.o \
    $(pkg-config --cflags --libs cmocka jansson)
quietly ./vectors_test

# ---- A project that has copied them ------------------------------------------------------

mkdir project
cp made/sbind.c made/sbind.h project
sed 's|<sbind/sbind.h>|"sbind.h"|' "$source/tests/package/consumers/consumer.c" \
    >project/consumer.c
quietly cc -std=c11 -Wall -Wextra -Werror project/*.c -o consumer
./consumer >said
diff "$source/tests/package/consumers/expected.txt" said
