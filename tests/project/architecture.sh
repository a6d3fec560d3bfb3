#!/bin/sh
# shellcheck disable=SC2016 # backticks are Markdown
# architecture.sh SOURCE - do the files and functions exist that
# docs/architecture.md names? And is one that does not noticed?
set -eu
cd "$1"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# prints each "`FUNCTION` in `FILE`" of PAGE that is not true, and each file that PAGE names and
# that does not exist
faults() {
    tr '\n' ' ' <"$1" | sed 's/   */ /g' >"$dir/text"
    grep -oE '`[a-z0-9_]+` in `[a-z0-9_./]+`' "$dir/text" | tr -d '`' |
        while read -r function _ file; do
            grep -qE "^[a-z].*\\b$function\\(" "$file" 2>/dev/null ||
                echo "no function $function in $file"
        done
    grep -oE '`[a-z0-9_]+/[a-z0-9_./]+`' "$dir/text" | tr -d '`' | sort -u |
        while read -r file; do
            [ -e "$file" ] || [ -d "src/bind/$file" ] || echo "no file $file"
        done
}

faults docs/architecture.md >"$dir/found"
[ ! -s "$dir/found" ] || { cat "$dir/found"; exit 1; }
[ "$(grep -oE '` in `' "$dir/text" | wc -l)" -ge 30 ] ||
    { echo "hardly a function is named"; exit 1; }

printf '`gone` in\n   `src/cli/main.c` and `src/gone.c`\n' >"$dir/bad.md"
[ "$(faults "$dir/bad.md" | wc -l)" = 2 ] || { echo "a fault goes unnoticed"; exit 1; }
