#!/bin/sh
# old_headers.sh SOURCE - does the library compile with headers as old as Linux 3.10 and
# glibc 2.17? Does it have a fall-back for each call that they lack?
# Promises: P15
set -eu
cd "$1"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

sources() {
    for room in status parse activation policy bind notify pass cli; do
        for each in "src/$room"/*.c "src/$room"/posix/*.c "src/$room"/linux/*.c; do
            [ ! -e "$each" ] || echo "$each"
        done
    done
}

compile() {
    cc -std=c11 -O0 -Iinclude -include tests/project/old_headers.h \
        -Wall -Wextra -Werror "$@"
}

# This test has to be able to fail.
for bad in 'int x = SYS_pidfd_open;' 'int x = UNIX_DIAG_UID;' \
    '#include <stdio.h>
int (*x)(int, const char *, int, const char *, unsigned) = renameat2;'; do
    echo "$bad" >"$dir/bad.c"
    ! compile -c "$dir/bad.c" -o "$dir/bad.o" 2>/dev/null || {
        echo "went unnoticed: $bad"
        exit 1
    }
done
if grep -rn 'linux/close_range.h' src; then
    echo "Linux before 5.9 has no such header"
    exit 1
fi

# shellcheck disable=SC2046
compile $(sources) -pthread -o "$dir/sbind"

# Without renameat2, a stale socket is still moved aside, and a live one is still
# replaced.
command -v strace >/dev/null || { echo "SKIPPED: strace is not installed"; exit 77; }
chmod 0700 "$dir"
for _ in first second; do
    strace -f -qq -e trace=renameat2,renameat -o "$dir/calls" \
        "$dir/sbind" listen -H "unix://$dir/s" -- /bin/sh -c 'kill -9 $$' || true
    [ -S "$dir/s" ] || { echo "no socket was left to be stale"; exit 1; }
done
grep -q 'renameat(' "$dir/calls" || { echo "nothing was moved aside"; exit 1; }
! grep -q 'renameat2(' "$dir/calls" || { echo "renameat2 was called"; exit 1; }

# Before Linux 5.3, the user of a unix socket's other end is not known.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    sed 's/SHOW_UID = 0x40/SHOW_UID = 0/' src/cli/linux/holders_unix.c \
        >"$dir/holders_unix.c"
    # shellcheck disable=SC2046
    compile -iquote src/cli/linux $(sources | grep -v holders_unix.c) \
        "$dir/holders_unix.c" -pthread -o "$dir/sbind"
    chmod 0755 "$dir"
    set -- "$dir/sbind" listen -H "unix://@sbind-test-$(basename "$dir")" --
    # shellcheck disable=SC2016
    "$@" sh -c 'setpriv --reuid=65534 --clear-groups "$@" 3<&-; :' sh \
        "$@" true 2>"$dir/said" || true
    grep -q "a process of a user that the kernel does not name" "$dir/said" || {
        cat "$dir/said"
        exit 1
    }
fi
echo "$(sources | wc -l) sources"
