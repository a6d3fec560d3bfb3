#!/bin/sh
# manual.sh SOURCE - does mandoc find no fault in the pages of the manual? And does it notice a
# faulty page? tests/system/help_test.py compares sbind(1) with the options of the command, and
# manual_pages.py compares the other pages with the headers.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

command -v mandoc >/dev/null || {
    echo "skipped: mandoc is missing"
    exit 77
}
for page in "$1"/docs/sbind.1 "$1"/docs/man/*; do
    grep -q '^\.so ' "$page" || mandoc -T lint -W warning "$page"
done
sed 's/^\.El$//' "$1/docs/sbind.1" >"$dir/bad.1"
! mandoc -T lint -W warning "$dir/bad.1" >/dev/null || {
    echo "a list without an end went unnoticed"
    exit 1
}
