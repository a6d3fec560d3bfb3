#!/bin/sh
# macos.sh SOURCE ZIG - do library and command compile for macOS on arm64 and x86_64
# without a warning? Do they link as a program and as a shared library? Zig has Apple's
# headers, and the names of the functions in Apple's libraries. Nothing is run, because
# there is no Mac here. Zig's linker cannot read the list of the functions that the
# library shows; ld64.lld reads it as Apple's linker does.
set -eu
source=$1
zig=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

failed() {
    tail -n 30 "$dir/log"
    echo "$1 failed"
    exit 1
}

# compile FILE - for one machine
compile() {
    "$zig" cc -target aarch64-macos -std=c11 -Werror -c "$1" -o "$dir/one.o" \
        2>"$dir/log"
}

# Whether a file is a program (KIND 2) or a library (KIND 6) for a processor. The head
# of a Mach-O file has a magic number, the processor and the kind.
is_made_for() { # FILE CPU KIND
    head=$(od -An -tx4 -N16 "$1" | tr -d ' ')
    [ "${head%????????????????}" = "feedfacf$2" ] &&
        [ "${head#????????????????????????}" = "0000000$3" ]
}

# made_for MACHINE CPU - builds command and library, and checks that both are files for CPU
made_for() {
    to=$dir/$1
    cmake -S "$source" -B "$to" -DCMAKE_SYSTEM_NAME=Darwin \
        -DCMAKE_SYSTEM_PROCESSOR="$1" -DCMAKE_BUILD_TYPE=Release \
        "-DCMAKE_C_COMPILER=$zig;cc;-target;$1-macos" \
        -DBUILD_SHARED_LIBS=ON -DSBIND_BUILD_TESTS=OFF \
        -DSBIND_BUILD_EXAMPLES=OFF -DSBIND_WERROR=ON >"$dir/log" 2>&1 ||
        failed "$1"
    cmake --build "$to" -j 2 --target sbind sbind_command >>"$dir/log" 2>&1 || failed "$1"
    is_made_for "$to/sbind" "$2" 2 || failed "the command for $1"
    is_made_for "$to/libsbind.dylib" "$2" 6 || failed "the library for $1"
}

# exports LIST - links the library of made_for, and prints the functions that the library shows
exports() {
    find "$dir/aarch64/CMakeFiles/sbind.dir" -name '*.o' -exec \
        ld64.lld-14 -arch arm64 -platform_version macos 12.0 12.0 -dylib \
        -exported_symbols_list "$1" -o "$dir/listed.dylib" \
        "$(dirname "$zig")/lib/libc/darwin/libSystem.13.tbd" {} + \
        2>"$dir/log" || return 1
    llvm-objdump --macho --exports-trie "$dir/listed.dylib" |
        sed -n 's/^0x[0-9A-F]* *_//p' | sort
}

# Prints each number of errno that has no name in the table.
names_missing() { # TABLE
    echo '#include <errno.h>' >"$dir/errno.c"
    "$zig" cc -target aarch64-macos -E -dM "$dir/errno.c" |
        sed -n 's/^#define \(E[A-Z0-9]*\) [0-9]*$/\1/p' | grep -vx ELAST |
        while read -r name; do
            grep -q "X($name)" "$1" || echo "$name"
        done
}

# The compiler must notice a call that only Linux has, and a declaration that differs
# from Apple's.
cat >"$dir/bad.c" <<'END'
int main(void) { return epoll_create1(0); }
END
! compile "$dir/bad.c" || failed "a call of Linux went unnoticed: it"
cat >"$dir/launchd.c" <<END
#include <launch.h>
#include "$source/src/bind/macos/launchd.h"
END
compile "$dir/launchd.c" || failed "the declaration of launch_activate_socket"
sed 's/size_t \*count/int *count/' "$source/src/bind/macos/launchd.h" \
    >"$dir/launchd.h"
echo '#include <launch.h>
#include "launchd.h"' >"$dir/launchd.c"
! compile "$dir/launchd.c" || failed "another declaration went unnoticed: it"

table=$source/src/bind/macos/errno_name.c
missing=$(names_missing "$table")
[ -z "$missing" ] || { echo "without a name: $missing"; exit 1; }
sed 's/X(EPWROFF)//' "$table" >"$dir/table.c"
[ "$(names_missing "$dir/table.c")" = EPWROFF ] || failed "the table of names"

made_for aarch64 0100000c
made_for x86_64 01000007

list=$dir/aarch64/sbind.exports
sed -n 's/^ *\(sbind_[a-z0-9_]*\);$/\1/p' "$source/cmake/sbind.map" | sort >"$dir/map"
exports "$list" >"$dir/shown" || failed "the list of functions"
diff "$dir/map" "$dir/shown" || { echo "these are shown, or are not"; exit 1; }
[ "$(wc -l <"$dir/shown")" -ge 50 ] || { echo "hardly a function is shown"; exit 1; }
{ cat "$list"; echo _sbind_nothing; } >"$dir/list"
! exports "$dir/list" >"$dir/shown" || failed "a function that is missing"
echo "both machines"
