#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""texts.py SOURCE - is each text that a user can read in a test, in all its octets? These texts
are the texts and hints of errors of the library, and the command's messages about arguments and
about itself.

If a text is in no test, it can be changed, or be given to another error, and no test notices.
Help is left out here: tests/system/help_test.py compares it with the table and the manual."""
import ast
import pathlib
import re
import sys

# Rooms of the library. In these, every string with three words or more is a text for users.
LIBRARY = ("include/sbind/status.h", "src/status/*.c", "src/parse/*.c",
           "src/activation/**/*.c", "src/policy/*.c", "src/bind/**/*.c",
           "src/notify/**/*.c", "src/pass/**/*.c")
COMMAND = ("src/cli/**/*.c",)
# Functions of the command that print their arguments.
PRINTS = re.compile(r"\b(?:cli_usage|cli_say|cli_say_in|explain_say|explain_refused|"
                    r"wrong|say|say_name|refused)\(")
# The argument of an option, in a row of a table.
TAKES = re.compile(r"\.takes =\s*")
# These files are for macOS, on which no test runs.
LEFT_OUT = ("src/cli/macos/drop.c", "src/cli/macos/lacking.c")
LEXERS = ("src/parse/lexer.c", "src/activation/lexer.c", "src/notify/lexer.c")
TESTS = ("tests/unit/*.[ch]", "tests/system/*.py", "tests/win32/*.[ch]",
         "tests/win32/*.py")

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\]|\\.)+\'',
                   re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "0": "\0", "\\": "\\", '"': '"', "'": "'"}
# Errors that no test can make happen.
UNTESTED = {"sbind: CreateThread failed"}
# The parts of a format that printf replaces.
CONVERSION = re.compile(r"%[-+ 0-9.*]*[hjlz]*(?:[a-zA-Z%]|$)|\n")


def unescape(literal):
    return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], "\\" + m[1]), literal)


def without_comments(code):
    return TOKEN.sub(lambda m: " " if m[0].startswith("/") else m[0], code)


def c_texts(code):
    """The string literals in C code. Literals with nothing but blanks between them are one."""
    code = without_comments(code).replace("\\\n", "")
    end, found = None, ""
    for match in TOKEN.finditer(code):
        if not match[0].startswith('"'):
            continue
        if end is not None and code[end:match.start()].strip() != "":
            yield found
            found = ""
        found += unescape(match[0][1:-1])
        end = match.end()
    if end is not None:
        yield found


def python_texts(code):
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Constant) and isinstance(node.value, bytes):
            yield node.value.decode("latin-1")
        elif isinstance(node, ast.JoinedStr):
            yield "\0".join(part.value for part in node.values
                            if isinstance(part, ast.Constant))


def is_prose(text):
    """Whether a string has words, and is not the name of a call such as "setsockopt
    SO_SNDBUF"."""
    return len(re.findall(r"[a-z]{2,}", text)) >= 3 and " " in text.strip()


def of_library(code):
    return [text for text in c_texts(code) if is_prose(text)]


def call_arguments(code, begin):
    depth, i = 0, begin
    while True:
        token = TOKEN.match(code, i)
        if token:
            i = token.end()
            continue
        depth += (code[i] == "(") - (code[i] == ")")
        i += 1
        if depth == 0:
            return code[begin:i]


def of_command(code):
    """The pieces of a format that are printed unchanged."""
    bare = without_comments(code)
    printed = [text for match in PRINTS.finditer(bare)
               for text in c_texts(call_arguments(bare, match.end() - 1))]
    printed += [next(c_texts(bare[match.end():]))
                for match in TAKES.finditer(bare)]
    for text in printed:
        for piece in CONVERSION.split(text):
            if is_prose(piece):
                yield piece.strip()


def paths(source, patterns):
    return sorted(path for pattern in patterns for path in source.glob(pattern)
                  if str(path.relative_to(source)) not in LEXERS + LEFT_OUT)


def tested(source):
    texts = []
    for path in paths(source, TESTS):
        code = path.read_text()
        texts += (python_texts(code) if path.suffix == ".py" else
                  c_texts(code))
    return "\0\0".join(texts)


def untested(source, known):
    """The texts that are in no test, each with its file."""
    for patterns, texts in ((LIBRARY, of_library), (COMMAND, of_command)):
        for path in paths(source, patterns):
            for text in texts(path.read_text()):
                if text not in known and text not in UNTESTED:
                    yield path.relative_to(source), text


def check_oneself():
    """Examples: a text in pieces, a string that users do not read, and a text that is
    printed."""
    code = ('/* "not this text here" */ f("a hint in " /* of */\n  "pieces", '
            '"setsockopt SO_SNDBUF", 1);')
    assert of_library(code) == ["a hint in pieces"], of_library(code)
    code = 'cli_usage(self, "%s takes (a list) of words, %d at most", x(")"));'
    assert list(of_command(code)) == ["takes (a list) of words,"]
    code = '{"x", NULL, "help is left out", .takes = "one, or " "a list"}'
    assert list(of_command(code)) == ["one, or a list"]
    assert list(python_texts("x = ('one ' 'two', f'three {x} four')"))


def main():
    source = pathlib.Path(sys.argv[1])
    check_oneself()
    known = tested(source)
    for lost in ("the port is above 65535", "close the bracket: [::1]:80",
                 "needs an argument"):      # such a loss is noticed
        if not any(lost in text for _, text in
                   untested(source, known.replace(lost, ""))):
            sys.exit(f"it goes unnoticed that no test has: {lost}")
    missing = sorted(set(untested(source, known)), key=str)
    for path, text in missing:
        print(f"{path}: no test has: {text}")
    count = len(list(untested(source, "")))
    if count < 200:
        sys.exit(f"only {count} texts were found")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
