#!/bin/sh
# packages.sh FOLDER TOOLCHAIN - builds cmocka and jansson in FOLDER from Debian's source
# packages, with this toolchain file of CMake. Does nothing if they are already there.
set -eu
to=$1
toolchain=$2
[ ! -e "$to/complete" ] || exit 0
rm -rf "$to"
mkdir -p "$to/apt/parts" "$to/apt/lists/partial" "$to/apt/cache" "$to/source"
cd "$to/source"

# apt gets the source packages from the servers that this machine uses for its packages. apt keeps
# its lists in FOLDER, so that the lists of this machine stay as they are.
apt_get() {
    apt-get -q -o Dir::Etc::SourceList=/dev/null \
        -o Dir::Etc::SourceParts="$to/apt/parts" \
        -o Dir::State::Lists="$to/apt/lists" -o Dir::Cache="$to/apt/cache" \
        -o APT::Sandbox::User=root "$@"
}
for list in /etc/apt/sources.list.d/*.sources; do
    ! grep -qs debian-archive-keyring "$list" ||
        sed 's/^Types:.*/Types: deb-src/' "$list" >"$to/apt/parts/$(basename "$list")"
done
sed -n 's/^deb \(.*debian.*\)/deb-src \1/p' /etc/apt/sources.list \
    >"$to/apt/parts/debian.list" 2>/dev/null || true
apt_get update
apt_get source --download-only cmocka jansson

# build NAME CMAKE_OPTION...
build() {
    name=$1
    shift
    tar xf "$name"_*.orig.tar.*[!c]
    cmake -S "$name"-* -B "$name" -DCMAKE_TOOLCHAIN_FILE="$toolchain" \
        -DCMAKE_INSTALL_PREFIX="$to" -DCMAKE_INSTALL_LIBDIR=lib \
        -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
        -DCMAKE_C_FLAGS="-D_GNU_SOURCE -w" "$@"
    cmake --build "$name" -j 2
    cmake --install "$name"
}
build cmocka -DWITH_STATIC_LIB=ON -DUNIT_TESTING=OFF -DWITH_EXAMPLES=OFF &
cmocka=$!
build jansson -DJANSSON_BUILD_DOCS=OFF -DJANSSON_WITHOUT_TESTS=ON \
    -DJANSSON_EXAMPLES=OFF
wait "$cmocka"
rm "$to"/lib/libcmocka.so*
mv "$to/lib/libcmocka-static.a" "$to/lib/libcmocka.a"
touch "$to/complete"
