#!/bin/sh
# windows.sh SOURCE ZIG - do library and command compile for Windows on x86_64 and ARM64
# without a warning? Do they link as a program and as a DLL? Zig has the headers and
# libraries of mingw-w64 for both machines. Nothing is run here: tests/win32 runs what
# gcc builds for Windows.
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

# machine_of FILE - prints the number of the machine that a program or DLL is for, from
# its header
machine_of() {
    at=$(od -An -tu4 -j60 -N4 "$1")
    od -An -tx2 -j$((at + 4)) -N2 "$1" | tr -d ' '
}

# made_for MACHINE NUMBER - builds command and library, and checks their machine
made_for() {
    to=$dir/$1
    cmake -S "$source" -B "$to" -DCMAKE_SYSTEM_NAME=Windows \
        -DCMAKE_SYSTEM_PROCESSOR="$1" -DCMAKE_BUILD_TYPE=Release \
        "-DCMAKE_C_COMPILER=$zig;cc;-target;$1-windows-gnu" \
        -DBUILD_SHARED_LIBS=ON -DSBIND_BUILD_TESTS=OFF \
        -DSBIND_WERROR=ON >"$dir/log" 2>&1 || failed "$1"
    cmake --build "$to" -j 2 >>"$dir/log" 2>&1 || failed "$1"
    for each in "$to/sbind.exe" "$to"/*.dll; do
        [ "$(machine_of "$each")" = "$2" ] || {
            echo "$each is not for $1"
            exit 1
        }
    done
}

made_for x86_64 8664
made_for aarch64 aa64
echo "both machines"
