#!/bin/sh
# install.sh SOURCE PLACE - can PLACE/build be installed if the tree is read-only, and by another
# user? Can every user read what is installed, whatever the umask? Do the installed documents
# have no dead links?
set -eu
source=$1
build=$2/build
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 0755 "$dir"

fail() { echo "$*"; exit 1; }
quietly() { "$@" >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }; }

# ---- Nothing is written to the build tree ------------------------------------------

# prints every file below FOLDER, with the time of its last change
state() { find "$1" -printf '%p %s %C@\n' | sort; }

state "$build" >"$dir/before"
(umask 077 && quietly cmake --install "$build" --prefix "$dir/usr")
state "$build" >"$dir/after"
diff "$dir/before" "$dir/after" || fail "installing changes the build tree"
touch "$build/CMakeCache.txt"
! state "$build" | cmp -s - "$dir/after" || fail "a change of the build tree goes unnoticed"

# read_only COMMAND... - runs a command that cannot write to the build tree
as_root=
[ "$(id -u)" = 0 ] || as_root=--map-root-user
read_only() {
    # shellcheck disable=SC2016,SC2086 # for the shell inside; nothing, or one word
    unshare $as_root --mount sh -euc '
        mount --bind "$0" "$0"
        mount -o remount,bind,ro "$0"
        "$@"' "$build" "$@"
}
if read_only true 2>/dev/null; then
    ! read_only touch "$build/CMakeCache.txt" 2>/dev/null || fail "it can be written"
    quietly read_only cmake --install "$build" --prefix "$dir/read-only"
    quietly diff -r --exclude=sbind.pc "$dir/usr" "$dir/read-only"
elif [ "${CI:-}" = true ]; then
    fail "this system has no namespaces for it"
fi

# The other user can only read. This user may not enter the folder of these sources, so the test
# builds a copy of the sources, from which this user installs.
if [ "$(id -u)" = 0 ]; then
    mkdir "$dir/copy" "$dir/other"
    (cd "$source" && cp -r CMakeLists.txt cmake docs examples grammar include \
        packaging src ./*.md LICENSE-* "$dir/copy")
    chmod -R u=rwX,go=rX "$dir/copy"
    quietly cmake -S "$dir/copy" -B "$dir/copy/build" -DCMAKE_BUILD_TYPE=Debug \
        -DSBIND_BUILD_COMMAND=OFF -DSBIND_BUILD_TESTS=OFF -DSBIND_BUILD_EXAMPLES=OFF
    quietly cmake --build "$dir/copy/build" -j 2
    chown daemon "$dir/other"
    other="setpriv --reuid=daemon --regid=daemon --clear-groups"
    ! $other touch "$dir/copy/build/CMakeCache.txt" 2>/dev/null ||
        fail "it is no other user"
    # shellcheck disable=SC2086 # several words
    quietly $other cmake --install "$dir/copy/build" --prefix "$dir/other/usr"
    [ -f "$dir/other/usr/lib/pkgconfig/sbind.pc" ] || fail "sbind.pc is missing"
fi

# ---- What is there -------------------------------------------------------------------

for file in bin/sbind lib/libsbind.a lib/libsbind.so lib/libsbind.so.0 \
    include/sbind/sbind.h share/man/man1/sbind.1 share/man/man3/sbind_listen.3 share/man/man7/sbind.7 share/doc/sbind/README.md \
    share/doc/sbind/grammar/SPEC.md share/zsh/site-functions/_sbind \
    share/bash-completion/completions/sbind \
    share/fish/vendor_completions.d/sbind.fish share/doc/sbind/examples/echo_server.c; do
    [ -f "$dir/usr/$file" ] || fail "$file is not installed"
done
find "$dir/usr" -type f ! -perm -o=r >"$dir/found"
[ ! -s "$dir/found" ] || fail "not everybody can read: $(cat "$dir/found")"

# The prefix is /opt/sbind, and the files are staged in another folder.
quietly env DESTDIR="$dir/stage" cmake --install "$build" --prefix /opt/sbind
grep -qxF 'prefix=/opt/sbind' "$dir/stage/opt/sbind/lib/pkgconfig/sbind.pc" ||
    fail "sbind.pc has another prefix"
! grep -rqF "$dir" "$dir/stage" || fail "what is installed knows where it was staged"

# ---- Documents -----------------------------------------------------------------------

# dead FOLDER - prints each link in a document of FOLDER that leads to a missing file
dead() {
    find "$1" -name '*.md' | while read -r page; do
        grep -oE '\]\([A-Za-z.][^):# ]*[)#]' "$page" | sed 's/^](//; s/[)#]$//' |
            while read -r link; do
                [ -e "$(dirname "$page")/$link" ] || echo "$page: $link"
            done
    done
}
dead "$dir/usr/share/doc/sbind" >"$dir/found"
[ ! -s "$dir/found" ] || fail "dead links: $(cat "$dir/found")"
mkdir "$dir/bad"
cp "$source/README.md" "$dir/bad"
[ "$(dead "$dir/bad" | wc -l)" -ge 10 ] || fail "dead links go unnoticed"
[ "$(grep -c '](' "$dir/usr/share/doc/sbind/README.md")" -ge 10 ] ||
    fail "README has hardly a link left"
echo "$(find "$dir/usr" -type f | wc -l) files"
