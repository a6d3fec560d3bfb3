# SPDX-License-Identifier: MIT OR Apache-2.0
"""Reports the results of a tier, for people or for programs."""
import collections
import json
import re
import sys

import tiers

PIECE = re.compile(rb"(.{1,8}?)\1{7,}", re.S)   # at least eight times the same
EXAMPLES = 3 # of the edits that a vector guards


class Rule:
    def __init__(self):
        self.passed, self.failed, self.known = 0, 0, 0
        self.shown, self.surprises = [], []


class Result:
    """The results of a tier, up to its end, or up to the request at which the adapter
    failed."""

    def __init__(self, name):
        self.name = name
        self.rules = collections.defaultdict(Rule)
        self.seconds = 0

    def count(self, what):
        return sum(getattr(rule, what) for rule in self.rules.values())

    def bad(self):
        return any(rule.failed or rule.surprises for rule in self.rules.values())


# ---- One failure -------------------------------------------------------------

def quoted(octets):
    return '"%s"' % "".join(
        chr(o) if 32 <= o < 127 and o not in b'"\\' else "\\x%02X" % o
        for o in octets)


def text_of(octets):
    """A text as a string. If a long text repeats a part, the string has that part once,
    and the number of repeats."""
    if len(octets) <= 60:
        return quoted(octets)
    parts, at = [], 0
    for run in PIECE.finditer(octets):
        if run.start() > at:
            parts.append(quoted(octets[at:run.start()]))
        times = len(run[0]) // len(run[1])
        parts.append("%s*%d" % (quoted(run[1]), times))
        at = run.end()
    if at < len(octets):
        parts.append(quoted(octets[at:]))
    return "%s, %d octets" % (" ".join(parts), len(octets))


def input_of(request):
    def show(field):
        if field in (b"unset", b"-"):
            return "unset" if field == b"unset" else '""'
        return text_of(bytes.fromhex(field.decode()))

    if request in tiers.NO_REQUESTS:
        return '"%s"' % request.decode()
    fields = request.split(b" ")
    if fields[0] == b"parse":
        return show(fields[1])
    return "PID %s FDS %s FDNAMES %s PIDFDID %s, SELF_PID %s SELF_PIDFDID %s " \
        "LIMIT %s" % (*map(show, fields[1:5]), *(f.decode() for f in fields[5:]))


def note(expected, answer):
    """A hint for who is nearly right."""
    if answer == expected + b"\r":
        return "a line ends in a newline alone, not in CR LF"
    try:
        same = json.loads(answer) == json.loads(expected)
    except ValueError:
        return "not JSON"
    return "the same value, laid out otherwise" if same else ""


def failure(question, answer):
    vector = question.vector or {}
    return {"id": vector.get("id"), "request": question.request.decode(),
            "input": input_of(question.request),
            "expected": question.answer.decode(),
            "answer": answer.decode("utf-8", "backslashreplace"),
            "note": note(question.answer, answer),
            **{name: vector[name] for name in ("spec", "comment", "guards")
               if name in vector}}


def shortened(text):
    """The text as reports show it. A long text is cut in the middle, except with
    --format json."""
    return text if len(text) <= 160 else text[:100] + " ... " + text[-50:]


def lines_of(each):
    """A failure for a reader."""
    yield "%s%s" % (each["id"] + ": " if each["id"] else "",
                    shortened(each["input"]))
    if "spec" in each:
        yield "  SPEC.md %s: %s" % (each["spec"], each["comment"])
    guards = each.get("guards", [])
    if guards:
        more = len(guards) - EXAMPLES
        yield "  tells an edit of the grammar: %s%s" % (
            "; ".join(guards[:EXAMPLES]),
            "; %d more" % more if more > 0 else "")
    if each["request"].encode() not in tiers.NO_REQUESTS:
        yield "  request  " + shortened(each["request"])
    yield "  expected " + shortened(each["expected"])
    yield "  answered %s%s" % (shortened(each["answer"]), " (%s)" % each["note"]
                               if each["note"] else "")


# ---- A tier, as soon as it ends; all of them -----------------------------------

def counts(passed, failed, known):
    return "%d passed, %d failed%s" % (
        passed, failed, ", %d known to fail" % known if known else "")


class Text:
    def tier(self, result):
        numbers = [result.count(what) for what in ("passed", "failed", "known")]
        print("%-10s %7s, %.0f a second" % (
            result.name, counts(*numbers), sum(numbers) / max(result.seconds, 1e-9)))
        for name, rule in sorted(result.rules.items()):
            if rule.failed:
                print("  %s: %d of %d failed" % (
                    name, rule.failed, rule.passed + rule.failed + rule.known))
            for each in rule.shown:
                print("\n".join("    " + line for line in lines_of(each)))
            for each in rule.surprises:
                print("  %s passes: take it off the list of known failures" %
                      shortened(each))
        sys.stdout.flush()

    def end(self, results):
        print(counts(*(sum(result.count(what) for result in results)
                       for what in ("passed", "failed", "known"))))


class Tap:
    def __init__(self):
        self.number = 0
        print("TAP version 13")

    def tier(self, result):
        for name, rule in sorted(result.rules.items()):
            self.number += 1
            bad = rule.failed or rule.surprises
            print("%s %d - %s %s (%d vectors)" % (
                "not ok" if bad else "ok", self.number, result.name, name,
                rule.passed + rule.failed + rule.known))
            if bad:
                print("  ---\n  failed: %d\n  first: %s\n  ..." % (
                    rule.failed, json.dumps((rule.shown or rule.surprises)[0])
                    if rule.shown or rule.surprises else "null"))
        sys.stdout.flush()

    def end(self, _):
        print("1..%d" % self.number)


class Json:
    def tier(self, result):
        pass

    def end(self, results):
        print(json.dumps({result.name: {
            "seconds": round(result.seconds, 3),
            **{what: result.count(what) for what in ("passed", "failed", "known")},
            "rules": {name: {"passed": rule.passed, "failed": rule.failed,
                             "known": rule.known, "failures": rule.shown,
                             "surprises": rule.surprises}
                      for name, rule in sorted(result.rules.items())},
        } for result in results}, indent=1))


class Names:
    """The names of failures that --expect reads: the id of a vector, or a request."""

    def tier(self, result):
        for rule in result.rules.values():
            for each in rule.shown:
                print(each["id"] or each["request"])
        sys.stdout.flush()

    def end(self, _):
        pass


FORMATS = {"text": Text, "tap": Tap, "json": Json, "names": Names}


def badge(results, version):
    """The result in the form of shields.io/endpoint."""
    passed, asked = (sum(result.count(what) for result in results for what in group)
                     for group in (("passed",), ("passed", "failed", "known")))
    return json.dumps({
        "schemaVersion": 1, "label": "sbind conformance " + version,
        "message": "{:,} of {:,}".format(passed, asked),
        "color": "brightgreen" if passed == asked else "red"}) + "\n"


class Progress:
    """Shows on a terminal how many requests of a tier have been answered."""

    def __init__(self, name, total):
        self.name, self.total = name, total
        self.on = sys.stderr.isatty()

    def at(self, done):
        if self.on:
            sys.stderr.write("\r\033[K%s: %d of %d" % (self.name, done, self.total))
            sys.stderr.flush()

    def end(self):
        if self.on:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
