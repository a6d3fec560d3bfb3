#!/bin/sh
# symbols.sh SOURCE BUILD - does the pure library call only memcpy and the like, and
# have no state? Does the whole library never touch what belongs to the process? Does it
# make only allowed calls in a child? Does the command print by one function?
# Promises: P1 P4 P21 P42 P48
set -eu
build=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

sanitizers='__(asan|ubsan|tsan|msan|sanitizer|gcov|stack_chk)_.*|__sanitizer.*'
pure="mem(cpy|cmp|move|set|chr)|__mem(cpy|move|set)_chk|bcmp|str(len|cmp)|$sanitizers"
pure="$pure|_GLOBAL_OFFSET_TABLE_"
never='umask|f?chdir|(set|put|clear)env|signal|sigaction|sigprocmask|alarm'
never="$never|(__)?v?[fd]?printf(_chk)?|fwrite|fput[cs]|putc|puts|putchar|perror|std(in|out|err)|exit|_exit|abort"
never="$never|(open|vsys|sys)?log|malloc|calloc|realloc|fork|system"

undefined() { nm -u "$1" | sed -n 's/^ *[Uw] //p' | sort -u; }

defined() { nm --defined-only "$1" | awk 'NF == 3 { print $3 }' | sort -u; }

# Prints each function that ARCHIVE calls and does not define, except for pure functions.
impure() {
    defined "$1" >"$dir/defined"
    undefined "$1" | grep -vxF -f "$dir/defined" | grep -vxE "$pure" || true
}

# Prints the writable data of ARCHIVE, with the object of each: globals and
# statics that are not constant. Tables of pointers count as constant, as they
# are after loading.
state() {
    objdump -t "$1" | awk -F'\t' '
        / file format / { object = $1; sub(/:.*/, "", object) }
        $1 ~ / (\.t?(data|bss)[^ ]*|\*COM\*)$/ && $1 !~ / \.data\.rel\.ro/ {
            sub(/^[^ ]* (\.hidden )?/, "", $2)
            print object, $2
        }' |
        grep -vE ' (\.|__odr_|__(a|t|m|ub)san|_sub_|LASAN|__func__)' || true
}

# The only data that libsbind keeps: which descriptors it has adopted.
allowed='taken.c.o taken'

state_but_allowed() { state "$1" | grep -vxF "$allowed" || true; }

forbidden() { undefined "$1" | grep -xE "$never" || true; }

# Calls that a child may not make between fork and exec. POSIX calls some
# functions async-signal-safe, and some system calls need no lock of the C
# library. All other calls are forbidden.
unsafe() {
    undefined "$1" | grep -vxE "$pure|$safe" || true
}
safe='dup2|fcntl(64)?|close|getpid|syscall|fstat|fstatfs|strncmp|__errno_location'
safe="$safe|sbind_own_pidfdid|__stack_chk_fail"

# Prints objects that read or change the environment, except for the two whose
# task that is.
environment() {
    nm -A -u "$1" | grep -E ' (secure_)?getenv$| unsetenv$' |
        grep -vE ':(environment|variable)\.c\.o:' || true
}

# Names each object of the command that calls printf or the like. Only four objects may do so:
# say.c, which escapes what it prints, and json.c, json_writer.c and adapter.c, which print JSON.
printing() { # OBJECTS; of the files in $cli, since a build keeps old ones
    for each in "$cli"/*.c "$cli"/posix/*.c "$cli"/linux/*.c; do
        [ -e "$each" ] || continue
        object=$1/${each#"$cli"/}.o
        case $object in
        */say.c.o | */json.c.o | */json_writer.c.o | */adapter.c.o) ;;
        *) nm -A -u "$object" | grep -E ' U ('"$prints"')$' || true ;;
        esac
    done
}
prints='(__)?v?[fd]?printf(_chk)?|fwrite|fput[cs]|putc|_IO_putc|puts|putchar|perror'

