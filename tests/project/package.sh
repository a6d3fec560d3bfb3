#!/bin/sh
# package.sh SOURCE BUILD - can another project use what is installed, with
# CMake, with pkg-config, and from C++? Has a system on which nothing can be opened
# yet what needs none?
set -eu
source=$1
build=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

quietly() { "$@" >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }; }

quietly cmake --install "$build" --prefix "$dir/usr"
for file in bin/sbind include/sbind/sbind.h share/man/man1/sbind.1; do
    [ -f "$dir/usr/$file" ] || { echo "$file is not installed"; exit 1; }
done

# A sanitized library is for its own tests; others cannot link it.
if grep -q '^SBIND_SANITIZE:STRING=.' "$build/CMakeCache.txt"; then
    exit 0
fi

quietly cmake -S "$source/tests/project/consumer" -B "$dir/cmake" \
    -DCMAKE_PREFIX_PATH="$dir/usr"
quietly cmake --build "$dir/cmake"
quietly "$dir/cmake/consumer"
quietly "$dir/cmake/reader"

pc=$(find "$dir/usr" -name sbind.pc)
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
flags=$(pkg-config --cflags --libs sbind)
# shellcheck disable=SC2086 # the flags are several words
quietly cc -std=c11 "$source/tests/project/consumer/consumer.c" $flags \
    -o "$dir/by-pkg-config"
quietly "$dir/by-pkg-config"
for compiler in "cc -std=c11" "c++ -std=c++17 -x c++"; do
    # shellcheck disable=SC2086
    quietly $compiler -Wall -Wextra -Wpedantic -Werror \
        "$source/tests/project/consumer/who.c" -x none $flags -o "$dir/who"
    quietly "$dir/who"
done

quietly cmake -S "$source" -B "$dir/other" -DCMAKE_SYSTEM_NAME=FreeBSD
quietly cmake --build "$dir/other"
quietly cmake --install "$dir/other" --prefix "$dir/other-usr"
[ -n "$(find "$dir/other-usr" -name libsbind_parse.a)" ] || {
    echo "sbind::parse is not for every system"
    exit 1
}

for header in "$dir"/usr/include/sbind/*.h; do
    quietly c++ -Wall -Wextra -Werror -fsyntax-only -x c++ -I "$dir/usr/include" \
        "$header"
done
