#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Feeds the conformance suites to programs that speak the adapter protocol.

    run.py [OPTIONS] -- ADAPTER [ARG...]

Starts ADAPTER (grammar/SPEC.md, section 7), sends it lines that are no request
and then the requests of each tier, and compares every answer, octet by octet,
with the one that the grammar and the specification prescribe.

    --tier NAME     named, mutants, boundary, neighbours or complete; may be
                    repeated. All are run when none is given.
    --every N       only each Nth request of the tiers neighbours and complete
    --only KIND     parse or activation: requests of one kind
    --format FORM   text (default), tap or json
    --limit N       how many failures are shown for each rule (default 1)
    --seconds N     how long to wait for an answer (default 30)
    --digest        compare nothing but the SHA-256 of the answers to the boundary
                    pack, the words of the tiers boundary and neighbours in
                    this order, with the published one. An answer counts with
                    the newline after it.

Exit status: 0 every answer is right, 1 some are not, 2 the adapter or the
command line is at fault.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tiers

BATCH = 256 # requests between two checks of the clock


class Broken(Exception):
    """The adapter stopped, hung or said too much."""


class Adapter:
    """A program that answers a line with a line."""

    def __init__(self, command, seconds):
        self.seconds = seconds
        self.deadline = None
        self.timed_out = False
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            raise Broken("cannot start %s: %s" % (command[0], error)) from None
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        """Ends an adapter that does not answer in time."""
        while self.process.poll() is None:
            deadline = self.deadline
            if deadline is not None and time.monotonic() > deadline:
                self.timed_out = True
                self.process.kill()
            time.sleep(0.05)

    def answers(self, requests):
        """The answers to a list of requests, as they arrive. The first is
        waited for alone: who does not flush each answer hangs here."""
        def feed():
            try:
                for at in range(0, len(requests), BATCH):
                    first = requests[at:at + 1] if at == 0 else []
                    if first:
                        self.send(first)
                        ready.wait()
                    self.send(requests[at + len(first):at + BATCH])
            except OSError:
                pass # it has ended; the reader sees that, too

        ready = threading.Event()
        threading.Thread(target=feed, daemon=True).start()
        self.deadline = time.monotonic() + self.seconds
        for at in range(len(requests)):
            answer = self.process.stdout.readline()
            ready.set()
            if at % BATCH == 0:
                self.deadline = time.monotonic() + self.seconds
            if not answer.endswith(b"\n"):
                raise Broken(self.end_of(requests[at], answer))
            yield answer[:-1]
        self.deadline = None

    def send(self, requests):
        if requests:
            self.process.stdin.write(b"\n".join(requests) + b"\n")
            self.process.stdin.flush()

    def end_of(self, request, answer):
        asked = "; it was asked %s" % (request.decode() or "an empty line")
        if self.timed_out:
            return "no answer within %g s%s" % (self.seconds, asked)
        status = self.process.wait()
        return "the adapter ended with status %d%s%s" % (
            status, ", in the middle of a line" if answer else "", asked)

    def close(self):
        """Ends the input: the adapter must end by itself, and in peace."""
        self.process.stdin.close()
        self.deadline = time.monotonic() + self.seconds
        rest = self.process.stdout.read()
        status = self.process.wait()
        if self.timed_out:
            raise Broken("does not end when its input does")
        if rest:
            raise Broken("says more than it was asked: %r" % rest[:60])
        if status != 0:
            raise Broken("ended with status %d" % status)

    def abandon(self):
        self.process.kill()
        self.process.wait()


class Rule:
    def __init__(self):
        self.passed, self.failed, self.shown = 0, 0, []


def wanted(vectors, tier, options):
    """The vectors of a tier that the options leave."""
    for at, v in enumerate(vectors):
        if options.only and not v[2].startswith(options.only.encode() + b" "):
            continue
        if tier in ("neighbours", "complete") and at % options.every:
            continue
        yield v


def one_at_a_time(adapter, requests):
    """Waits for each answer: an adapter that leaves one out is told which."""
    for each in requests:
        yield from adapter.answers([each])


def run_tier(options, vectors, ask=Adapter.answers):
    """What came of a tier, for which an adapter is started."""
    adapter = Adapter(options.adapter, options.seconds)
    try:
        result = judge(vectors, ask(adapter, [v[2] for v in vectors]),
                       options.limit)
        adapter.close()
    finally:
        adapter.abandon()
    return result


def judge(vectors, answers, limit):
    """Rules, and how long the answers took."""
    rules = collections.defaultdict(Rule)
    begun = time.monotonic()
    for (name, ident, request, expected), answer in zip(vectors, answers):
        rule = rules[name]
        if answer == expected:
            rule.passed += 1
            continue
        rule.failed += 1
        if len(rule.shown) < limit:
            rule.shown.append({
                "id": ident, "request": request.decode(),
                "input": show_request(request),
                "expected": expected.decode(),
                "answer": answer.decode("utf-8", "backslashreplace"),
                "note": note(expected, answer)})
    return dict(rules), time.monotonic() - begun


