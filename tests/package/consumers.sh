#!/bin/sh
# consumers.sh SOURCE PLACE - can other projects use what is installed in PLACE/usr? Each project is
# built outside this tree. Its program runs, and prints what the test expects. The projects use
# CMake, make and pkg-config, meson and autotools, are C11 and C++17, and link the shared library or
# the static one. Some have sbind as a part of their own tree. The last project is for a system on
# which the library can only parse and print addresses.
set -eu
source=$1
usr=$2/usr
consumers=$source/tests/package/consumers
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() { echo "$*"; exit 1; }
quietly() { "$@" >"$dir/log" 2>&1 || { cat "$dir/log"; fail "failed: $*"; }; }

# outside PROJECT - copies a project, with its program, to a place outside this
# tree
outside() {
    cp -r "$consumers/$1" "$dir/$1"
    cp "$consumers"/*.c "$dir/$1"
    cd "$dir/$1"
}

expect_said() { # PROGRAM
    "$1" >"$dir/said" || fail "$1: exit status $?"
    diff "$consumers/expected.txt" "$dir/said" || fail "$1 says something else"
}

version=$("$usr/bin/sbind" --version)
version=${version#sbind }
PKG_CONFIG_PATH=$usr/lib/pkgconfig
LD_LIBRARY_PATH=$usr/lib
export PKG_CONFIG_PATH LD_LIBRARY_PATH
[ "$(pkg-config --modversion sbind)" = "$version" ] ||
    fail "pkg-config knows another version"

# ---- With what is installed ---------------------------------------------------------

with_cmake() {
    outside cmake
    quietly cmake -B build -DCMAKE_PREFIX_PATH="$usr" \
        -DEXPECTED_VERSION="$version"
    quietly cmake --build build
    for program in consumer shared static cxx; do
        expect_said "build/$program"
    done
    quietly build/reader
    readelf -d build/shared | grep -q 'NEEDED.*libsbind.so.0' ||
        fail "sbind::shared is not shared"
    ! readelf -d build/static | grep -q libsbind || fail "sbind::static is shared"
    sed 's/sbind 0.1/sbind 0.2/' CMakeLists.txt >"$dir/cmake-other"
    mkdir other
    mv "$dir/cmake-other" other/CMakeLists.txt
    ! cmake -S other -B other/build -DCMAKE_PREFIX_PATH="$usr" >"$dir/log" 2>&1 ||
        fail "a newer version than there is was found"
}

with_make() {
    outside make
    quietly make
    expect_said ./consumer
    quietly ./who
    quietly c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -x c++ who.c \
        -I "$usr/include" -L "$usr/lib" -lsbind -o who_cxx
    quietly ./who_cxx
}

with_meson() {
    outside meson
    quietly meson setup build
    quietly ninja -C build
    expect_said build/consumer
}

with_autotools() {
    outside autotools
    quietly autoreconf --install
    quietly ./configure
    quietly make
    expect_said ./consumer
}

# ---- As a part of another project ------------------------------------------------------

# installed DESTINATION - lists the files that the parent project installs
installed() { (cd "$1" && find . -type f | sort); }

with_fetch() {
    outside fetch
    echo "of the parent" >README.md
    quietly cmake -B build -DSBIND_SOURCE="$source" -DCMAKE_BUILD_TYPE=Debug
    quietly cmake --build build -j 2
    expect_said build/consumer
    quietly cmake --install build --prefix "$dir/parent"
    printf './bin/consumer\n./share/doc/parent/README.md\n' >"$dir/wanted"
    installed "$dir/parent" >"$dir/found"
    diff "$dir/wanted" "$dir/found" || fail "a parent installs what is ours"
    ! grep -qE '^(BUILD_SHARED_LIBS|BUILD_TESTING)' build/CMakeCache.txt ||
        fail "options of the parent are set"
    [ ! -e build/_deps/sbind-build/sbind ] || fail "the command was built"

    quietly cmake build -DSBIND_INSTALL=ON
    quietly cmake --build build -j 2
    quietly cmake --install build --prefix "$dir/both"
    installed "$dir/both" | grep '^./share/doc/parent' >"$dir/found"
    [ "$(cat "$dir/found")" = ./share/doc/parent/README.md ] ||
        fail "documents of ours are among the parent's: $(cat "$dir/found")"
    [ -f "$dir/both/share/doc/sbind/README.md" ] || fail "documents are missing"
}

# ---- Elsewhere -------------------------------------------------------------------------

elsewhere() {
    quietly cmake -S "$source" -B "$dir/other" -DCMAKE_SYSTEM_NAME=FreeBSD
    quietly cmake --build "$dir/other"
    quietly cmake --install "$dir/other" --prefix "$dir/other-usr"
    [ -n "$(find "$dir/other-usr" -name libsbind_parse.a)" ] ||
        fail "sbind::parse is not for every system"
}

headers() {
    for header in "$usr"/include/sbind/*.h; do
        quietly c++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only -x c++ \
            -I "$usr/include" "$header"
    done
}

# The test notices a program that prints something else.
(outside make && sed -i 's/listens/hears/' consumer.c && quietly make consumer)
! (expect_said "$dir/make/consumer") >/dev/null || fail "another text went unnoticed"
rm -r "$dir/make"

for each in ${3:-with_cmake with_make with_meson with_autotools with_fetch elsewhere headers}; do
    ("$each")
done
