#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes two files from the library, which can be copied into another project.

    amalgamate.py FOLDER

FOLDER gets sbind.c and sbind.h for Linux and Windows. FOLDER also gets sbind_parse.c and
sbind_parse.h, which only parse and print addresses, for any system. Each C file is compiled like
any other C11 file, without options.

Names that are local to a file of src/ do not collide: if several files have the same name
at their outermost level, each one gets the name of its file in front of it."""
import argparse
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
ROOMS = ("status", "parse", "activation", "policy", "bind", "notify", "pass")
PURE = ("status", "parse")
SYSTEMS = {"#ifdef _WIN32": ("win32",), "#ifndef _WIN32": ("posix", "linux")}

INCLUDE = re.compile(r'^#\s*include ([<"])([^>"]+)[>"].*\n', re.M)
FEATURE = re.compile(r"^#define _[A-Z]+_SOURCE\b.*\n", re.M)
MACRO = re.compile(r"^# *define (\w+)", re.M)
GUARD = re.compile(r"\A((?:\s*/\*.*?\*/\s*)?)#ifndef (\w+_H)\n#define \2\n(.*)#endif\n\Z",
                   re.S)
TOKEN = re.compile(r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'
                       | ^\#(?:\\\n|[^\n])*? (?=\s*/\*|\s*//|\n)
                       | [A-Za-z_]\w* | [0-9][\w.]* | -> | \s+ | .""",
                   re.S | re.M | re.X)
NAME = re.compile(r"[A-Za-z_]\w*\Z")
KEYWORDS = {"if", "while", "for", "switch", "return", "sizeof", "_Static_assert"}

HEAD = """/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * %s - sbind %s: %s
 *
 * Made by packaging/amalgamate.py; do not edit. The licences are in LICENSE-MIT and
 * LICENSE-APACHE.
 */
"""


def version():
    text = (ROOT / "include/sbind/version.h").read_text(encoding="utf-8")
    return ".".join(re.findall(r"^#define SBIND_VERSION_[A-Z]+ (\d+)$", text, re.M))


# ---- Names that are local to a file ----------------------------------------------

def tokens(text):
    """The tokens of a text, without blanks and comments. A directive is one token."""
    return [t for t in TOKEN.findall(text)
            if not t.isspace() and not t.startswith(("/*", "//"))]


def outermost(text):
    """The names that a file declares at its outermost level, except for macros."""
    found, depth, enum = set(), 0, None
    last, words = "", tokens(text)
    for i, word in enumerate(words[:-1]):
        after = words[i + 1]
        if word == "{":
            if depth == 0 and "enum" in words[max(0, i - 2):i]:
                enum = depth
            depth += 1
        elif word in "([":
            depth += 1
        elif word in ")]}":
            depth -= 1
            enum = None if word == "}" and depth == enum else enum
        elif NAME.match(word) and word not in KEYWORDS:
            tag = last in ("struct", "union", "enum") and after == "{"
            constant = enum is not None and depth == 1 and last in ("{", ",")
            declared = (last not in ("struct", "union", "enum") and
                        after in ("(", "=", "[", ";", ","))
            if depth == 0 and (tag or declared) or constant:
                found.add(word)
        last = word
    return found


def members(words):
    """The places of names of members in the declarations of structures and unions."""
    found, depth, begun = set(), 0, []
    for i, word in enumerate(words[:-1]):
        if word == "{":
            depth += 1
            if {"struct", "union"} & set(words[max(0, i - 2):i]):
                begun.append(depth)
        elif word == "}":
            begun = begun[:-1] if begun and begun[-1] == depth else begun
            depth -= 1
        elif begun and begun[-1] == depth and words[i + 1] in (";", ",", "[", ":"):
            found.add(i)
    return found


def rename(text, names, prefix):
    """Members keep their names."""
    words, last, at = TOKEN.findall(text), "", -1
    kept = members(tokens(text))
    for i, word in enumerate(words):
        if word.isspace() or word.startswith(("/*", "//")):
            continue
        at += 1
        if word in names and last not in (".", "->") and at not in kept:
            words[i] = prefix + word
        elif word.startswith("#"):
            words[i] = re.sub(r"\b(%s)\b" % "|".join(names), prefix + r"\1", word)
        last = word
    return "".join(words)


