#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""includes.py SOURCE - checks that each file of src/ and include/ includes only the
headers that the table of src/README.md allows for its room. Also checks that each kind
of violation is noticed."""
import os
import pathlib
import re
import sys
import tempfile

PLAIN = {"limits.h", "stdbool.h", "stddef.h", "stdint.h", "string.h"}
INCLUDE = re.compile(r'^#\s*include ([<"])([^>"]+)[>"]', re.M)


def rooms(source):
    """Reads the table: for each room, the rooms that it may include, its public
    headers, and whether it is pure."""
    text = (source / "src/README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \| (yes|no) \|$",
                      text, re.M)
    return {room: (set(re.findall(r"`(\w+)`", uses)) | {room},
                   set(re.findall(r"`(\w+\.h)`", public)), calls == "no")
            for room, uses, public, calls in rows}


def systems(source):
    """Reads the table: for each folder, the folders that it may include, also
    itself."""
    text = (source / "src/README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", text, re.M)
    return {folder: set(re.findall(r"`(\w+)`", uses)) | {folder}
            for folder, uses in rows}


def place(path):
    """The room and the system (or None) of a path below src/."""
    parts = path.parts
    return parts[0], parts[1] if len(parts) > 2 else None


class House:
    def __init__(self, source):
        self.source, self.rooms = source, rooms(source)
        self.systems = systems(source)
        self.owner = {header: room for room, (_, public, _) in self.rooms.items()
                      for header in public}

    def files(self):
        """(file, room, system)"""
        for path in sorted((self.source / "src").glob("**/*")):
            if path.suffix in (".c", ".h", ".re"):
                yield path, *place(path.relative_to(self.source / "src"))
        for path in sorted((self.source / "include/sbind").glob("*.h")):
            yield path, self.owner.get(path.name), None

    def fault_of_room(self, room, other):
        if other not in self.rooms[room][0]:
            return "room %s may not include %s" % (room, other)
        return None

    def fault_of_own(self, path, room, system, name):
        target = pathlib.Path(os.path.normpath(path.parent / name))
        if not target.is_file():
            return "there is no such file"
        other, others_system = place(target.relative_to(self.source / "src"))
        if others_system is not None and (
                other != room or others_system not in self.systems.get(system, ())):
            return "%s/%s may not be included here" % (other, others_system)
        return self.fault_of_room(room, other)

    def fault_of_system(self, room, name):
        if name.startswith("sbind/"):
            other = self.owner.get(name[len("sbind/"):])
            return self.fault_of_room(room, other)
        if self.rooms[room][2] and name not in PLAIN:
            return "room %s does not call the system" % room
        return None

    def faults(self):
        for path, room, system in self.files():
            name = str(path.relative_to(self.source))
            if room not in self.rooms or system not in (None, *self.systems):
                yield name + " is in no room"
                continue
            for kind, what in INCLUDE.findall(path.read_text(encoding="utf-8")):
                fault = self.fault_of_own(path, room, system, what) \
                    if kind == '"' else self.fault_of_system(room, what)
                if fault:
                    yield "%s includes %s: %s" % (name, what, fault)
        listed = {path.name for path in
                  (self.source / "include/sbind").glob("*.h")}
        yield from ("src/README.md: no header " + header
                    for header in self.owner.keys() - listed)


VIOLATIONS = (
    ("src/parse/new.c", '#include "../bind/family.h"', "room parse"),
    ("src/parse/new.c", "#include <stdio.h>", "does not call the system"),
    ("src/parse/new.c", "#include <sbind/listen.h>", "room parse"),
    ("src/policy/new.h", "#  include <sys/socket.h>", "does not call"),
    ("src/bind/new.c", '#include "posix/place.h"', "bind/posix may not"),
    ("src/bind/win32/new.c", '#include "../posix/place.h"', "bind/posix may not"),
    ("src/bind/posix/new.c", '#include "../win32/win32.h"', "bind/win32 may not"),
    ("src/bind/portable/new.c", '#include "../linux/alias.h"', "bind/linux may not"),
    ("src/bind/macos/new.c", '#include "../linux/alias.h"', "bind/linux may not"),
    ("src/bind/posix/new.c", '#include "../../cli/linux/holders.h"', "cli/linux may not"),
    ("src/cli/linux/new.c", '#include "../../bind/posix/place.h"', "bind/posix may not"),
    ("src/bind/linux/new.c", '#include "../../cli/cli.h"', "room bind"),
    ("src/bind/linux/new.c", '#include "gone.h"', "no such file"),
    ("src/bind/mac/new.c", "", "in no room"),
    ("src/new/new.c", "", "in no room"),
    ("include/sbind/new.h", "", "in no room"),
    ("include/sbind/parse.h", "#include <sbind/listen.h>", "room parse"),
)


def self_test(source):
    """Makes a tree of links to the real one, with one more file."""
    for name, text, wanted in VIOLATIONS:
        with tempfile.TemporaryDirectory() as scratch:
            copy = pathlib.Path(scratch)
            for path in [*source.glob("src/**/*"), *source.glob("include/sbind/*")]:
                if path.is_file():
                    to = copy / path.relative_to(source)
                    to.parent.mkdir(parents=True, exist_ok=True)
                    to.symlink_to(path)
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).unlink(missing_ok=True)
            (copy / name).write_text(text + "\n", encoding="utf-8")
            if not any(wanted in fault for fault in House(copy).faults()):
                yield "this went unnoticed: %s: %s" % (name, text)


def main():
    source = pathlib.Path(sys.argv[1]).resolve()
    house = House(source)
    if len(house.rooms) < 6 or len(house.systems) < 4:
        sys.exit("src/README.md has no table of rooms")
    found = [*house.faults(), *self_test(source)]
    print("\n".join(found) or "%d files in %d rooms" % (
        len([*house.files()]), len(house.rooms)))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
