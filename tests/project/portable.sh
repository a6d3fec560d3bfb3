#!/bin/sh
# portable.sh SOURCE - does what every system of POSIX shares name nothing that only
# Linux has? Is a promise that tests call weaker there one of SECURITY.md?
set -eu
cd "$1"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

linux='O_PATH|O_TMPFILE|AT_EMPTY_PATH|SOCK_CLOEXEC|SOCK_NONBLOCK|accept4|renameat2'
linux="$linux|SO_DOMAIN|SO_PROTOCOL|SO_PEERCRED|SO_PEERPIDFD|SO_PASSRIGHTS|syscall"
linux="$linux|SYS_[a-z0-9_]+|dup3|pipe2|secure_getenv|ucred|epoll_[a-z0-9]+|eventfd"
linux="$linux|/proc/[a-z-]+|linux/[a-z_]+\\.h"

# The words of Linux in FILE, but for its comments and the names of calls in errors.
words_of_linux() {
    cc -fpreprocessed -dD -E -P "$1" 2>/dev/null | sed -E 's|"[^"/]*"||g' |
        grep -owE "$linux" |
        sed "s|^|$1: |" || true
}

# A path of a passed socket can lead through /proc, whoever reads it.
allowed='src/bind/posix/describe.c: /proc/(self|thread-self)'

all() { # FOLDER
    find "$1" -path '*/posix/*.[ch]' -o -path '*/portable/*.[ch]' | sort |
        while read -r file; do words_of_linux "$file"; done |
        grep -vxE "$allowed" || true
}

all src >"$dir/found"
[ ! -s "$dir/found" ] || { cat "$dir/found"; exit 1; }

# This has to be able to fail; a comment may name them.
mkdir -p "$dir/posix" "$dir/portable"
printf '/* %s */\nint f = O_PATH;\n' accept4 >"$dir/posix/bad.c"
printf 'const char *p = "/proc/self/fd";\n' >"$dir/portable/bad.h"
[ "$(all "$dir" | wc -l)" = 2 ] || { echo "a word of Linux goes unnoticed"; exit 1; }

# weaker("P3") in tests, and the table of SECURITY.md
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
