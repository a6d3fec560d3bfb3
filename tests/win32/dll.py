#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""dll.py OBJDUMP DLL COMMAND MAP - does the library export exactly the functions in the map, and
does it need only libraries of Windows? Does the test notice a library that exports or needs
more?"""
import re
import subprocess
import sys

OF_WINDOWS = {"advapi32.dll", "iphlpapi.dll", "kernel32.dll", "msvcrt.dll",
              "shell32.dll", "ws2_32.dll"}


def read(objdump, path):
    done = subprocess.run([objdump, "-p", path], check=True, capture_output=True,
                          text=True)
    return done.stdout


def faults(dll, command, wanted):
    table = dll.partition("[Ordinal/Name Pointer]")[2].partition("\n\n")[0]
    shown = set(re.findall(r"^\s*\[.*\]\s+(?:\+base\[.*\]\s+\S+\s+)?(\w+)$", table,
                           re.MULTILINE))
    for name in sorted(shown ^ wanted):
        yield "%s: %s" % (name, "not shown" if name in wanted else "shown")
    for text in (dll, command):
        needed = {name.lower() for name in
                  re.findall(r"DLL Name: (\S+)", text)}
        for name in sorted(needed - OF_WINDOWS - {"libsbind.dll"}):
            yield "%s: needed" % name
    if "libsbind.dll" not in command.lower():
        yield "the command has the library in it"


def main():
    objdump, dll, command, path = sys.argv[1:]
    with open(path, encoding="ascii") as file:
        wanted = set(re.findall(r"^ +(sbind_\w+);", file.read(), re.MULTILINE))
    texts = read(objdump, dll), read(objdump, command)
    found = list(faults(*texts, wanted))
    bad = (("more is shown", (*texts, wanted - {"sbind_listen"})),
           ("less is shown", (*texts, wanted | {"sbind_none"})),
           ("more is needed", (texts[0] + "\nDLL Name: libssp-0.dll\n", texts[1],
                               wanted)))
    found += ["not noticed: " + words for words, arguments in bad
              if not list(faults(*arguments))]
    print("\n".join(found + ["%d functions" % len(wanted)]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
