#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints how long parsing and listening take, compared with other software, and which
goals are met.

    bench.py FOLDER [--rounds N] [--write]

FOLDER has the programs "bench", "instructions" and "listening". The figures are medians of N
rounds. The figures of parsing are nanoseconds for a call: hot/mixed. The figures of listening are
microseconds. --write puts the tables into docs/evidence.md, and draws docs/speed.svg.
"""
import argparse
import pathlib
import re
import subprocess
import sys

import instructions
import listening

ROOT = pathlib.Path(__file__).resolve().parents[2]
EVIDENCE = ROOT / "docs/evidence.md"
PICTURE = ROOT / "docs/speed.svg"
SCRIPT = pathlib.Path(__file__).with_name("speed.gnuplot")
WAYS = ("hot", "mixed")
# parsers in the picture. The mark of the last parser is drawn over the other marks
DRAWN = ("plain C", "inet_pton", "getaddrinfo", "Rust std", "libevent", "sbind")
# classes of refused texts, and the class of accepted texts that each resembles
REFUSED = {"bad first octet": "tcp://", "bad last of IPv4": "IPv4 any",
           "bad last of IPv6": "IPv6 long", "bad last of name": "name 58",
           "bad last of path": "path 107", "bad digit of IPv4": "IPv4 any"}
BUDGETS = {"IPv4 any": 450, "IPv6 long": 1030, "IPv6 zone": 900, "tcp://": 130,
           "path 31": 170, "path 107": 240, "fd number": 165, "fd name": 240,
           "pipe local": 270, "bad first octet": 100, "bad last of IPv4": 380}


def measure(program, rounds):
    """Runs the program "bench". Returns the times as {(class, way): {parser:
    nanoseconds}}, the parsers, and those parsers that check as much as sbind."""
    said = subprocess.run([program, str(rounds)], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    times, parsers, strict = {}, [], set()
    for line in said.splitlines():
        name, way, parser, checks, time = line.split(";")
        times.setdefault((name, way), {})[parser] = float(time)
        if parser not in parsers:
            parsers.append(parser)
        if checks == "1":
            strict.add(parser)
    return times, parsers, strict


def goals(times, strict, counts):
    """(what is wanted, whether it is so)"""
    for (name, way), of in times.items():
        rivals = {parser: of[parser] for parser in strict & set(of)}
        if rivals:
            best = min(rivals, key=rivals.get)
            yield ("%s, %s: %.2f of %s" % (name, way, of["sbind"] / rivals[best],
                                           best), of["sbind"] <= rivals[best])
        if name in REFUSED:
            same = times[REFUSED[name], way]["sbind"]
            yield ("%s, %s: %.2f of accepting" % (name, way, of["sbind"] / same),
                   of["sbind"] <= same)
        more = of["sbind, error"] - of["sbind"]
        yield "%s, %s: an error takes %.0f ns" % (name, way, more), more <= 10
    for name in ("IPv4 any", "IPv6 long"):
        of = times[name, "mixed"]
        yield ("%s, mixed: %.2f of inet_pton, 0.80 is the goal" % (
            name, of["sbind"] / of["inet_pton"]),
            of["sbind"] <= 0.8 * of["inet_pton"])
    of = times["path 107", "hot"]
    yield ("path 107: %.1f of memcpy, 5 is the goal" % (
        of["sbind"] / of["memcpy"]), of["sbind"] <= 5 * of["memcpy"])
    for name, most in BUDGETS.items():
        yield ("%s: %d instructions, %d is the goal" % (
            name, counts[name], most), counts[name] <= most)


def table(times, parsers, counts):
    yield "| kind of text | instructions | " + " | ".join(parsers) + " |"
    yield "|---|---|" + "---|" * len(parsers)
    for name in dict.fromkeys(name for name, _ in times):
        cells = ["%.0f/%.0f" % tuple(times[name, way][parser] for way in WAYS)
                 if parser in times[name, "hot"] else "-" for parser in parsers]
        yield "| %s | %d | %s |" % (name, counts[name], " | ".join(cells))


def write(mark, lines):
    """Between two marks of docs/evidence.md."""
    text = EVIDENCE.read_text(encoding="utf-8")
    parts = re.split(r"(<!-- /?%s -->\n)" % mark, text)
    if len(parts) != 5:
        raise SystemExit("bench.py: docs/evidence.md lacks its marks")
    parts[2] = "".join(line + "\n" for line in ("", *lines, ""))
    EVIDENCE.write_text("".join(parts), encoding="utf-8")


def draw(times):
    """Draws the times of random texts, by gnuplot."""
    names = list(dict.fromkeys(name for name, _ in times))
    blocks = "".join("$p%d << end\n%send\n" % (i, "".join(
        '%s %d "%s"\n' % (times[name, "mixed"].get(parser, "nan"), n, name)
        for n, name in enumerate(names))) for i, parser in enumerate(DRAWN))
    plots = ", ".join('$p%d using 1:2:ytic(3) with points linestyle %d title "%s"' % (
        i, i + 1, parser) for i, parser in enumerate(DRAWN))
    script = SCRIPT.read_text(encoding="ascii")
    done = subprocess.run(["gnuplot"], check=True, text=True, stdout=subprocess.PIPE,
                          input="%s%splot %s\n" % (blocks, script, plots))
    PICTURE.write_text(done.stdout, encoding="ascii")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    counts = instructions.count_classes(options.folder / "instructions")
    times, parsers, strict = measure(options.folder / "bench", options.rounds)
    opening = listening.measure(options.folder / "listening", options.rounds)
    found = [*goals(times, strict, counts), *listening.goals(opening)]
    last = "%d of %d goals are met." % (sum(good for _, good in found), len(found))
    tables = {"bench": [*table(times, parsers, counts), "", last],
              "listening": [*listening.table(opening)]}
    print("\n".join(line for lines in tables.values() for line in (*lines, "")))
    for what, good in found:
        if not good:
            print("not met: " + what)
    for peer in sorted({"Rust std", "libevent", "uriparser"} - set(parsers)):
        print("not installed: " + peer)
    if options.write:
        for mark, lines in tables.items():
            write(mark, lines)
        draw(times)
    print(last)
    return 0


if __name__ == "__main__":
    sys.exit(main())
