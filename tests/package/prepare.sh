#!/bin/sh
# prepare.sh SOURCE PLACE - builds both libraries and the command in PLACE/build,
# and installs them in PLACE/usr, for the other tests here
set -eu
source=$1
place=$2
rm -rf "$place"
mkdir -p "$place"

quietly() { "$@" >"$place/log" 2>&1 || { cat "$place/log"; exit 1; }; }

quietly cmake -S "$source" -B "$place/build" -DBUILD_SHARED_LIBS=ON \
    -DSBIND_BUILD_BOTH=ON -DSBIND_BUILD_TESTS=OFF -DSBIND_BUILD_EXAMPLES=OFF \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS=-g \
    -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_INSTALL_RPATH="\$ORIGIN/../lib"
quietly cmake --build "$place/build" -j 2
quietly cmake --install "$place/build" --prefix "$place/usr"
"$place/usr/bin/sbind" --version
