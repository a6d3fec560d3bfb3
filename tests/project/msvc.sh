#!/bin/sh
# msvc.sh SOURCE PLACE - can clang-cl, LLVM's compiler with the flags of MSVC, compile
# the library and the command for Windows, for both processors and without a warning?
# Do the files that MSVC reads use nothing that only gcc and clang know?
set -eu
source=$1
place=$2/msvc

# gnu_words - prints words that only gcc and clang know, from standard input
gnu_words() { grep -nE '__(attribute|builtin|atomic|typeof|extension|asm)|#include_next' || true; }

echo 'int x __attribute__((unused));' | gnu_words | grep -q . || {
    echo "a word of gcc is not noticed"
    exit 1
}
# the first file is for Linux; the others use such words only if __GNUC__ is
# defined
find "$source/src" "$source/include" -name '*.[ch]' ! -path '*/linux/*' ! -path '*/posix/*' \
    ! -path '*/portable/*' ! -path '*/macos/*' \
    ! -name format.h ! -name ensure.h ! -name lexer.c |
    while read -r file; do
        gnu_words <"$file" | sed "s|^|$file:|"
    done >"$place.found"
if [ -s "$place.found" ]; then
    cat "$place.found"
    exit 1
fi
build() {
    cmake -S "$source" -B "$place/$1" --log-level=WARNING \
        --toolchain "$source/cmake/clang-cl.cmake" -DCMAKE_BUILD_TYPE=Release \
        -DSBIND_WERROR=ON -DSBIND_BUILD_EXAMPLES=OFF -DSBIND_BUILD_TESTS=OFF \
        -DCMAKE_SYSTEM_PROCESSOR="$1" || return
    cmake --build "$place/$1" --target sbind_command
}

for processor in x86_64 aarch64; do
    if ! build "$processor" >"$place.log" 2>&1; then
        cat "$place.log"
        exit 1
    fi
done
echo "2 processors"
