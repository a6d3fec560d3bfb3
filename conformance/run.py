#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Feeds the conformance suites to programs that speak the adapter protocol.

    run.py [OPTIONS] -- ADAPTER [ARG...]
    run.py [--tier NAME]... --export FOLDER

For each tier, starts ADAPTER (grammar/SPEC.md, section 7). Sends it lines that are not
requests, and then the requests of the tier. Compares every answer, octet by octet, with
the answer that the grammar and the specification prescribe. Reports each tier when it
ends.

    --tier NAME     named, mutants, boundary, neighbours or complete; may be
                    repeated. All are run when none is given.
    --quick         the tier named, and a few requests of each other tier
    --every N       only each Nth request of the tiers boundary, neighbours and
                    complete
    --only KIND     parse or activation: requests of one kind
    --id ID         only the vector of this id; may be repeated
    --suite VERSION only vectors that this version of the suite had
    --expect FILE   known failures, one a line: the id of a vector, or a request
                    as it is sent. A known failure does not count as a failure. If
                    it passes, this counts as a failure.
    --format FORM   text (default), tap, json, or names: a file for --expect
    --limit N       how many failures are shown for each rule (default 1; names: all)
    --seconds N     how long to wait for an answer (default 30)
    --badge FILE    writes the result for shields.io/endpoint
    --digest        compare only the SHA-256 of all answers with the published one.
                    The requests are the boundary pack: the words of the tier
                    boundary, then those of neighbours. Each answer is hashed
                    with the newline after it.
    --export FOLDER writes named.tsv, and the requests and answers of each tier, to
                    be compared with diff; asks no adapter

