#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes the completions of bash, zsh and fish from the options that the command
itself lists.

    generate.py SBIND FOLDER    SBIND is the command
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
KINDS = {"ADDRESS": "address", "USER": "user", "GROUP": "group",
         "GROUP,...": "group", "DIRECTORY": "directory", "INTERFACE": "interface",
         "LIST": "scheme"}
HELP = {"name": "help", "letter": "h", "argument": None,
        "help": "print this help"}


def table(sbind):
    done = subprocess.run([sbind, "help", "--json"], check=True, capture_output=True)
    return {each["name"]: {"about": each["usages"][0]["purpose"] or each["name"],
                           "operands": "".join(u["operands"] for u in each["usages"]),
                           "options": [*each["options"], HELP]}
            for each in json.loads(done.stdout)["subcommands"]}


def kind(option):
    return KINDS.get(option["argument"], "other")


def spellings(option):
    letter = ["-" + option["letter"]] if option["letter"] else []
    return letter + ["--" + option["name"]]


def operand(subcommand):
    for word, found in (("SUBCOMMAND", "subcommand"), ("COMMAND", "command"),
                        ("ADDRESS", "address")):
        if word in subcommand["operands"]:
            return found
    return "none"


# ---- bash ------------------------------------------------------------------------

def bash(subcommands):
    options, kinds = [], []
    for name, each in subcommands.items():
        options.append("    %s) echo '%s' ;;" % (name, " ".join(
            word for option in each["options"] for word in spellings(option))))
        for option in each["options"]:
            if option["argument"]:
                kinds.append("    %s) echo %s ;;" % (
                    " | ".join("%s:%s" % (name, word) for word in spellings(option)),
                    kind(option)))
        kinds.append("    %s:) echo %s ;;" % (name, operand(each)))
    return {"SUBCOMMANDS": " ".join(subcommands), "OPTIONS": "\n".join(options),
            "KINDS": "\n".join(kinds)}


# ---- zsh -------------------------------------------------------------------------

def zsh_text(text):
    for letter in "\\[]:":
        text = text.replace(letter, "\\" + letter)
    return text.replace("'", "'\\''")


def zsh_option(option):
    argument = ""
    if option["argument"]:
        argument = ":%s:%s" % (zsh_text(option["argument"]), "_sbind_" + kind(option))
    for word in spellings(option):
        equals = "=" if argument and word.startswith("--") else ""
        yield "        '*%s%s[%s]%s' \\" % (word, equals, zsh_text(option["help"]),
                                           argument)


def zsh(subcommands):
    cases = []
    for name, each in subcommands.items():
        cases.append("    %s)\n        _arguments -S \\" % name)
        cases += [line for option in each["options"] for line in zsh_option(option)]
        cases.append("        '*::%s:_sbind_%s'\n        ;;" % (operand(each),
                                                              operand(each)))
    return {"SUBCOMMANDS": " ".join(subcommands), "CASES": "\n".join(cases)}


# ---- fish ------------------------------------------------------------------------

def fish_text(text):
    return "'%s'" % text.replace("\\", "\\\\").replace("'", "\\'")


def fish(subcommands):
    lines = []
    for name, each in subcommands.items():
        seen = "complete -c sbind -n '__sbind_in %s' " % name
        for option in each["options"]:
            letter = "-s %s " % option["letter"] if option["letter"] else ""
            argument = "-x -a '(__sbind_%s)' " % kind(option) if option["argument"] \
                else ""
            lines.append(seen + "-l %s %s%s-d %s" % (
                option["name"], letter, argument, fish_text(option["help"])))
        lines.append(seen + "-a '(__sbind_%s)'" % operand(each))
    return {"SUBCOMMANDS": " ".join(subcommands), "OPTIONS": "\n".join(lines)}


def main():
    subcommands, folder = table(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for name, fill in (("sbind.bash", bash), ("_sbind", zsh), ("sbind.fish", fish)):
        text = (HERE / (name + ".in")).read_text(encoding="utf-8")
        for word, value in fill(subcommands).items():
            text = text.replace("@%s@" % word, value)
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
