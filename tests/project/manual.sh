#!/bin/sh
# manual.sh SOURCE BUILD - is the manual page sound, and does it have every
# option that the command has?
set -eu
source=$1
build=$2

command -v mandoc >/dev/null || {
    echo "skipped: mandoc is missing"
    exit 77
}
mandoc -T lint -W warning "$source/docs/sbind.1"

page=$(mandoc -T ascii "$source/docs/sbind.1" | sed 's/.\x08//g')
for subcommand in parse check explain listen connect adapter; do
    for option in $("$build/sbind" "$subcommand" --help |
        grep -oE -- '--[a-z][a-z0-9-]*' | sort -u); do
        printf '%s\n' "$page" | grep -qF -- "$option" || {
            echo "sbind.1 does not say what '$subcommand $option' is"
            exit 1
        }
    done
done