The exit status is 0 if every answer is right, 1 if some are not, and 2 if the adapter
or the command line is at fault.
"""
import argparse
import gzip
import math
import os
import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import report
import tiers
from adapter import BATCH, Adapter, Broken, Steps, culprit

# With --quick, only each Nth request of a tier is sent. These are the N of the
# tiers. An adapter that answers 300 requests a second is then done within ten
# seconds.
QUICK = {"named": 1, "mutants": 23, "boundary": 1289, "neighbours": 6007,
         "complete": 3391}


# ---- Requests -----------------------------------------------------------------

def every(tier, options):
    if options.quick:
        return QUICK[tier]
    return 1 if tier in tiers.SUITES else options.every


def of_suite(version):
    """The ids that a version has."""
    try:
        return set(tiers.ids(version))
    except (OSError, ValueError):
        raise Broken("there is no version %s of the suite" % version) from None


def wanted(made, options):
    """The tiers that the options choose, each with its questions."""
    if options.id:
        yield "named", options.chosen
        return
    known = of_suite(options.suite) if options.suite else None
    yield "requests", list(made.requests())
    for tier in options.tier or tiers.TIERS:
        found = made.questions(tier, options.only, every(tier, options))
        yield tier, [each for each in found if known is None or
                     each.vector is None or each.vector["id"] in known]


def chosen(made, ids):
    """The questions of vectors."""
    found = {v["id"]: v for v in tiers.vectors(*tiers.ALL)}
    for each in ids:
        if each not in found:
            raise Broken("no vector has the id " + each)
        if not tiers.is_asked(found[each]):
            raise Broken("%s is for unit tests: no request says it" % each)
    return [made.question(found[each]) for each in ids]


def known_failures(path):
    """Reads the names of known failures for --expect."""
    names = {v["id"] for v in tiers.vectors(*tiers.ALL)}
    lines = [line.strip() for line in
             pathlib.Path(path).read_text(encoding="utf-8").splitlines()]
    known = {line for line in lines if line and not line.startswith("#")}
    for each in known - names:
        if not each.startswith(("parse ", "activation ")):
            raise Broken("%s: %s is neither an id nor a request" % (path, each))
    return known


# ---- Asking -------------------------------------------------------------------

def judge(result, questions, answers, options, steps):
    """Counts answers as they come."""
    progress = report.Progress(result.name, len(questions))
    begun = time.monotonic()
    try:
        for at, (question, answer) in enumerate(zip(questions, answers)):
            if at % BATCH == 0:
                progress.at(at)
            count(result.rules[question.rule], question, answer, options)
            if steps.take(question, answer):
                raise Broken(culprit(options.adapter, options.seconds, steps))
    finally:
        progress.end()
        result.seconds = time.monotonic() - begun


def count(rule, question, answer, options):
    names = {question.request.decode(), (question.vector or {}).get("id")}
    named = sorted(filter(None, names & options.known))
    if answer == question.answer:
        rule.passed += 1
        rule.surprises += named
    elif named:
        rule.known += 1
    else:
        rule.failed += 1
        if len(rule.shown) < options.limit:
            rule.shown.append(report.failure(question, answer))


def run_tier(result, questions, options):
    """Starts an adapter for a tier, and ends it afterwards."""
    adapter, steps = Adapter(options.adapter, options.seconds), Steps()
    requests = [question.request for question in questions]
    ask = (adapter.one_at_a_time if result.name == "requests"
           else adapter.answers)
    try:
        judge(result, questions, ask(requests), options, steps)
        adapter.close()
    finally:
        adapter.abandon()


def run(made, options):
    """All tiers; whether every answer was right."""
    show, results = report.FORMATS[options.format](), []
    try:
        for tier, questions in wanted(made, options):
            results.append(report.Result(tier))
            try:
                run_tier(results[-1], questions, options)
            finally:
                show.tier(results[-1]) # what was judged before a break, too
    finally:
        if results:
            show.end(results)
    if options.badge:
        pathlib.Path(options.badge).write_text(
            report.badge(results, tiers.version()), encoding="utf-8")
    return not any(result.bad() for result in results)


def run_digest(made, options):
    """Prints the digest of the answers. Returns whether it is the published one."""
    adapter = Adapter(options.adapter, options.seconds)
    try:
        found = tiers.digest(adapter.answers(
            [question.request for question in made.pack()]))
        adapter.close()
    finally:
        adapter.abandon()
    published = tiers.read(tiers.PUBLISHED).strip()
    print(found)
    if found != published:
        print("run: published is %s; without --digest it is said what differs"
              % published, file=sys.stderr)
    return found == published


# ---- Files to compare ------------------------------------------------------------

def export(made, folder, chosen_tiers):
    """Writes the requests and answers of each tier, and the vectors as a table."""
    folder.mkdir(parents=True, exist_ok=True)
    for tier in chosen_tiers or tiers.TIERS:
        questions = list(made.questions(tier))
        for name in ("request", "answer"):
            lines = b"".join(getattr(each, name) + b"\n" for each in questions)
            (folder / ("%s.%ss.txt.gz" % (tier, name))).write_bytes(
                gzip.compress(lines, 9, mtime=0))
    write_table(folder / "named.tsv", made)


def write_table(path, made):
    """The tier named, a vector a line."""
    rows = [("request", "answer", "id", "paragraph", "comment")]
    rows += [(each.request.decode(), each.answer.decode(), each.vector["id"],
              each.vector["spec"], each.vector["comment"])
             for each in made.questions("named")]
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")


# ---- The command line --------------------------------------------------------------

class Parser(argparse.ArgumentParser):
    def error(self, message):
        if "--" not in sys.argv and message.startswith("unrecognized arguments"):
            message += "; the adapter stands after --"
        super().error(message)


def parse_arguments():
    parser = Parser(
        prog="run.py", usage="run.py [OPTIONS] -- ADAPTER [ARG...]",
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tier", action="append", choices=tiers.TIERS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--only", choices=("parse", "activation"))
    parser.add_argument("--id", action="append", metavar="ID")
    parser.add_argument("--suite", metavar="VERSION")
    parser.add_argument("--expect", metavar="FILE")
    parser.add_argument("--format", choices=report.FORMATS, default="text")
    parser.add_argument("--limit", type=int, metavar="N")
    parser.add_argument("--seconds", type=float, default=30, metavar="N")
    parser.add_argument("--badge", metavar="FILE")
    parser.add_argument("--digest", action="store_true")
    parser.add_argument("--export", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("--version", action="version", version=tiers.version())
    parser.add_argument("adapter", nargs="*", metavar="ADAPTER")
    options = parser.parse_args()
    if bool(options.adapter) == bool(options.export):
        parser.error("an adapter is needed, and stands after --"
                     if not options.export else "--export asks no adapter")
    if options.every < 1 or (options.limit or 0) < 0:
        parser.error("N is 1 or more")
    if options.digest and (options.tier or options.only or options.every > 1 or
                           options.quick or options.id or options.suite):
        parser.error("there is one digest, of the whole boundary pack")
    if options.id and (options.tier or options.only or options.quick):
        parser.error("--id names what is asked")
    if options.limit is None:
        options.limit = math.inf if options.format == "names" else 1
    return options


def main():
    options = parse_arguments()
    made = tiers.Tiers()
    if options.export:
        export(made, options.export, options.tier)
        return 0
    try:
        options.known = known_failures(options.expect) if options.expect else set()
        options.chosen = chosen(made, options.id or [])
        ask = run_digest if options.digest else run
        return 0 if ask(made, options) else 1
    except (Broken, OSError) as error:
        if isinstance(error, BrokenPipeError): # the reader of the report has gone
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return 2
        sys.stdout.flush()
        print("run: %s" % error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
