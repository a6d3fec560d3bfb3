#!/bin/sh
# portable.sh SOURCE - do the files for every system of POSIX use nothing that only
# Linux has? Does SECURITY.md name each promise that tests call weaker there?
set -eu
cd "$1"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

linux='O_PATH|O_TMPFILE|AT_EMPTY_PATH|SOCK_CLOEXEC|SOCK_NONBLOCK|accept4|renameat2'
linux="$linux|SO_DOMAIN|SO_PROTOCOL|SO_PEERCRED|SO_PEERPIDFD|SO_PASSRIGHTS|syscall"
linux="$linux|SYS_[a-z0-9_]+|dup3|pipe2|secure_getenv|ucred|epoll_[a-z0-9]+|eventfd"
linux="$linux|/proc/[a-z-]+|linux/[a-z_]+\\.h"

# prints the words of Linux in FILE, except in comments and in the names of calls in
# errors
words_of_linux() {
    cc -fpreprocessed -dD -E -P "$1" 2>/dev/null | sed -E 's|"[^"/]*"||g' |
        grep -owE "$linux" |
        sed "s|^|$1: |" || true
}

# The path of a passed socket can lead through /proc, on every system that reads
# it.
allowed='src/bind/posix/describe.c: /proc/(self|thread-self)'

all() { # FOLDER
    find "$1" -path '*/posix/*.[ch]' -o -path '*/portable/*.[ch]' | sort |
        while read -r file; do words_of_linux "$file"; done |
        grep -vxE "$allowed" || true
}

all src >"$dir/found"
[ ! -s "$dir/found" ] || { cat "$dir/found"; exit 1; }

# This test has to be able to fail. A comment may use words of Linux.
mkdir -p "$dir/posix" "$dir/portable"
printf '/* %s */\nint f = O_PATH;\n' accept4 >"$dir/posix/bad.c"
printf 'const char *p = "/proc/self/fd";\n' >"$dir/portable/bad.h"
[ "$(all "$dir" | wc -l)" = 2 ] || { echo "a word of Linux goes unnoticed"; exit 1; }

# compares weaker("P3") in tests with the table of SECURITY.md
grep -rhoE 'weaker\("P[0-9]+"\)' tests/unit tests/system | grep -oE 'P[0-9]+' |
    sort | uniq -c >"$dir/skipped"
sed -n '/^| number | weaker/,/^$/p' SECURITY.md | grep -oE '^\| P[0-9]+' |
    tr -d '| ' | sort -u >"$dir/listed"
awk '{ print $2 }' "$dir/skipped" | sort -u | grep -vxF -f "$dir/listed" >"$dir/found" ||
    true
[ ! -s "$dir/found" ] || { echo "SECURITY.md does not list:"; cat "$dir/found"; exit 1; }
[ "$(wc -l <"$dir/skipped")" -ge 4 ] || { echo "hardly a test is weaker"; exit 1; }
lines=$(wc -l <src/bind/portable/place.c)
[ "$lines" -le 250 ] || { echo "portable/place.c has $lines lines, not 250"; exit 1; }
awk '{ print $2 " is weaker in " $1 " tests" }' "$dir/skipped"
