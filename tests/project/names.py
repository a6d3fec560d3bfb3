#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""names.py SOURCE - can each function be searched for? A name of one word, such as
"find", may be in one file only, or in two files of the same name for two systems."""
import collections
import pathlib
import re
import sys

FUNCTION = re.compile(r"^(?:static )?[A-Za-z][^;={(\n#/]*?\b([a-z]+)\([^;{]*?\)\n\{", re.M)
BAD = {"a/x.c": "static int find(int a)\n{\n", "b/x.c": "HANDLE find(void)\n{\n"}
GOOD = {"a/linux/x.c": BAD["a/x.c"], "a/win32/x.c": BAD["b/x.c"],
        "b/y.c": "int find_it(void)\n{\n    find(1);\n}\n"}


def shared(texts):
    """[(name, files)]"""
    files = collections.defaultdict(set)
    for path, text in texts.items():
        for name in FUNCTION.findall(text):
            files[name].add(re.sub("/(posix|portable|linux|macos|win32)/", "/", path))
    return [(name, sorted(found)) for name, found in files.items()
            if len(found) > 1]


def main():
    if shared(GOOD) or shared(BAD) != [("find", ["a/x.c", "b/x.c"])]:
        sys.exit("names of several files go unnoticed")
    texts = {str(path.relative_to(sys.argv[1])): path.read_text(encoding="utf-8")
             for path in (pathlib.Path(sys.argv[1]) / "src").rglob("*.c")
             if path.name != "lexer.c"}
    found = shared(texts)
    for name, files in found:
        print("%s: %s" % (name, " ".join(files)))
    print("%d files, %d names of several" % (len(texts), len(found)))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