# Prints calls that fuzz/system/calls.h lacks. replay_bind runs some rooms on the simulated system.
# For these, the header has to rename every call that is not pure.
real() {
    find "$1" -name '*.o' -path '*/src/*' -exec nm -u {} + |
        sed -n 's/^ *U //p' | sort -u | grep -vxE "$pure|$known" || true
}
known='(sbind|fuzz)_.*|__errno_location|in6addr_any|str(n?cmp|nlen|r?chr|spn)'
known="$known|__stack_chk_fail"

fail() {
    echo "$1:"
    cat "$dir/found"
    exit 1
}

expect_none() { # WHAT ARCHIVE QUESTION
    [ -e "$2" ] || { echo "$2 is not there"; exit 1; }
    "$3" "$2" >"$dir/found"
    [ ! -s "$dir/found" ] || fail "$1"
}

expect_some() {
    "$3" "$2" >"$dir/found"
    [ -s "$dir/found" ] || fail "$1 went unnoticed"
}

# A bad library shows that this test can fail.
cat >"$dir/bad.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
int counter = 1;
static const char *last; /* a pointer that changes is not constant */
static _Thread_local int calls;
void *bad(size_t n)
{
    umask(0);
    last = last == NULL ? getenv("HOME") : "";
    printf("%d %d %s", counter++, calls++, last);
    return malloc(n);
}
END
cc -O2 -D_FORTIFY_SOURCE=2 -c "$dir/bad.c" -o "$dir/bad.o"
ar rc "$dir/bad.a" "$dir/bad.o"
expect_some "malloc in a pure library" "$dir/bad.a" impure
expect_some "a global variable" "$dir/bad.a" state
expect_some "another global variable" "$dir/bad.a" state_but_allowed
[ "$(state "$dir/bad.a" | wc -l)" = 3 ] || {
    echo "a variable went unnoticed"
    exit 1
}
expect_some "umask" "$dir/bad.a" forbidden
forbidden "$dir/bad.a" | grep -q printf || {
    echo "printf went unnoticed"
    exit 1
}
expect_some "getenv" "$dir/bad.a" environment

expect_some "malloc between fork and exec" "$dir/bad.o" unsafe

mkdir -p "$dir/bad/src"
cp "$dir/bad.o" "$dir/bad/src"
expect_some "a call that is not simulated" "$dir/bad" real
mkdir "$dir/cli"
cp "$dir/bad.c" "$dir/cli"
cp "$dir/bad.o" "$dir/cli/bad.c.o"
cli=$dir/cli
expect_some "printf in the command" "$dir/cli" printing

expect_none "libsbind_parse.a calls" "$build/libsbind_parse.a" impure
if [ -d "$build/CMakeFiles/sbind.dir" ]; then
    find "$build/CMakeFiles/sbind.dir/src/policy" \
        "$build/CMakeFiles/sbind_parse.dir/src" -name '*.o' \
        -exec ar rc "$dir/policy.a" {} +
    expect_none "src/policy calls" "$dir/policy.a" impure
fi
if [ -f "$build/libsbind.a" ]; then
    expect_none "libsbind.a calls" "$build/libsbind.a" forbidden
    expect_none "the environment is used by" "$build/libsbind.a" environment
    cli=$1/src/cli
    objects=$build/CMakeFiles/sbind.dir/src
    for each in pass/posix/here.c.o activation/linux/pidfd.c.o; do
        expect_none "$each calls" "$objects/$each" unsafe
    done
    expect_none "text that is not escaped is printed by" \
        "$build/CMakeFiles/sbind_command.dir/src/cli" printing
    simulated=$build/tests/CMakeFiles/replay_bind.dir
    ls "$simulated"/__/src/bind/*.o >"$dir/found" # there are some
    expect_none "the simulated system lacks" "$simulated" real
fi
# sanitizers add data of their own
if ! nm "$build/libsbind_parse.a" | grep -qE '__(a|t|ub)san_'; then
    expect_none "libsbind_parse.a has state" "$build/libsbind_parse.a" state
    expect_none "libsbind.a has state" "$build/libsbind.a" state_but_allowed
    state "$build/libsbind.a" >"$dir/found"
    [ "$(cat "$dir/found")" = "$allowed" ] || fail "one exception is written down"
fi
