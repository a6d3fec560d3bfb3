#!/bin/sh
# tests.sh - runs the unit tests, and every target over its corpus. OSS-Fuzz
# calls the script to learn whether a change has broken the sources. The script
# needs cmake, cmocka and jansson. It writes nothing to the folder of the
# sources.
set -eu
cd "$(dirname "$0")/.."
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
# The unit tests are built without an engine and without sanitizers, because
# cmocka and jansson are built without them.
env -u CFLAGS -u CXXFLAGS cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Debug \
    -DSBIND_BUILD_TESTS=ON -DSBIND_BUILD_EXAMPLES=OFF
env -u CFLAGS -u CXXFLAGS cmake --build "$build" -j "$(nproc)"
# Targets are replayed below, from a corpus that is not in the tree.
ctest --test-dir "$build" --no-tests=error -L '^unit$' -E '^(corpus|replay_)' \
    -j "$(nproc)" --output-on-failure
fuzz/replay.sh
