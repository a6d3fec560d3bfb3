#!/bin/sh
# replay.sh - runs every target over its corpus, without an engine. It reads CC,
# CFLAGS and so on from the environment, like build.sh. It makes the corpora in
# the folder CORPUS, or else in a temporary folder. It writes nothing to the
# folder of the sources.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2086 # several flags
${CC:-clang} ${CFLAGS:-} -std=c11 -c fuzz/replay.c -o "$work/replay.o"
LIB_FUZZING_ENGINE=$work/replay.o OUT=$work/out WORK=$work/objects NO_SEEDS=1 \
    fuzz/build.sh
: "${CORPUS:=$work/corpus}"
python3 -B corpus/make.py --hex "$CORPUS"
for program in "$work"/out/fuzz_*; do
    "$program" "$CORPUS/${program##*/fuzz_}.hex"
done
