#!/bin/sh
# manual.sh SOURCE - is the manual page sound, as mandoc sees it? And is one that
# is not noticed? Whether it has the options of the command is asked by
# tests/system/help_test.py.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

command -v mandoc >/dev/null || {
    echo "skipped: mandoc is missing"
    exit 77
}
mandoc -T lint -W warning "$1/docs/sbind.1"
sed 's/^\.El$//' "$1/docs/sbind.1" >"$dir/bad.1"
! mandoc -T lint -W warning "$dir/bad.1" >/dev/null || {
    echo "a list without an end went unnoticed"
    exit 1
}
