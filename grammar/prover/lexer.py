# SPDX-License-Identifier: MIT OR Apache-2.0
"""Learns an automaton from a compiled lexer.

Besides its cursor, the generated C has one variable: the octet that it has read last. So the code
remembers only one thing about earlier octets: the place in the code where it reads the next octet.
These places are the states of the automaton. Each read is on a line of its own, so the line tells
the place. One run for each place and each octet shows what the code does for every text. The
compiled file is the shipped one, with one call added to its YYPEEK.

The lexer of addresses has an automaton for each scheme. The automaton begins after the scheme, and
is learned from there. chooser.py joins these automata."""
import ctypes
import pathlib
import re
import subprocess

from . import automaton
from .automaton import DEAD

FAULTS = {1: "reads past the end", 2: "does not end",
          3: "looks at an octet twice, or at none"}
PEEK = "#define YYPEEK() ("
ROOM = 8192


class Kind:
    """The lexer of a room: where it reads its next octet, and how to run one of its automata, or
    the whole lexer."""

    def __init__(self, room, cursor, run, whole=None):
        self.room, self.cursor, self.run = room, cursor, run
        self.whole = whole or run


PARSE = Kind(
    "parse", "text + at",
    "({ sbind__lexed l = match_behind((sbind__scheme)(r), t, n, 0); "
    "*(v) = l.viable; (int)l.rule; })",
    "({ sbind__lexed l = sbind__lex_address(t, n); *(v) = l.viable; "
    "(int)l.rule; })")
CHOOSER = Kind("parse", "text + at",
               "(*(v) = 0, (int)sbind__scheme_of(t, n))")
ACTIVATION = Kind("activation", "cursor",
                  "(int)sbind__lex_activation((sbind__variable)(r), t, n, v)")
NOTIFY = Kind("notify", "cursor",
              "(int)sbind__lex_notify((sbind__notify_rule)(r), t, n, v)")


class Refuted(Exception):
    """Raised if a property does not hold. It has the letter of the property, a text,
    and what was seen."""

    def __init__(self, letter, text, seen):
        super().__init__(seen)
        self.letter, self.text, self.seen = letter, text, seen


class Result(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int32)
                for name in ("fault", "site", "verdict", "viable")]


Row = Result * 257


def instrument(code, cursor):
    """Adds a hook to the YYPEEK of the generated C. Returns the new code, and the number of
    places from which it reads. Checks the assumptions of the method."""
    head, _, body = code.partition("#define YYRESTORE")
    if head.count(PEEK) != 1 or len(
            re.findall(r"(?<!char )\*cursor|\btext\[(?!0 \.\.)|\*text\b(?![,)])",
                       code)) != 1:
        raise Refuted("e", None, "octets are read elsewhere than in YYPEEK")
    places = [line for line in body.splitlines() if "YYPEEK" in line]
    if any(line.strip() != "yych = YYPEEK();" for line in places):
        raise Refuted("e", None, "two looks in one line")
    machines = re.findall(r"\{\n\tunsigned char yych;\n(.*?)\n\}\n", body, re.S)
    for machine in machines:
        if re.search(r"yyaccept|yybm|^\t(?:un)?signed|^\tint", machine, re.M):
            raise Refuted("e", None, "the lexer has more to remember than "
                          "the place it looks from")
    if not machines:
        raise Refuted("e", None, "no generated code was found")
    return (code.replace(PEEK, PEEK + "probe_look(__LINE__, %s), " % cursor),
            len(places))


class Probe:
    """A compiled lexer. If code comes from instrument(), the lexer has the hook."""

    def __init__(self, root, kind, code, folder, compiler="cc", hooked=True):
        room, run = kind.room, kind.run if hooked else kind.whole
        folder = pathlib.Path(folder)
        name = "%s_%s_%s_%d" % (room, compiler,
                                "hooked" if hooked else "shipped",
                                len(list(folder.iterdir())))
        (folder / (name + ".c")).write_text(code)
        shared = folder / (name + ".so")
        subprocess.run(
            [compiler, "-std=c11", "-O2" if not hooked else "-O1", "-fPIC",
             "-shared", "-w", "-I", root / "src" / room, "-I",
             root / "include", '-DPROBE_LEXER="%s"' % (folder / (name + ".c")),
             "-DPROBE_RUN(r,t,n,v)=" + run, "-o", shared,
             pathlib.Path(__file__).with_name("probe.c")],
            check=True)
        self.library = ctypes.CDLL(str(shared))
        self.library.probe_row.argtypes = [
            ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t,
            ctypes.POINTER(Result)]
        if self.library.probe_open() != 0:
            raise OSError("no memory for the probe")
        self.results = Row()

    def row(self, rule, text):
        """The results for the text alone, and for the text followed by each octet."""
        self.library.probe_row(rule, text, len(text), self.results)
        return self.results


