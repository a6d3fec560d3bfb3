#!/bin/sh
# release.sh SOURCE PLACE - is a release refused if the tree is changed, is not tested, or has
# another version? Do two releases, made in different folders, have the same octets? Are they
# complete?
set -eu
source=$1
usr=$2/usr
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() { echo "$*"; exit 1; }
quietly() { "$@" >"$dir/log" 2>&1 || { cat "$dir/log"; fail "failed: $*"; }; }

# A repository with its own identity for commits.
GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a
GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL \
    GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM
mkdir "$dir/one" "$dir/deeper"
tar -c -C "$source" --exclude=./build --exclude=./.git . | tar -x -C "$dir/one"
cd "$dir/one"

# An old version, and a version that does not exist yet.
sed -i 's/^#define SBIND_VERSION_PATCH .*/#define SBIND_VERSION_PATCH 7/' \
    include/sbind/version.h
sed -i '0,/^## /s/^## .*/## Unreleased/' CHANGELOG.md
quietly git init -q
quietly git add -A
quietly git commit -q -m old

release() { python3 -B packaging/release.py 0.9.3 "$1" >"$dir/log" 2>&1; }
expect_refused() { # WHY
    ! release "$dir/refused" || fail "a release was made although: $1"
    grep -q "$1" "$dir/log" || { cat "$dir/log"; fail "it does not say: $1"; }
    [ ! -e "$dir/refused" ] || fail "a refused release leaves files"
}
test_passed() { mkdir -p build; git rev-parse 'HEAD^{tree}' >build/tested; }

expect_refused 'version.h says 0\.[0-9]*\.7'
expect_refused 'has no section "0.9.3 - DATE"'
quietly python3 -B packaging/release.py --prepare 0.9.3
grep -q '^## 0\.9\.3 - [0-9-]*$' CHANGELOG.md || fail "the change log was not prepared"
expect_refused "not committed"
expect_refused "has not passed"
test_passed # before the change
quietly git commit -q -a -m new
expect_refused "has not passed"
test_passed
quietly git commit -q --allow-empty -m "the same tree"
touch new
expect_refused "not committed"
rm new

release "$dir/first" || { cat "$dir/log"; fail "no release was made"; }
quietly git clone -q "$dir/one" "$dir/deeper/another"
cd "$dir/deeper/another"
test_passed
(umask 077 && release "$dir/second") || { cat "$dir/log"; fail "no second release"; }
diff -r "$dir/first" "$dir/second" || fail "two releases differ"

# ---- What is in them ------------------------------------------------------------------

cd "$dir/first"
quietly sha256sum --check --strict SHA256SUMS
[ "$(find . -type f | wc -l)" = 5 ] || fail "there are other files"
for tarball in *.tar.gz; do
    quietly tar -x -C "$dir" -f "$tarball"
done
cd "$dir"
git -C one ls-files | sort >wanted
(cd sbind-0.9.3 && find . -type f | sed 's|^\./||' | sort) | diff wanted - ||
    fail "the sources are not those of git"
[ -x sbind-0.9.3/dev ] || fail "scripts cannot be run"
quietly cc -std=c11 -Wall -Werror -c sbind-amalgamation-0.9.3/sbind_parse.c -o parse.o
suite=sbind-conformance-$(cat "$source/conformance/VERSION") # see suite.sh
quietly python3 "$suite/conformance/run.py" --quick -- "$usr/bin/sbind" adapter
quietly python3 "first/$suite.pyz" --quick -- "$usr/bin/sbind" adapter