def separate(files):
    """The files as {path: text}. No two of them share a name at their outermost
    level."""
    owners = collections.defaultdict(set)
    for path, text in files.items():
        for name in outermost(text):
            owners[name].add(path)
    result = {}
    for path, text in files.items():
        shared = {name for name in outermost(text)
                  if len(owners[name]) > 1 and not name.startswith("sbind_")}
        prefix = "_".join(path.relative_to(ROOT / "src").with_suffix("").parts) + "_"
        result[path] = rename(text, shared, prefix) if shared else text
    return result


# ---- Files -----------------------------------------------------------------------

def without_macros(text):
    """Undefines the macros of a file before the next file. Macros that complete the system's
    headers stay."""
    own = [name for name in MACRO.findall(text)
           if "#ifndef " + name not in text and "#undef " + name not in text]
    return text + "".join("#undef %s\n" % name for name in dict.fromkeys(own))


def body(path):
    """A header without its guard."""
    match = GUARD.match(path.read_text(encoding="utf-8"))
    if not match:
        sys.exit("%s has no guard" % path)
    return match[1] + match[3].lstrip("\n")


class Writer:
    """A text in which each header of the system is included once, where it comes
    first."""

    def __init__(self, header):
        self.header, self.seen, self.text = header, set(), []

    def expand(self, path, text):
        """Replaces each include of one of our own headers by that header."""
        end = 0
        for match in INCLUDE.finditer(text):
            self.text.append(text[end:match.start()])
            end = match.end()
            kind, name = match[1], match[2]
            if kind == '"':
                self.include((path.parent / name).resolve())
            elif not name.startswith("sbind/"):
                self.text.append(match[0])
            elif self.header is None:
                self.include(ROOT / "include" / name)
        self.text.append(text[end:])

    def include(self, path):
        if path not in self.seen:
            self.seen.add(path)
            self.add(path, body(path))

    def add(self, path, text):
        self.text.append("\n/* ==== %s ==== */\n\n" % path.relative_to(ROOT))
        self.expand(path, text)


def sources(rooms, systems=("",)):
    folders = [ROOT / "src" / room / system for system in systems for room in rooms]
    return [path for folder in folders for path in sorted(folder.glob("*.c"))]


def add_sources(writer, rooms, systems=None):
    """The files for one system follow the common ones. What they include is for that
    system alone."""
    paths = sources(rooms, systems or ("",))
    common = {path: path.read_text(encoding="utf-8")
              for path in sources(rooms) + (paths if systems else [])}
    texts, seen = separate(common), set(writer.seen)
    for path in paths:
        writer.add(path, without_macros(FEATURE.sub("", texts[path])))
    if systems:
        writer.seen = seen


def header(name, about, first):
    writer = Writer(None)
    guard = name.replace(".", "_").upper() + "_AMALGAMATED"
    writer.text.append(HEAD % (name, version(), about))
    writer.text.append("#ifndef %s\n#define %s\n" % (guard, guard))
    for each in first:
        writer.include(ROOT / "include/sbind" / each)
    writer.text.append("\n#endif\n")
    return "".join(writer.text)


def source(name, about, rooms, systems):
    writer = Writer(name.replace(".c", ".h"))
    writer.text.append(HEAD % (name, version(), about))
    writer.text.append("#if !defined _WIN32 && !defined _GNU_SOURCE\n"
                       "#define _GNU_SOURCE\n#endif\n")
    writer.text.append('#include "%s"\n' % writer.header)
    add_sources(writer, rooms)
    for condition, folders in systems.items():
        writer.text.append("\n%s\n" % condition)
        add_sources(writer, rooms, folders)
        writer.text.append("\n#endif\n")
    return "".join(writer.text)


def texts():
    """{name: text} of the four files"""
    whole, pure = "the library", "addresses as texts and as values"
    made = {"sbind.h": header("sbind.h", whole, ["sbind.h"]),
            "sbind.c": source("sbind.c", whole, ROOMS, SYSTEMS),
            "sbind_parse.h": header("sbind_parse.h", pure, ["parse.h", "version.h"]),
            "sbind_parse.c": source("sbind_parse.c", pure, PURE, {})}
    return {name: re.sub(r"\n{3,}", "\n\n", text) for name, text in made.items()}


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("folder", type=pathlib.Path)
    folder = words.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts().items():
        (folder / name).write_text(text, encoding="utf-8")
        print("%s: %d lines" % (folder / name, text.count("\n")))


if __name__ == "__main__":
    main()
