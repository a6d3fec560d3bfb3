#!/bin/sh
# hardened.sh SOURCE BUILD - are the shared library and the command linked so
# that an overwritten pointer or a writable stack is of less use to an attacker?
# Promises: P41
set -eu
source=$1
build=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

quietly() { "$@" >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }; }

dynamic() { readelf -W --dynamic "$1"; }
segments() { readelf -W --segments "$1"; }

# weak FILE: what it lacks, a line each
weak() {
    dynamic "$1" | grep -q '(FLAGS) .*BIND_NOW' || echo "-z now"
    dynamic "$1" | grep -q '(TEXTREL)' && echo "code that is never written"
    segments "$1" | grep -q '^ *GNU_RELRO ' || echo "-z relro"
    segments "$1" | grep -qE '^ *GNU_STACK .* RW +0x' ||
        echo "-z noexecstack"
    case $1 in
    *.so*) ;;
    *) dynamic "$1" | grep -q '(FLAGS_1) .* PIE' || echo "-pie" ;;
    esac
}

# unmarked ARCHIVE: the number of its objects without IBT and SHSTK. Linkers
# mark a file only if every object is marked, those of the C library too.
unmarked() {
    readelf --notes "$1" 2>/dev/null | awk '
        /^File: / { files++ }
        /x86 feature: IBT, SHSTK/ { marked++ }
        END { print files - marked }'
}

expect_strong() {
    weak "$1" >"$dir/found"
    [ ! -s "$dir/found" ] || {
        echo "$(basename "$1") lacks:"
        cat "$dir/found"
        exit 1
    }
}

# The known-bad files, so that this test is known to be able to fail.
cat >"$dir/bad.c" <<'END'
int table(void), (*entry)(void) = table;
int main(void) { return entry() + table(); }
int table(void) { return 0; }
END
loose="-Wl,-z,lazy,-z,norelro,-z,execstack"
quietly cc -shared -fPIC "$dir/bad.c" $loose -o "$dir/bad.so"
quietly cc -no-pie "$dir/bad.c" $loose -o "$dir/bad"
weak "$dir/bad.so" >"$dir/found"
weak "$dir/bad" >>"$dir/found"
[ "$(wc -l <"$dir/found")" = 7 ] || {
    echo "files that lack everything went unnoticed; this was found:"
    cat "$dir/found"
    exit 1
}

quietly cmake -S "$source" -B "$dir/shared" -DBUILD_SHARED_LIBS=ON \
    -DSBIND_BUILD_TESTS=OFF -DSBIND_BUILD_EXAMPLES=OFF
quietly cmake --build "$dir/shared" --target sbind
expect_strong "$dir/shared/libsbind.so"
expect_strong "$build/sbind"

if grep -q '^SBIND_HAS_CF_PROTECTION:INTERNAL=1' "$build/CMakeCache.txt" &&
    [ "$(uname -m)" = x86_64 ]; then
    quietly cc -c -fcf-protection=none "$dir/bad.c" -o "$dir/bad.o"
    quietly ar rc "$dir/bad.a" "$dir/bad.o"
    [ "$(unmarked "$dir/bad.a")" = 1 ] || {
        echo "an object without IBT and SHSTK went unnoticed"
        exit 1
    }
    [ "$(unmarked "$build/libsbind.a")" = 0 ] || {
        echo "objects of libsbind.a lack IBT and SHSTK"
        exit 1
    }
fi
