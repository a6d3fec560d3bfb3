#!/bin/bash -eu
# run_tests.sh - runs every target over its corpus in the image of OSS-Fuzz,
# which has no cmocka; the tests themselves are ./dev test. CORPUS is where they
# are made, unless they are there.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2086 # several flags
$CC $CFLAGS -std=c11 -c fuzz/replay.c -o "$work/replay.o"
LIB_FUZZING_ENGINE=$work/replay.o OUT=$work/out WORK=$work/objects NO_SEEDS=1 \
    fuzz/build.sh
: "${CORPUS:=$work/corpus}"
python3 -B corpus/make.py --hex "$CORPUS"
for program in "$work"/out/fuzz_*; do
    "$program" "$CORPUS/${program##*/fuzz_}.hex"
done