def learn(probe, rule, verdicts):
    """Learns the automaton of a lexer with the hook. verdicts are its return values in
    words; None stands for a refusal."""
    def check(result, text, alive, viable):
        if result.fault:
            raise Refuted("e", text, FAULTS[result.fault])
        if result.viable != viable:
            raise Refuted("b", text, "stops there, and reports an offset %+d "
                          "from it" % (result.viable - viable))
        if not alive and result.verdict:
            raise Refuted("a", text, "accepts what it has not read")

    first = probe.row(rule, b"")[0]
    check(first, b"", True, 0)
    numbers, texts = {first.site: 0}, [b""]
    rows, labels = [], [verdicts[first.verdict]]
    for text in texts:
        row, new = [], []
        for octet, result in enumerate(probe.row(rule, text)[1:]):
            longer = text + bytes([octet])
            alive = result.site != 0
            check(result, longer, alive, int(alive))
            if not alive:
                row.append(DEAD)
                continue
            if result.site not in numbers:
                numbers[result.site] = len(numbers)
                new.append(longer)
                labels.append(verdicts[result.verdict])
            row.append(numbers[result.site])
            if labels[row[-1]] != verdicts[result.verdict]:
                raise Refuted("c", longer, "remembers more than its place")
        rows.append(row)
        texts += new
    return automaton.Dfa(rows, labels)


def wanted_rows(machine, verdicts):
    """For each state in order, the results of Probe.row after a text that leads to
    it."""
    number = {word: value for value, word in enumerate(verdicts)}
    ends = [(0, 0, number[label]) for label in machine.labels]
    wanted = []
    for state, row in enumerate(machine.rows):
        results = Row(Result(*ends[state], 0))
        for octet, target in enumerate(row):
            results[1 + octet] = (Result(0, 0, 0, 0) if target == DEAD else
                                  Result(*ends[target], 1))
        wanted.append(results)
    return wanted


def dispute(text, wanted, seen):
    """Raises Refuted if the results of a row differ from what the automaton says."""
    texts = [text] + [text + bytes([octet]) for octet in range(256)]
    for at in [0] + [1 + octet for octet in automaton.READABLE]:
        one, two = wanted[at], seen[at]
        if bytes(one) == bytes(two):
            continue
        if two.fault:
            raise Refuted("e", texts[at], FAULTS[two.fault])
        letter = ("a" if (one.verdict == 0) != (two.verdict == 0) else
                  "b" if one.viable != two.viable else "c")
        raise Refuted(letter, texts[at], "the lexer as a whole does otherwise "
                      "than its automata")


def confirm_once(probe, verdicts, machine):
    """Runs the whole lexer, without the hook, over every transition of the joined automaton."""
    wanted = wanted_rows(machine, verdicts)
    for state, text in machine.access().items():
        results = probe.row(0, text)
        if bytes(results) != bytes(wanted[state]):
            dispute(text, wanted[state], results)


def confirm(probe, rule, verdicts, machine):
    """Runs the shipped code, without the hook, over every pair of transitions of the
    learned automaton. Returns how many texts that were."""
    wanted = [bytes(row) for row in wanted_rows(machine, verdicts)]
    count = 0
    for state, text in machine.access().items():
        for octet, target in enumerate(machine.rows[state]):
            if target == DEAD:
                continue
            longer = text + bytes([octet])
            if bytes(probe.row(rule, longer)) != wanted[target]:
                raise Refuted("e", longer, "or an octet more: the code without "
                              "the hook does otherwise")
            count += 257
    return count
