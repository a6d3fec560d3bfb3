# SPDX-License-Identifier: MIT OR Apache-2.0
"""Lists the vectors of each version of the suite, and checks that none was edited
since.

    problems(suites, files)     what differs from the files of the versions
    added(suites, files, now)   the file of the version that is being made

versions/MAJOR.MINOR.tsv has a line for each vector that this version added. The line
has the vector's id, and 16 digits of the SHA-256 of its question and its answer. The
paragraph, the rule, the comment and the guarded edits of a vector may change.
"""
import hashlib
import json

REMARKS = ("rule", "spec", "comment", "guards")


def digest(vector):
    text = json.dumps({name: value for name, value in vector.items()
                       if name not in REMARKS}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def files(folder):
    """{version: {id: digest}}, in their order"""
    found = {tuple(map(int, path.stem.split("."))): path
             for path in (folder / "versions").glob("*.tsv")}
    return {"%d.%d" % number: dict(
        line.split("\t") for line in
        found[number].read_text(encoding="utf-8").splitlines())
        for number in sorted(found)}


def vectors(suites):
    return {v["id"]: digest(v) for document in suites.values()
            for v in document["vectors"]}


def added(suites, listed, now):
    """The vectors that are in no earlier version."""
    before = {name for version, ids in listed.items() if version != now
              for name in ids}
    return "".join("%s\t%s\n" % each for each in sorted(vectors(suites).items())
                   if each[0] not in before)


def problems(suites, listed):
    here = vectors(suites)
    for version, ids in listed.items():
        for name, text in ids.items():
            if name not in here:
                yield "%s: version %s has it, and it is gone" % (name, version)
            elif here[name] != text:
                yield "%s: it has been edited since version %s" % (name, version)
    for name in here.keys() - {name for ids in listed.values() for name in ids}:
        yield "%s: no version has it: add one to VERSION, run generate.py" % name
