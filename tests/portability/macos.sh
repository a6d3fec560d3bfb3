#!/bin/sh
# macos.sh SOURCE ZIG - does the part of the library that does not call the system
# compile and link for macOS, without a warning? Nothing runs: there is no Mac here.
set -eu
cd "$1"
zig=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for machine in aarch64 x86_64; do
    for room in status parse activation policy; do
        for each in src/"$room"/*.c; do
            object=$dir/$room-$(basename "$each" .c).o
            "$zig" cc -target "$machine-macos" -std=c11 -O2 -Iinclude -Wall \
                -Wextra -Wconversion -Werror -c "$each" -o "$object"
        done
    done
    "$zig" cc -target "$machine-macos" -shared -o "$dir/library" "$dir"/*.o
    od -An -tx4 -N4 "$dir/library" | grep -q feedfacf || {
        echo "this is no library of macOS"
        exit 1
    }
done
echo 'int main(void) { return epoll_create1(0); }' >"$dir/bad.c"
! "$zig" cc -target aarch64-macos -std=c11 -Werror -c "$dir/bad.c" -o "$dir/bad.o" \
    2>/dev/null || { echo "a call of Linux went unnoticed"; exit 1; }
echo "both machines"
