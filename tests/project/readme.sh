#!/bin/sh
# readme.sh SOURCE BUILD - is README true? It must begin with the two commands, and have at most 120
# lines. The program in README must build and run, and main must have at most 15 lines of
# statements. The program must take -H, HOST and a default, and say what is wrong. The caret in
# README must be the real one.
set -eu
source=$1
build=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# opens FILE - is FILE short, and does its first block have the two commands?
opens() {
    [ "$(wc -l <"$1")" -le 120 ] || return 1
    [ "$(sed 's/  *#.*//' "$1" | grep -n '^\./dev ' | head -n 2 | cut -d: -f2 | xargs)" = \
        "./dev demo ./dev test" ] || return 1
    [ "$(grep -n '^\./dev demo' "$1" | cut -d: -f1)" -le 15 ]
}
opens "$source/README.md" || { echo "README does not open with the two commands"; exit 1; }
sed 's/^\.\/dev demo/.\/dev build/' "$source/README.md" >"$dir/bad"
! opens "$dir/bad" || { echo "another command went unnoticed"; exit 1; }

# fenced LANGUAGE - prints the first block of this language in README
fenced() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" "$source/README.md" | sed '/^```/d'; }

fenced c >"$dir/program.c"
lines=$(sed '1,/^{$/d;/^}$/d' "$dir/program.c" | grep -c '[;{]')
[ "$lines" -le 15 ] || { echo "README's main has $lines lines"; exit 1; }
flags=$(sed -n 's/^SBIND_SANITIZE:STRING=\(..*\)/-fsanitize=\1/p' \
    "$build/CMakeCache.txt")
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
# shellcheck disable=SC2086 # no flag is no argument
"$compiler" -std=gnu11 -Wall -Wextra -Werror $flags -I "$source/include" \
    "$dir/program.c" "$build/libsbind.a" -o "$dir/program"

# run STATUS SAID [VARIABLE=VALUE] ARGUMENTS - requires that the program ends
# with STATUS, says SAID, and leaves no file
run() {
    wanted=$1 text=$2
    shift 2
    status=0
    env "$@" >"$dir/out" 2>&1 || status=$?
    said=$(cat "$dir/out")
    case $status$said in
    "$wanted$text") ;;
    *) echo "README's program: $*: $status, $said"; exit 1 ;;
    esac
    [ ! -e "$dir/s" ] || { echo "README's program left a file: $*"; exit 1; }
}

program=$dir/program
beyond="$program: the port is above 65535 (port-range); octet 20 of"
beyond="$beyond tcp://127.0.0.1:65536; hint: ports run from 0 to 65535"
run 0 "" -u HOST "$program"
run 0 "" HOST=tcp://127.0.0.1:0 "$program"
run 1 "$beyond" HOST=tcp://127.0.0.1:65536 "$program"
run 0 "" HOST=nonsense "$program" -H tcp://127.0.0.1:0 -H "unix://$dir/s"
run 1 "$beyond" "$program" -H "unix://$dir/s" -H tcp://127.0.0.1:65536
run 1 "$program: invalid option -- 'x'" "$program" -H "unix://$dir/s" -x

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
