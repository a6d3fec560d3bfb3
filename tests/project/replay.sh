#!/bin/sh
# replay.sh SOURCE BUILD - if a replay crashes, does it keep the input, and say how to repeat the
# crash?
set -eu
source=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cat >"$dir/fuzz_target.c" <<'END'
#include "fuzz.h"
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *copy = fuzz_copy(data, size);
    CHECK(size == 0 || copy[0] != 'c');         /* a check */
    if (size > 0 && copy[0] == 'r')
        printf("%c", copy[size]);               /* a sanitizer */
    if (size > 0 && copy[0] == 'z')
        return *(volatile int *)(uintptr_t)size; /* a signal */
    fuzz_free(copy);
    return 0;
}
END
printf '616263\n7a0102\n00\n' >"$dir/z.hex"
printf '616263\n636465\n00\n' >"$dir/c.hex"
printf '616263\n72\n00\n' >"$dir/r.hex"
printf '616263\n00\n' >"$dir/good.hex"
printf 'z\001\002' >"$dir/z"
printf 'cde' >"$dir/c"
printf 'r' >"$dir/r"

fail() {
    echo "$*:"
    cat "$dir/said"
    exit 1
}

# kept NAME - requires that the replay of NAME.hex crashes, and that the input
# which it has kept crashes it again
kept() {
    ! "$dir/replay" "$dir/$1.hex" >"$dir/said" 2>&1 || fail "$1 went unnoticed"
    again=$(sed -n 's/^reproduce: //p' "$dir/said")
    [ -n "$again" ] || fail "no command shows $1 again"
    cmp -s "$dir/replay.failed" "$dir/$1" || fail "$1 was not kept"
    ! $again >"$dir/said" 2>&1 || fail "$again shows nothing"
    rm "$dir/replay.failed"
}

build() {
    cc -std=c11 -g "$@" -I "$source/fuzz" "$dir/fuzz_target.c" \
        "$source/fuzz/replay.c" -o "$dir/replay"
    "$dir/replay" "$dir/good.hex" >"$dir/said" 2>&1 || fail "a good one fails"
    [ ! -e "$dir/replay.failed" ] || fail "a good one is kept"
}

build
kept c
kept z
build -fsanitize=address
kept c
kept z
kept r
