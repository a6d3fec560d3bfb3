# SPDX-License-Identifier: MIT OR Apache-2.0
"""Measures how long opening sockets takes, and compares this with the system calls alone, with
libevent and with asyncio.

The programs measure in turns. Each ratio is the median of the rounds.
"""
import pathlib
import statistics
import subprocess
import sys
import tempfile

ASYNCIO = pathlib.Path(__file__).with_name("peer_asyncio.py")
WHO = ("sbind", "calls", "libevent", "asyncio")
# The largest ratios of sbind's time to that of the system calls alone. libevent and asyncio do less
# than sbind for a path, so there is no goal for the ratio to their time.
MOST = {"IPv4": 1.15, "path": 1.35, "one of 1,000": 1.15, "accept": 1.03}


def one_round(programs, found):
    for program in programs:
        program.stdin.write("go\n")
        program.stdin.flush()
        for line in iter(program.stdout.readline, "end\n"):
            what, who, time = line.split(";")
            found.setdefault(what, {}).setdefault(who, []).append(float(time))


def measure(program, rounds):
    """Returns {what: {who: nanoseconds of each round}}."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        programs = [subprocess.Popen(command, text=True, cwd=folder,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                    for command in ([program.resolve()], [sys.executable, ASYNCIO])]
        for _ in range(rounds):
            one_round(programs, found)
        for each in programs:
            each.communicate()
            if each.returncode:
                raise SystemExit("listening.py: a program failed")
    return found


def ratio(of, who):
    return statistics.median(a / b for a, b in zip(of["sbind"], of[who]))


def goals(found):
    """Yields each goal as a text, and whether it is reached."""
    for what, most in MOST.items():
        value = ratio(found[what], "calls")
        yield ("%s: %.2f of the calls alone, %.2f is the goal" % (what, value, most),
               value <= most)


def table(found):
    yield "| what | " + " | ".join(WHO) + " | sbind : calls |"
    yield "|---|" + "---|" * (len(WHO) + 1)
    for what, of in found.items():
        cells = ["%.1f" % (statistics.median(of[who]) / 1000) if who in of else "-"
                 for who in WHO]
        yield "| %s | %s | %.2f |" % (what, " | ".join(cells), ratio(of, "calls"))
