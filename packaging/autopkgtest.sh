#!/bin/sh
# autopkgtest.sh FOLDER - tries the packages that package.sh has made in FOLDER: they
# are installed in a new root of Debian, which has nothing else, and the tests of
# packaging/debian/tests run there. Needs root, and Debian's archive.
set -eu
# What is mounted is seen by this script only, and gone with it.
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
