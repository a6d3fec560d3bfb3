#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the files of a release, or prepares the tree for one.

    release.py VERSION FOLDER       sbind-VERSION.tar.gz, the amalgamation, the
                                    conformance suite, which has a version of its own,
                                    and SHA256SUMS, of the last commit
    release.py --prepare VERSION    the version in include/sbind/version.h, and the
                                    head of CHANGELOG.md; they are then committed

A release is refused unless everything is committed, header and change log have the version, and
"./dev test" has passed for this very commit. Two releases of one commit have the same octets,
wherever they are made. The program makes no tag."""
import datetime
import hashlib
import io
import pathlib
import re
import subprocess
import sys
import tarfile

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "conformance/make"))
import amalgamate
import pack

HEADER, CHANGES = "include/sbind/version.h", "CHANGELOG.md"
PARTS = ("MAJOR", "MINOR", "PATCH")
TESTED = "build/tested" # ./dev test writes the tree there that it has passed for
LICENCES = ("LICENSE-MIT", "LICENSE-APACHE")


def git(*words):
    done = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, check=False)
    if done.returncode:
        sys.exit("release: git %s: %s" % (words[0], done.stderr.decode().strip()))
    return done.stdout


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


# ---- Is it ready? ----------------------------------------------------------------

def tested():
    path = ROOT / TESTED
    tree = git("rev-parse", "HEAD^{tree}").decode()
    return path.is_file() and path.read_text(encoding="utf-8") == tree


def faults(version):
    """Why a release of this version cannot be made now."""
    if git("status", "--porcelain"):
        yield "there are changes that are not committed"
    if amalgamate.version() != version:
        yield "%s says %s" % (HEADER, amalgamate.version())
    if not re.search(r"^## %s - \d{4}-\d\d-\d\d$" % re.escape(version), read(CHANGES),
                     re.M):
        yield "%s has no section \"%s - DATE\"" % (CHANGES, version)
    if not tested():
        yield "\"./dev test\" has not passed for this commit"


def prepare(version):
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version):
        sys.exit("release: %s is not MAJOR.MINOR.PATCH" % version)
    text, changes = read(HEADER), read(CHANGES)
    if "\n## Unreleased\n" not in changes:
        sys.exit("release: %s has no section \"Unreleased\"" % CHANGES)
    for part, number in zip(PARTS, version.split(".")):
        text = re.sub(r"(#define SBIND_VERSION_%s) \d+" % part, r"\1 " + number, text)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    changes = changes.replace("\n## Unreleased\n", "\n## %s - %s\n" % (version, today))
    (ROOT / HEADER).write_text(text, encoding="utf-8")
    (ROOT / CHANGES).write_text(changes, encoding="utf-8")
    print("%s and %s are of %s: look at them, commit, ./dev test, ./dev release %s" %
          (HEADER, CHANGES, version, version))


# ---- The files -------------------------------------------------------------------

def committed(*names):
    """The files of folders in the last commit, as {name: (text, mode)}."""
    archive = io.BytesIO(git("archive", "--format=tar", "HEAD", "--", *names))
    with tarfile.open(fileobj=archive) as tar:
        return {member.name: (tar.extractfile(member).read(),
                              0o755 if member.mode & 0o100 else 0o644)
                for member in tar if member.isfile()}


def tarball(folder, name, files):
    """Packs an archive. Its octets do not depend on when, where or by whom it is
    made."""
    return pack.tarball(folder / (name + ".tar.gz"), name, files, time_of_commit())


def time_of_commit():
    return int(git("log", "-1", "--format=%ct"))


def amalgamation():
    made = amalgamate.texts()
    return {name: (text.encode(), 0o644) for name, text in made.items()}


def release(version, folder):
    found = list(faults(version))
    if found:
        sys.exit("".join("release: %s\n" % fault for fault in found).rstrip())
    folder.mkdir(parents=True, exist_ok=True)
    made = [tarball(folder, "sbind-" + version, committed()),
            tarball(folder, "sbind-amalgamation-" + version,
                    {**amalgamation(), **committed(*LICENCES)}),
            *pack.pack(folder, time_of_commit())]
    sums = "".join("%s  %s\n" % (hashlib.sha256(path.read_bytes()).hexdigest(), path.name)
                   for path in made)
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
    print(sums, end="")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if sys.argv[1] == "--prepare":
        prepare(sys.argv[2])
    else:
        release(sys.argv[1], pathlib.Path(sys.argv[2]))


if __name__ == "__main__":
    main()
