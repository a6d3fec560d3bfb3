#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does a text that is four times as long take at most four times the instructions?

    growth.py PROGRAM [--show]

PROGRAM is "growth". The test shows that the cost of a text grows at most in proportion to its
length, even if an attacker chose the text. Of an address or a message, the library reads at most
one octet more than the limit. LISTEN_FDNAMES may have any length.
"""
import argparse
import sys

import instructions

SHORT, LONG, TOO_LONG = 256, 1024, 16384
SLACK = 1.1
READ = {"listen": TOO_LONG, "notify": 4096} # of the longest; addresses: LONG
FUNCTIONS = ["sbind_parse", "sbind_activation_read", "sbind_notify_check"]
ROWS = 41 # as in growth.c


def measure(program):
    """{rule: {length: instructions}}"""
    found = {}
    lengths = map(str, (SHORT, LONG, TOO_LONG))
    for name, total in instructions.count(FUNCTIONS, program, *lengths).items():
        rule, length = name.split(";")
        found.setdefault(rule, {})[int(length)] = total
    return found


def complaints(found):
    if len(found) != ROWS or not all(min(of.values()) > 0 for of in found.values()):
        yield "there are not %d rules, each with its instructions" % ROWS
    for rule, of in found.items():
        longest = READ.get(rule[:6], LONG) / LONG
        for short, long, times in ((SHORT, LONG, LONG / SHORT),
                                   (LONG, TOO_LONG, longest)):
            if of[long] > SLACK * times * of[short]:
                yield "%s: %d instructions for %d octets, %d for %d" % (
                    rule, of[short], short, of[long], long)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    found = measure(options.program)
    if options.show:
        for rule, of in sorted(found.items()):
            print("%-40s" % rule, *("%9d" % of[length] for length in sorted(of)))
    wrong = list(complaints(found))
    for line in wrong:
        print("FAIL: " + line)
    print("%d rules, %d that grow too fast" % (len(found), len(wrong)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
