#!/bin/sh
# tests.sh - runs the unit tests, and every target over its corpus. OSS-Fuzz calls
# it to learn whether a change of the sources broke them. It needs cmake, cmocka and
# jansson, and writes nothing to the tree.
set -eu
cd "$(dirname "$0")/.."
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
# The unit tests are built without an engine and without sanitizers: their
# libraries are built without them.
env -u CFLAGS -u CXXFLAGS cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Debug \
    -DSBIND_BUILD_TESTS=ON -DSBIND_BUILD_EXAMPLES=OFF
env -u CFLAGS -u CXXFLAGS cmake --build "$build" -j "$(nproc)"
# Targets are replayed below, from a corpus that is not in the tree.
ctest --test-dir "$build" --no-tests=error -L '^unit$' -E '^(corpus|replay_)' \
    -j "$(nproc)" --output-on-failure
fuzz/replay.sh
