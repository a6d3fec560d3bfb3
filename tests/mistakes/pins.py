#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""pins.py SOURCE - does the "old" of each kept mistake stand in its file exactly
once, so that the mistake can still be made? And has each mistake an id of its own?
"""
import json
import pathlib
import sys


def mistakes(source):
    for path in sorted(source.glob("tests/*/*.json")):
        for each in json.loads(path.read_text(encoding="utf-8")):
            yield path.relative_to(source), each


def faults(found, read):
    seen = set()
    for path, each in found:
        if each["id"] in seen:
            yield "%s: two mistakes are called %s" % (path, each["id"])
        seen.add(each["id"])
        old = each["old"]
        for text in [old] if isinstance(old, str) else old:
            count = read(each["file"]).count(text)
            if count != 1:
                yield "%s: %s: \"old\" stands %d times in %s" % (
                    path, each["id"], count, each["file"])


def self_test():
    """What goes unnoticed of what it should see."""
    for wanted, found in (
            ("two mistakes", [("l", {"id": "a", "file": "f", "old": "x"})] * 2),
            ("0 times", [("l", {"id": "a", "file": "f", "old": "y"})]),
            ("2 times", [("l", {"id": "a", "file": "f", "old": ["x", "z"]})])):
        if not any(wanted in fault for fault in faults(found, lambda _: "xzz")):
            yield "this goes unnoticed: " + wanted


def main():
    source = pathlib.Path(sys.argv[1])
    texts = {}

    def read(name):
        if name not in texts:
            texts[name] = (source / name).read_text(encoding="utf-8")
        return texts[name]
    found = [*mistakes(source)]
    wrong = [*faults(found, read), *self_test()]
    print("\n".join(wrong) or "%d mistakes" % len(found))
    return 1 if wrong or len(found) < 700 else 0


if __name__ == "__main__":
    sys.exit(main())
