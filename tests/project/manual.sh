#!/bin/sh
# shellcheck disable=SC2016 # programs of sed, and scripts that are written out
# manual.sh SOURCE BUILD - is the manual page sound, and has each subcommand the
# options that its section of the manual and its --help have, with arguments or
# without? And is a difference noticed?
set -eu
source=$1
build=$2
manual=$source/docs/sbind.1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

command -v mandoc >/dev/null || {
    echo "skipped: mandoc is missing"
    exit 77
}
mandoc -T lint -W warning "$manual"

# The options that a section explains in an item of its list, each with " ARG" if
# it takes an argument.
in_manual() { # PAGE SUBCOMMAND
    sed -n "/^\\.Ss sbind $2\$/,/^\\.S[hs] /{
            /^\\.It .*Fl -/{ s/ Ns = Ns / /g; s/ , Ns / , /g; s/ , /\\n/g; p; }
        }" "$1" | sed -n 's/^\(\.It \)*Fl -\([a-z-]*\)\( Ar .*\)*$/\2\3/p' |
        sed 's/ Ar .*/ ARG/' | sort
}

in_help() { # COMMAND SUBCOMMAND
    "$1" "$2" --help | grep -oE -- '--[a-z][a-z0-9-]*' | sed 's/^--//' |
        sort -u
}

# Those of help as the command takes them: an option that it lacks is not listed.
in_command() { # COMMAND SUBCOMMAND
    for option in $(in_help "$1" "$2"); do
        said=$("$1" "$2" "--$option" 2>&1 </dev/null || true)
        case $said in
        *"--$option needs an argument"*) echo "$option ARG" ;;
        *"no option"*) ;;
        *) echo "$option" ;;
        esac
    done
}

# What is wrong, a line each.
wrong() { # COMMAND PAGE
    for subcommand in parse check explain listen connect adapter; do
        "$1" "$subcommand" --help | head -n 1 |
            grep -q "^usage: sbind $subcommand" ||
            echo "sbind $subcommand --help does not say how it is used"
        in_manual "$2" "$subcommand" >"$dir/manual"
        in_command "$1" "$subcommand" | sort >"$dir/command"
        comm -3 "$dir/manual" "$dir/command" |
            sed "s/^\\t/$subcommand: not as in sbind.1: --/; t
                 s/^/$subcommand: not as in the command: --/"
        in_help "$1" "$subcommand" >"$dir/help"
        sed 's/ ARG$//' "$dir/command" | comm -23 "$dir/help" - |
            sed "s/^/$subcommand: only in --help: --/"
        cat "$dir/help" >>"$dir/all"
    done
    sed -n 's/^ *{"\([a-z-]*\)", \(NULL\|"[A-Z.,]*"\),.*/\1/p' \
        "$source"/src/cli/*.c "$source"/src/cli/*/*.c | grep -vx help | sort -u >"$dir/source"
    [ "$(wc -l <"$dir/source")" -ge 40 ] || echo "the source has hardly an option"
    sort -u "$dir/all" | comm -13 - "$dir/source" |
        sed 's/^/only in the source: --/'
    rm "$dir/all"
}

wrong "$build/sbind" "$manual" >"$dir/found"
if [ -s "$dir/found" ]; then
    cat "$dir/found"
    exit 1
fi
[ "$(in_manual "$manual" listen | wc -l)" -ge 20 ] || {
    echo "the manual has hardly an option of sbind listen"
    exit 1
}

# ---- Known-bad ones -------------------------------------------------------------

unnoticed() { # WHAT COMMAND PAGE PATTERN
    wrong "$2" "$3" >"$dir/found"
    grep -q -e "$4" "$dir/found" || {
        echo "$1 went unnoticed"
        exit 1
    }
}

# It stands on the page still, in the section of another subcommand.
sed '/^\.Ss sbind listen/,/^\.Ss sbind connect/s/^\.It Fl -receive-buffer.*/.It x/' \
    "$manual" >"$dir/moved.1"
unnoticed "an option that another subcommand explains" "$build/sbind" \
    "$dir/moved.1" 'listen: not as in sbind.1: --receive-buffer ARG'
sed 's/^\.It Fl -backlog Ar n$/.It Fl -backlog/' "$manual" >"$dir/bare.1"
unnoticed "an argument" "$build/sbind" "$dir/bare.1" '--backlog ARG$'
sed 's/^\.It Fl -reuse-port$/&\n.It Fl -no-such-option/' "$manual" \
    >"$dir/more.1"
unnoticed "an option that nothing has" "$build/sbind" "$dir/more.1" \
    'not as in the command: --no-such-option'

# Commands that give up the --help of one subcommand.
printf '#!/bin/sh\n[ "$1 $2" = "connect --help" ] || exec "%s" "$@"\n' \
    "$build/sbind" >"$dir/silent"
printf '#!/bin/sh\n[ "$1" != listen ] || set -- connect "$2"\nexec "%s" "$@"\n' \
    "$build/sbind" >"$dir/other"
chmod +x "$dir/silent" "$dir/other"
unnoticed "a --help that prints nothing" "$dir/silent" "$manual" \
    'sbind connect --help does not say'
unnoticed "the --help of another subcommand" "$dir/other" "$manual" \
    'sbind listen --help does not say'
