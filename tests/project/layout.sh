#!/bin/sh
# layout.sh SOURCE - does the layout of the C sources agree with clang-format?
# Does the checker of shell scripts find no fault?
set -eu
cd "$1"
for tool in clang-format-14 shellcheck; do
    command -v "$tool" >/dev/null || {
        echo "SKIPPED: $tool is not installed"
        exit 77
    }
done

sources() { find src include fuzz tests examples wasm -name '*.[ch]' ! -name lexer.c; }
scripts() {
    find . -name build -prune -o -name .git -prune -o \
        \( -name '*.sh' -o -name '*.bash' -o -path './packaging/debian/tests/[a-z]*' ! -name control -o -path ./dev -o -path ./.ci/run -o -path ./cmake/wine \) -print
}

# Both tools have to report a faulty file, or the test could not fail.
! echo 'int  x;' | clang-format-14 --dry-run -Werror 2>/dev/null || exit 1
! echo "cat \$1" | shellcheck -s sh - >/dev/null || exit 1

sources | xargs clang-format-14 --dry-run -Werror
# clang-format changes neither comments nor macros, so their width is checked
# here.
awk 'length > 80 { print FILENAME ":" FNR ": more than 80 columns"; bad = 1 }
     END { exit bad }' include/sbind/*.h
scripts | xargs shellcheck
echo "$(sources | wc -l) sources, $(scripts | wc -l) scripts"