def run_digest(made, options):
    """Prints the digest of the answers; whether it is the published one."""
    adapter = Adapter(options.adapter, options.seconds)
    try:
        found = tiers.digest(adapter.answers(list(made.pack())))
        adapter.close()
    finally:
        adapter.abandon()
    published = (tiers.HERE / tiers.PUBLISHED).read_text().strip()
    print(found)
    if found != published:
        print("run: published is %s; without --digest it is said what differs"
              % published, file=sys.stderr)
    return found == published


def note(expected, answer):
    """A hint for who is nearly right."""
    try:
        same = json.loads(answer) == json.loads(expected)
    except ValueError:
        return "not JSON"
    return "the same value, laid out otherwise" if same else ""


def show_request(request):
    def show(field):
        if field in (b"unset", b"-"):
            return "unset" if field == b"unset" else '""'
        return '"%s"' % "".join(
            chr(o) if 32 <= o < 127 and o not in b'"\\' else "\\x%02X" % o
            for o in bytes.fromhex(field.decode()))

    if request in tiers.NO_REQUESTS:
        return '"%s"' % request.decode()
    fields = request.split(b" ")
    if fields[0] == b"parse":
        return show(fields[1])
    return "PID %s FDS %s FDNAMES %s PIDFDID %s" % tuple(
        show(field) for field in fields[1:5])


# ---- Reports ----------------------------------------------------------------

def report_text(results):
    for tier, (rules, seconds) in results.items():
        passed = sum(rule.passed for rule in rules.values())
        failed = sum(rule.failed for rule in rules.values())
        print("%-9s %7d passed, %d failed, %.0f a second" % (
            tier, passed, failed, (passed + failed) / max(seconds, 1e-9)))
        for name, rule in sorted(rules.items()):
            if rule.failed:
                print("  %s: %d of %d failed" % (
                    name, rule.failed, rule.passed + rule.failed))
            for each in rule.shown:
                print("    %s%s\n      expected %s\n      answered %s%s" % (
                    each["id"] + ": " if each["id"] else "",
                    shortened(each["input"]), shortened(each["expected"]),
                    shortened(each["answer"]),
                    " (%s)" % each["note"] if each["note"] else ""))


def shortened(text):
    """Of a long one, the ends; --format json has all of it."""
    return text if len(text) <= 160 else text[:100] + " ... " + text[-50:]


def report_tap(results):
    print("TAP version 13")
    number = 0
    for tier, (rules, _) in results.items():
        for name, rule in sorted(rules.items()):
            number += 1
            print("%s %d - %s %s (%d vectors)" % (
                "not ok" if rule.failed else "ok", number, tier, name,
                rule.passed + rule.failed))
            if rule.shown:
                print("  ---\n  failed: %d\n  first: %s\n  ..." % (
                    rule.failed, json.dumps(rule.shown[0])))
    print("1..%d" % number)


def report_json(results):
    print(json.dumps({tier: {
        "seconds": round(seconds, 3),
        "passed": sum(rule.passed for rule in rules.values()),
        "failed": sum(rule.failed for rule in rules.values()),
        "rules": {name: {"passed": rule.passed, "failed": rule.failed,
                         "failures": rule.shown}
                  for name, rule in sorted(rules.items())},
    } for tier, (rules, seconds) in results.items()}, indent=1))


def count_line(results):
    rules = [rule for each, _ in results.values() for rule in each.values()]
    return "%d passed, %d failed" % (sum(rule.passed for rule in rules),
                                     sum(rule.failed for rule in rules))


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="run.py", usage="run.py [OPTIONS] -- ADAPTER [ARG...]",
        description="Feeds the conformance suites to an adapter.")
    parser.add_argument("--tier", action="append", choices=tiers.TIERS)
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--only", choices=("parse", "activation"))
    parser.add_argument("--format", choices=("text", "tap", "json"),
                        default="text")
    parser.add_argument("--limit", type=int, default=1, metavar="N")
    parser.add_argument("--seconds", type=float, default=30, metavar="N")
    parser.add_argument("--digest", action="store_true")
    parser.add_argument("adapter", nargs="+", metavar="ADAPTER")
    options = parser.parse_args()
    if options.every < 1 or options.limit < 0:
        parser.error("N is 1 or more")
    if options.digest and (options.tier or options.only or options.every > 1):
        parser.error("there is one digest, of the whole boundary pack")
    return options


def main():
    options = parse_arguments()
    made = tiers.Tiers()
    results = {}
    try:
        if options.digest:
            return 0 if run_digest(made, options) else 1
        results["requests"] = run_tier(options, list(made.requests()),
                                       one_at_a_time)
        for tier in options.tier or tiers.TIERS:
            vectors = list(wanted(getattr(made, tier)(), tier, options))
            results[tier] = run_tier(options, vectors)
    except Broken as error:
        print("run: " + str(error), file=sys.stderr)
        return 2
    {"text": report_text, "tap": report_tap,
     "json": report_json}[options.format](results)
    if options.format == "text":
        print(count_line(results))
    failed = any(rule.failed for rules, _ in results.values()
                 for rule in rules.values())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
