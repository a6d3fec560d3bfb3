#!/bin/sh
# package.sh FOLDER - makes the Debian packages of the last commit in FOLDER, and has
# lintian check them
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)

fail() { echo "package.sh: $*" >&2; exit 1; }
quietly() { "$@" >"$folder/log" 2>&1 || { cat "$folder/log"; fail "failed: $*"; }; }

commit() { git -C "$source" log -1 --format="$1"; }

version=$(sed -n 's/^#define SBIND_VERSION_[A-Z]* \([0-9]*\)$/\1/p' \
    "$source/include/sbind/version.h" | paste -s -d .)
SOURCE_DATE_EPOCH=$(commit %ct)
export SOURCE_DATE_EPOCH

# ---- The source package ------------------------------------------------------------

rm -rf "$folder/sbind-$version" "$folder"/*.deb "$folder"/*.changes "$folder"/*.dsc
git -C "$source" archive --prefix="sbind-$version/" HEAD |
    xz >"$folder/sbind_$version.orig.tar.xz"
tar -x -C "$folder" -f "$folder/sbind_$version.orig.tar.xz"
cp -r "$source/packaging/debian" "$folder/sbind-$version/debian"
cat >"$folder/sbind-$version/debian/changelog" <<EOF
sbind ($version-1) unstable; urgency=medium

  * What is new in version $version is in CHANGELOG.md.

 -- The sbind authors <maintainers@sbind.invalid>  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
EOF

# ---- Building and asking -----------------------------------------------------------

cd "$folder/sbind-$version"
quietly env DEB_BUILD_OPTIONS="parallel=2" dpkg-buildpackage -us -uc
cd "$folder"
lintian --info --display-info --fail-on error,warning,info sbind_"$version"-1_*.changes
ls ./*.deb
