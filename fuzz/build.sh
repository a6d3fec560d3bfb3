#!/bin/sh
# build.sh [TARGET...] - builds the fuzz targets that are named, or else all
#
# This is the only script that knows how targets are built. OSS-Fuzz,
# ClusterFuzzLite, fuzz/run.py and the tests call it. The script reads the
# environment variables that OSS-Fuzz sets:
#
#   CC CFLAGS CXX CXXFLAGS LIB_FUZZING_ENGINE SANITIZER
#   OUT       gets fuzz_TARGET, and its dictionary, options and seeds
#   WORK      gets the objects; an object is made again if one of its sources is
#             newer, or if the compiler or its flags have changed
#   NO_SEEDS  when set, only the programs are built
#
# Programs are linked with CXX since the engines are C++.
set -eu
cd "$(dirname "$0")/.."
if [ $# = 0 ]; then
    for each in fuzz/targets/*.c; do
        set -- "$@" "$(basename "$each" .c)"
    done
fi
: "${CC:=clang}" "${CXX:=clang++}" "${CFLAGS=-O1 -g}" "${CXXFLAGS=$CFLAGS}"
: "${LIB_FUZZING_ENGINE=-fsanitize=fuzzer}" "${SANITIZER=none}"
: "${OUT:=$PWD/build/fuzz/out}" "${WORK:=$PWD/build/fuzz/work}"

# More of clang's checks for undefined behaviour. OSS-Fuzz does not use these.
more=pointer-overflow,alignment,implicit-conversion,local-bounds,nullability
if [ "$SANITIZER" = undefined ]; then
    CFLAGS="$CFLAGS -fsanitize=$more -fno-sanitize-recover=$more"
    CXXFLAGS="$CXXFLAGS -fsanitize=$more"
fi
mkdir -p "$OUT" "$WORK"

$CC --version >"$WORK/made-by.new"
echo "$CC $CFLAGS" >>"$WORK/made-by.new"
cmp -s "$WORK/made-by.new" "$WORK/made-by" || rm -f "$WORK"/*.o
mv "$WORK/made-by.new" "$WORK/made-by"

# is_fresh FILE PATH... - succeeds if FILE exists, and no file below the paths
# is newer
is_fresh() {
    made=$1
    shift
    [ -e "$made" ] && [ -z "$(find "$@" -type f -newer "$made")" ]
}

# object SOURCE [FLAG...] - compiles SOURCE unless its object is fresh, and
# prints the name of the object. The name begins with $kind if a source has
# several objects.
kind=
object() {
    to=$WORK/$kind$(echo "${1%.c}" | tr / _).o
    source=$1
    shift
    # These sources compare octets with constants, and each such comparison is
    # an edge already. Tracing comparisons would find nothing more.
    case $CC-$source in
    clang-src/parse/* | clang-src/status/*)
        set -- "$@" -fno-sanitize-coverage=trace-cmp
        ;;
    esac
    # shellcheck disable=SC2086 # several flags
    is_fresh "$to" "$source" fuzz/build.sh $headers || $CC $CFLAGS -std=c11 -I include -I "$WORK" \
        "$@" -c "$source" -o "$to" || rm -f "$to"
    echo "$to"
}

# objects FOLDER [FLAG...] - compiles all sources of a folder at the same time.
# If a source fails, the linker reports the missing object.
objects() {
    folder=$1
    shift
    for each in "src/$folder"/*.c "src/$folder"/posix/*.c "src/$folder"/linux/*.c; do
        [ ! -e "$each" ] || object "$each" "$@" &
    done
    wait
}

is_fresh "$WORK/automaton.h" fuzz/automata.py grammar/sbind.abnf \
    grammar/prover || python3 -B fuzz/automata.py "$WORK/automaton.h"
headers=$(find include src fuzz "$WORK" -name '*.h')
pure="$(objects status) $(objects parse)"
library="$pure $(objects activation) $(objects policy) $(objects bind)"
library="$library $(objects notify) $(objects pass)"
simulated() { # the rooms that touch the system, over another
    kind=simulated_
    object fuzz/system/system.c -include fuzz/system/calls.h
    objects activation -include fuzz/system/calls.h
    objects policy
    objects bind -include fuzz/system/calls.h
}

for target in "$@"; do
    rooms=$library
    flags=
    case $target in
    cli) rooms="$library $(objects cli -Dmain=sbind_main \
        -Dsbind_connect=fuzz_connect)" ;;
    bind)
        rooms="$pure $(simulated)"
        flags="-include fuzz/system/calls.h"
        ;;
    esac
    # shellcheck disable=SC2086
    main=$(object "fuzz/targets/$target.c" $flags)
    # shellcheck disable=SC2086
    $CXX $CXXFLAGS $main $rooms $LIB_FUZZING_ENGINE \
        -pthread -o "$OUT/fuzz_$target"
    [ -z "${NO_SEEDS:-}" ] || continue
    cp fuzz/sbind.dict "$OUT/fuzz_$target.dict"
    printf '[libfuzzer]\ndict = fuzz_%s.dict\nmax_len = 1100\n' "$target" \
        >"$OUT/fuzz_$target.options"
done
[ -n "${NO_SEEDS:-}" ] || python3 -B corpus/make.py --zip "$OUT" "$@"
