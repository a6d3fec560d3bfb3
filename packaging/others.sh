#!/bin/sh
# others.sh FOLDER - makes the recipes of Alpine (APKBUILD) and of RPM systems (sbind.spec) in
# FOLDER, and tests them as far as Debian can: it builds the RPM packages, and runs the APKBUILD by
# a shell
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)

fail() { echo "others.sh: $*" >&2; exit 1; }
quietly() { "$@" >"$folder/log" 2>&1 || { cat "$folder/log"; fail "failed: $*"; }; }

version=$(sed -n 's/^#define SBIND_VERSION_[A-Z]* \([0-9]*\)$/\1/p' \
    "$source/include/sbind/version.h" | paste -s -d .)
tarball=$folder/sbind-$version.tar.gz
git -C "$source" archive --prefix="sbind-$version/" HEAD | gzip -n >"$tarball"

fill() { # TEMPLATE
    date=$(git -C "$source" log -1 --date=format:'%a %b %d %Y' --format=%cd)
    sum=$(sha512sum "$tarball" | cut -d ' ' -f 1)
    sed "s/@VERSION@/$version/; s/@SHA512@/$sum/; s/@RPM_DATE@/$date/" "$1"
}

# ---- RPM -------------------------------------------------------------------------------

fill "$source/packaging/rpm/sbind.spec.in" >"$folder/sbind.spec"
quietly rpmspec --parse "$folder/sbind.spec"
quietly rpmlint --config "$source/packaging/rpm/rpmlint.toml" "$folder/sbind.spec"
rm -rf "$folder/rpm"
quietly rpmbuild -ba --nodeps --define "_topdir $folder/rpm" \
    --define "_sourcedir $folder" "$folder/sbind.spec"
[ "$(find "$folder/rpm/RPMS" -name '*.rpm' ! -name '*debug*' | wc -l)" = 4 ] ||
    fail "these are not four packages"
# Debian's rpmbuild does not find licences and dependencies like that of other systems, so only the
# contents of the packages are checked.
quietly rpm -qpl "$folder"/rpm/RPMS/*/*.rpm
for file in /usr/bin/sbind libsbind.so.0 /usr/include/sbind/sbind.h \
    /usr/share/doc/sbind/README.md; do
    grep -q "$file" "$folder/log" || fail "$file is in no package"
done

# ---- Alpine ------------------------------------------------------------------------------

fill "$source/packaging/alpine/APKBUILD.in" >"$folder/APKBUILD"
shellcheck -s dash -e SC2034,SC2154 "$folder/APKBUILD"
cat >"$folder/run-apkbuild" <<'EOF'
# Does as much of abuild's work as this recipe needs.
set -eu
startdir=$PWD CFLAGS=-Os
. ./APKBUILD
echo "$sha512sums" | sed '/^$/d' | sha512sum -c
rm -rf apk && mkdir -p apk/src apk/pkg
tar -x -C apk/src -f "$source"
pkgdir=$startdir/apk/pkg
cd "apk/src/sbind-$pkgver"
build
check
package
amove() { (cd "$pkgdir" && ls "$@"); }
cd "$pkgdir"
static
EOF
(cd "$folder" && quietly busybox ash run-apkbuild)
[ -f "$folder/apk/pkg/usr/lib/libsbind.so.0" ] || fail "APKBUILD makes no library"
echo "sbind.spec: 4 packages; APKBUILD: $(find "$folder/apk/pkg" -type f | wc -l) files"
