#!/bin/sh
# size.sh SOURCE CC - how large is the part of the library that makes no system
# call? Does this part keep any data in memory that a call could change? The
# test compiles it with -Os.
set -eu
most=49152 # octets (48 KiB) of code and constants, with gcc 12 for x86-64
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for each in "$1"/src/status/*.c "$1"/src/parse/*.c; do
    "$2" -std=c11 -Os -fPIC -I"$1/include" -c "$each" \
        -o "$dir/$(basename "$(dirname "$each")")-$(basename "$each" .c).o"
done

# Tables of addresses (.data.rel.ro) are read-only once the program has started.
for each in "$dir"/*.o; do
    size -A "$each" | awk -v name="$(basename "$each" .o)" '
        $1 ~ /^\.(data|bss|tdata|tbss)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0 {
            print name " has " $2 " octets that can be written: " $1
        }'
done >"$dir/writable"
if [ -s "$dir/writable" ]; then
    cat "$dir/writable"
    exit 1
fi
octets=$(size "$dir"/*.o | awk 'NR > 1 { sum += $1 } END { print sum }')
echo "$octets octets"
[ "$octets" -le "$most" ] || { echo "more than $most"; exit 1; }
