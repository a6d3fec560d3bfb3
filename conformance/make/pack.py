#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Packs the conformance suite for other projects, without the C sources.

    pack.py FOLDER [SECONDS]

sbind-conformance-VERSION.tar.gz contains the suites, the runner, the ports, the
grammars, the documents, and named.tsv. npm can install it, too.
sbind-conformance-VERSION.pyz contains the runner and its data in one file:

    python3 sbind-conformance-VERSION.pyz [OPTIONS] -- ADAPTER

Both files are the same whenever, wherever and by whomever they are made. The files in
them have the time SECONDS, or else a time in 1980.
"""
import gzip
import io
import json
import pathlib
import sys
import tarfile
import tempfile
import time
import zipfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parents[1]
ROOT = HERE.parent
sys.path.insert(0, str(HERE))
import run
import tiers

RUNNER = ("*.py", "*.json", "VERSION", "boundary.sha256", "vectors/*.json",
          "versions/*.tsv")
FILES = tuple("conformance/" + each for each in (
    *RUNNER, "*.md", "LICENSE-DATA", "ports/**/*.*")) + (
    "grammar/*.abnf", "grammar/SPEC.md", "grammar/PORTING.md", "LICENSE-*")
EARLIEST = 315532800 # 1980, the first year that a zip file can say


def files(root, patterns):
    """{name: (octets, mode)}"""
    return {path.relative_to(root).as_posix():
            (path.read_bytes(), 0o755 if path.stat().st_mode & 0o100 else 0o644)
            for pattern in patterns for path in root.glob(pattern)
            if path.is_file() and "__pycache__" not in path.parts}


def package(version):
    """For npm: import suite from "sbind-conformance/conformance/vectors/tcp.json"."""
    return json.dumps({
        "name": "sbind-conformance", "version": version + ".0",
        "description": "Conformance suite of service bindings: vectors, runner, grammars",
        "license": "(MIT OR Apache-2.0) AND 0BSD",
        "bin": {"sbind-conformance": "conformance/run.py"}}, indent=2).encode() + b"\n"


def table():
    with tempfile.NamedTemporaryFile() as file:
        run.write_table(pathlib.Path(file.name), tiers.Tiers())
        return file.read()


def contents():
    return {**files(ROOT, FILES), "named.tsv": (table(), 0o644),
            "package.json": (package(tiers.version()), 0o644)}


def tarball(path, name, content, seconds):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for place, (text, mode) in sorted(content.items()):
            member = tarfile.TarInfo("%s/%s" % (name, place))
            member.size, member.mode, member.mtime = len(text), mode, seconds
            member.uname = member.gname = "root"
            tar.addfile(member, io.BytesIO(text))
    path.write_bytes(gzip.compress(raw.getvalue(), 9, mtime=seconds))
    return path


def program(path, seconds):
    """Puts all modules and data into a zip file that Python can run."""
    content = {name: text for name, (text, _) in files(HERE, RUNNER).items()}
    content["__main__.py"] = content.pop("run.py")
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in sorted(content.items()):
            member = zipfile.ZipInfo(name, time.gmtime(seconds)[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, text)
    path.write_bytes(b"#!/usr/bin/env python3\n" + raw.getvalue())
    path.chmod(0o755)
    return path


def pack(folder, seconds=EARLIEST):
    """The files that it makes."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "sbind-conformance-" + tiers.version()
    return [tarball(folder / (name + ".tar.gz"), name, contents(), seconds),
            program(folder / (name + ".pyz"), max(seconds, EARLIEST))]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    for path in pack(pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:])):
        print(path)


if __name__ == "__main__":
    main()
