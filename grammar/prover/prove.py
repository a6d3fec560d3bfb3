#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Proves the shipped lexers equal to the published grammar.

    python3 grammar/prover [--root DIR] [--quick] [--second-opinion]

The program reads grammar/*.abnf and src/*/lexer.c of DIR as they are. For every string
of octets it proves:

  (a) the lexer accepts it when the ABNF derives it, and only then;
  (b) the offset it reports is the length of the longest viable prefix;
  (c) the kind it reports is the rule that derives it;
  (d) the ABNF derives it in one way at the most;
  (e) no octet past its end is read.

If a property does not hold, the shortest text that shows it is printed. --quick leaves
out the runs of the unmodified code. --second-opinion makes the automata with libfa
(Debian's libaugeas0) as well.
"""
import argparse
import pathlib
import re
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from . import abnf, automaton, chooser, lexer, second_opinion
from .lexer import Refuted

# The kinds of an address. Each has the rule that derives it. If several kinds share a
# rule, the kind also has the alternative that tells it from the others.
KINDS = {
    "tcp-default": ("tcp-default", {}),
    "tcp-ipv4": ("tcp-endpoint", {"host": "ipv4"}),
    "tcp-ipv6": ("tcp-endpoint", {"host": "ipv6-literal"}),
    "tcp-name": ("tcp-endpoint", {"host": "name"}),
    "tcp-any": ("tcp-endpoint", {"host": "any"}),
    "unix-path": ("unix-path", {}),
    "unix-abstract": ("unix-abstract", {}),
    "fd-single": ("fd-single", {}),
    "fd-all": ("fd-all", {}),
    "fd-number": ("fd-number", {}),
    "fd-name": ("fd-name", {}),
    "npipe-local": ("npipe-local", {}),
    "npipe-uri": ("npipe-uri", {}),
    "npipe-unc": ("npipe-unc", {}),
}
VALUES = ("listen-pid", "listen-pidfdid", "listen-fds", "listen-fdnames")
NOTIFY = ("notify-socket", "notify-state")
PROPERTIES = {"accept": "a", "offset": "b", "kind": "c"}


def address_machine(grammar):
    """The smallest automaton that gives the kind and the offset of every address."""
    nfas = {}
    for kind, (rule, kept) in KINDS.items():
        narrowed = {name: ("ref", each) for name, each in kept.items()}
        nfas[kind] = abnf.Nfa({**grammar, **narrowed}, rule)
    try:
        machine = automaton.minimise(automaton.determinize(nfas))
    except automaton.TwoKinds as error:
        raise Refuted("d", error.text, str(error)) from None
    whole = automaton.determinize({"member": abnf.Nfa(grammar, "address")})
    for text in automaton.differences(whole, members_of(machine)).values():
        raise Refuted("c", text, "the kinds do not add up to the rule address")
    return machine


def members_of(machine):
    """The automaton of a machine, with the same label for all accepted texts."""
    return automaton.Dfa(machine.rows, [label and "member"
                                        for label in machine.labels])


def value_machine(grammar, rule):
    """The automaton of the texts that one rule derives."""
    return automaton.minimise(
        automaton.determinize({rule: abnf.Nfa(grammar, rule)}))


def show(text):
    """A text for people: in quotes, and with every octet escaped that is not printable
    ASCII."""
    return '"%s"' % "".join(
        chr(octet) if 32 <= octet < 127 and octet not in b'"\\'
        else "\\x%02X" % octet for octet in text)


def say_answer(machine, text):
    state, viable = machine.run(text)
    if viable < len(text):
        return "refuses at %d" % viable
    if machine.labels[state] is None:
        return "refuses at %d, the end" % viable
    return "accepts as " + machine.labels[state]


def compare(name, grammar, learned, nfa):
    """Compares two automata. Raises Refuted with the first property that does not
    hold."""
    found = automaton.differences(grammar, learned)
    for what in ("accept", "kind", "offset"):
        if what in found:
            text = found[what]
            viable = text[:grammar.run(text)[1]]
            raise Refuted(PROPERTIES[what], text,
                          "the grammar %s, the lexer %s; in rule %s of %s" % (
                              say_answer(grammar, text),
                              say_answer(learned, text),
                              nfa.enclosing(viable), name))


def unambiguous(nfa):
    found = automaton.ambiguity(nfa)
    if found:
        text, one, two = found
        apart = sorted(one ^ two) or sorted(one & two)
        raise Refuted("d", text, "derived in two ways; they differ at " +
                      ", ".join(apart))


def verdicts_of(root):
    """The words for the return values of sbind__lex_address, which are its enumerators in their
    order."""
    header = (root / "src/parse/lexer.h").read_text()
    names = re.findall(r"^    SBIND__(\w+)", header, re.M)
    if names[0] != "NO_RULE":
        raise Refuted("c", None, "the first enumerator is not NO_RULE")
    return [None] + [name.lower().replace("_", "-") for name in names[1:]]


def ask_libfa(grammar, rule, machine):
    """Compares the automaton of a rule with libfa's. Raises Refuted if they differ."""
    other = second_opinion.machine(grammar, rule)
    for text in automaton.differences(members_of(machine), other).values():
        raise Refuted("a", text, "libfa reads the rule %s otherwise" % rule)
    return len(other.rows)


def all_places(places, states):
    if states != places:
        raise Refuted("e", None, "%d places look, %d were reached" %
                      (places, states))


class Prover:
    def __init__(self, root, folder, options):
        self.root, self.folder = root, folder
        self.quick = options.quick
        self.second_opinion = options.second_opinion
        self.opinions = 0
        self.compilers = [name for name in ("gcc", "clang")
                          if shutil.which(name)] or ["cc"]
        self.texts = 0

    def probe(self, kind):
        """The lexer of a room with the hook, its code without the hook, and the number
        of places from which it reads."""
        code = (self.root / "src" / kind.room / "lexer.c").read_text()
        hooked, places = lexer.instrument(code, kind.cursor)
        return (lexer.Probe(self.root, kind, hooked, self.folder,
                            self.compilers[0]), code, places)

    def shipped(self, kind, code):
        """The lexer of a room without the hook, compiled by each compiler. With
        --quick, none."""
        for each in () if self.quick else self.compilers:
            yield lexer.Probe(self.root, kind, code, self.folder, each,
                              hooked=False)

    def lexer(self, kind, grammars, verdicts):
        """Proves (a), (b), (c) and (e) for the lexer of one room. grammars are the
        automata of its rules, and verdicts(rule) gives its return values."""
        probe, code, places = self.probe(kind)
        states = 0
        machines = []
        for number, (name, (machine, nfa)) in enumerate(grammars.items()):
            learned = lexer.learn(probe, number, verdicts(name))
            compare(name, machine, learned, nfa)
            states += len(learned.rows)
            machines.append((number, name, learned))
        all_places(places, states)
        for each in self.shipped(kind, code):
            for number, name, learned in machines:
                self.texts += lexer.confirm(each, number, verdicts(name),
                                            learned)
        return states

    def address(self):
        """Proves (a) to (e) for addresses, where the scheme chooses one of several automata."""
        grammar = abnf.load(self.root / "grammar/sbind.abnf")
        nfa = abnf.Nfa(grammar, "address")
        machine = address_machine(grammar)
        verdicts = verdicts_of(self.root)
        schemes, numbers = chooser.schemes_of(self.root)
        probe, code, places = self.probe(lexer.PARSE)
        blocks = {number: lexer.learn(probe, number, verdicts)
                  for number in numbers.values()}
        whole = chooser.joined(schemes, blocks)
        compare("address", machine, whole, nfa)
        states = sum(len(block.rows) for block in blocks.values())
        all_places(places, states)
        for name in chooser.PATHS:
            chooser.check_restart(name, automaton.minimise(
                blocks[numbers[name]]))
        self.texts += chooser.check_choice(
            lexer.Probe(self.root, lexer.CHOOSER, code, self.folder,
                        hooked=False), schemes)
        lexer.confirm_once(
            lexer.Probe(self.root, lexer.PARSE, code, self.folder,
                        hooked=False), verdicts, whole)
        for each in self.shipped(lexer.PARSE, code):
            self.texts += lexer.confirm(each, 0, verdicts, whole)
        unambiguous(nfa)
        if self.second_opinion:
            self.opinions += ask_libfa(grammar, "address", machine)
        print("address         %d rules, %d kinds, %d states; lexer: %s" % (
            len(grammar), len(KINDS), len(machine.rows), " + ".join(
                str(len(block.rows)) for block in blocks.values())))

    def rules(self, kind, rules):
        """Proves (a) to (e) for a lexer that has an automaton for each of these rules."""
        room = kind.room
        grammar = abnf.load(self.root / ("grammar/%s.abnf" % room))
        machines = {}
        for rule in rules:
            machines[rule] = (value_machine(grammar, rule),
                              abnf.Nfa(grammar, rule))
        states = self.lexer(kind, machines, lambda rule: [None, rule])
        for rule, (machine, nfa) in machines.items():
            unambiguous(nfa)
            if self.second_opinion:
                self.opinions += ask_libfa(grammar, rule, machine)
        print("%-15s %d rules, %d texts, %s states; lexer: %d" % (
            room, len(grammar), len(rules), " + ".join(
                str(len(machine.rows)) for machine, _ in machines.values()),
            states))

    def activation(self):
        self.rules(lexer.ACTIVATION, VALUES)

    def notify(self):
        self.rules(lexer.NOTIFY, NOTIFY)


PROVED = """\
proved, for every string of octets, of src/{parse,activation,notify}/lexer.c:
  (a) accepted when grammar/*.abnf derives it, and only then
  (b) the reported offset is the length of the longest viable prefix
  (c) the reported kind is the rule that derives it
  (d) it is derived in one way at the most, so its parts are facts
  (e) no octet past its end is read
assumed: %s; that this program is right; that generated code
  remembers nothing but the place it looks from (its variables are checked).
  The counted limits and the values are outside: SPEC.md 2 and 3, ./dev test"""


def main():
    parser = argparse.ArgumentParser(description="proves the lexers")
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--second-opinion", action="store_true")
    options = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        prover = Prover(options.root.resolve(), folder, options)
        for prove in (prover.address, prover.activation, prover.notify):
            try:
                prove()
            except Refuted as error:
                where = "" if error.text is None else " for %s (%s)" % (
                    show(error.text), error.text.hex() or "empty")
                print("refuted (%s)%s: %s" % (error.letter, where, error.seen))
                return 1
            except abnf.Error as error:
                print("refused: %s" % error)
                return 1
    if not options.quick:
        print("shipped code    agrees on %d texts without the hook (%s -O2)" %
              (prover.texts, ", ".join(prover.compilers)))
    if options.second_opinion:
        print("libfa           makes the same languages, with %d states" %
              prover.opinions)
    print(PROVED % ("that %s compile as C says" % " and ".join(
        prover.compilers)))
    print("5 properties proved, 0 refuted in %.1f s" %
          (time.monotonic() - begun))
    return 0
