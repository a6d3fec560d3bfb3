#!/bin/sh
# readme.sh SOURCE BUILD - does README say what is true: does its program build,
# run and have twelve lines, and is its caret the real one?
set -eu
source=$1
build=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# fenced LANGUAGE - the first block of README in it
fenced() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" "$source/README.md" | sed '/^```/d'; }

fenced c >"$dir/program.c"
lines=$(grep -c . "$dir/program.c")
[ "$lines" -le 14 ] || { echo "README's program has $lines lines"; exit 1; }
flags=$(sed -n 's/^SBIND_SANITIZE:STRING=\(..*\)/-fsanitize=\1/p' \
    "$build/CMakeCache.txt")
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
# shellcheck disable=SC2086 # no flag is no argument
"$compiler" -std=c11 -Wall -Wextra -Werror $flags -I "$source/include" \
    "$dir/program.c" "$build/libsbind.a" -o "$dir/program"
"$dir/program"

sed -n '/^\$ sbind parse/,/^```/p' "$source/README.md" | sed '1d;/^```/d' \
    >"$dir/said"
"$build/sbind" parse 'tcp://127.0.0.1:65536' 2>"$dir/real" || true
diff "$dir/said" "$dir/real"

grep -oE ']\([A-Za-z][^)#:]*\)' "$source/README.md" | sed 's/^](//; s/)$//' \
    >"$dir/links"
[ "$(wc -l <"$dir/links")" -ge 10 ] || { echo "README has hardly a link"; exit 1; }
while read -r file; do
    [ -e "$source/$file" ] || { echo "README links to $file"; exit 1; }
done <"$dir/links"
