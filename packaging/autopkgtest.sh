#!/bin/sh
# autopkgtest.sh FOLDER - tests the packages that package.sh has made in FOLDER. It installs them in
# a new root directory of Debian that has nothing else, and runs the tests of packaging/debian/tests
# there. Needs root, and Debian's archive.
set -eu
# The mounts are in a namespace of their own, and end with this script.
[ -n "${SBIND_MOUNTS:-}" ] || exec env SBIND_MOUNTS=own unshare --mount "$0" "$@"
cd "$1"

fail() { echo "autopkgtest.sh: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "needs root"

root=$(mktemp -d)
chmod 0755 "$root"
trap 'umount "$root/proc"; rm -rf --one-file-system "$root"' EXIT
trap 'exit 1' INT TERM
debootstrap --variant=minbase bookworm "$root" >"$PWD/log" 2>&1 ||
    { tail -n 20 "$PWD/log"; fail "there is no root"; }
mount -t proc proc "$root/proc"

status=0
autopkgtest --output-dir="$root.result" ./sbind_*.deb ./sbind-doc_*.deb ./libsbind0_*.deb \
    ./libsbind-dev_*.deb ./sbind_*.dsc -- chroot "$root" >"$PWD/log" 2>&1 || status=$?
if [ "$status" != 0 ]; then
    cat "$PWD/log"
else
    cat "$root.result/summary"
fi
rm -rf "$root.result"
exit "$status"
