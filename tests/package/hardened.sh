#!/bin/sh
# hardened.sh SOURCE PLACE [TYPE...] - are the libraries and the command hardened, so that an
# overwritten pointer, a full buffer or a writable stack is of less use to an attacker? The test
# looks at the files in PLACE/build, and at builds of each TYPE of CMake.
# Promises: P41
set -eu
source=$1
place=$2
shift 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

quietly() { "$@" >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }; }

dynamic() { readelf -W --dynamic "$1"; }
segments() { readelf -W --segments "$1"; }
calls() { nm -D --undefined-only "$1" | grep -qE " $2(@|$)"; }

# weak FILE TYPE - prints a line for each protection that FILE lacks. A Debug build has no
# optimisation, so its functions cannot be fortified.
weak() {
    dynamic "$1" | grep -q '(FLAGS) .*BIND_NOW' || echo "-z now"
    dynamic "$1" | grep -q '(TEXTREL)' && echo "code that is never written"
    segments "$1" | grep -q '^ *GNU_RELRO ' || echo "-z relro"
    segments "$1" | grep -qE '^ *GNU_STACK .* RW +0x' ||
        echo "-z noexecstack"
    calls "$1" __stack_chk_fail || echo "-fstack-protector-strong"
    [ "$2" = Debug ] || calls "$1" '__mem(cpy|move)_chk' || echo "_FORTIFY_SOURCE"
    case $1 in
    *.so*) ;;
    *) dynamic "$1" | grep -q '(FLAGS_1) .* PIE' || echo "-pie" ;;
    esac
}

# unmarked ARCHIVE - prints how many objects in ARCHIVE lack IBT and SHSTK. Linkers mark a program
# only if every object is marked, including those of the C library.
unmarked() {
    readelf --notes "$1" 2>/dev/null | awk '
        /^File: / { files++ }
        /x86 feature: IBT, SHSTK/ { marked++ }
        END { print files - marked }'
}

expect_strong() {
    weak "$1" "$2" >"$dir/found"
    [ ! -s "$dir/found" ] || {
        echo "$(basename "$1") of the build type $2 lacks:"
        cat "$dir/found"
        exit 1
    }
}

# judge BUILD TYPE
judge() {
    expect_strong "$1/libsbind.so" "$2"
    expect_strong "$1/sbind" "$2"
    [ "$(uname -m)" = x86_64 ] || return 0
    grep -q '^SBIND_HAS_FCF_PROTECTION:INTERNAL=1' "$1/CMakeCache.txt" || {
        echo "this compiler has no -fcf-protection"
        return 0
    }
    [ "$(unmarked "$1/libsbind_parse.a")" = 0 ] || {
        echo "objects of libsbind_parse.a of the build type $2 lack IBT and SHSTK"
        exit 1
    }
}

# Known-bad files show that this test can fail.
cat >"$dir/bad.c" <<'EOF'
#include <string.h>
int table(void), (*entry)(void) = table;
int main(int argc, char **argv)
{
    char text[16];
    memcpy(text, argv[0], (unsigned)argc);
    return entry() + table() + text[argc];
}
int table(void) { return 0; }
EOF
loose="-Wl,-z,lazy,-z,norelro,-z,execstack -fno-stack-protector -U_FORTIFY_SOURCE"
# shellcheck disable=SC2086 # several words
quietly cc -shared -fPIC "$dir/bad.c" $loose -o "$dir/bad.so"
# shellcheck disable=SC2086
quietly cc -no-pie "$dir/bad.c" $loose -o "$dir/bad"
weak "$dir/bad.so" Release >"$dir/found"
weak "$dir/bad" Release >>"$dir/found"
[ "$(wc -l <"$dir/found")" = 11 ] || {
    echo "files that lack everything went unnoticed; this was found:"
    cat "$dir/found"
    exit 1
}
if [ "$(uname -m)" = x86_64 ]; then
    quietly cc -c -fcf-protection=none "$dir/bad.c" -o "$dir/bad.o"
    quietly ar rc "$dir/bad.a" "$dir/bad.o"
    [ "$(unmarked "$dir/bad.a")" = 1 ] || {
        echo "an object without IBT and SHSTK went unnoticed"
        exit 1
    }
fi

judge "$place/build" Release
for type in "$@"; do
    quietly cmake -S "$source" -B "$dir/$type" -DBUILD_SHARED_LIBS=ON \
        -DSBIND_BUILD_TESTS=OFF -DSBIND_BUILD_EXAMPLES=OFF \
        -DCMAKE_BUILD_TYPE="$type" \
        -DCMAKE_C_FLAGS="$([ "$type" != None ] || echo -Os)"
    quietly cmake --build "$dir/$type" -j 2
    judge "$dir/$type" "$type"
done
echo "hardened: Release $*"
