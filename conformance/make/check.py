#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Checks the suites against the grammar and SPEC.md, without sbind.

    check.py [--self-test] [ROOT]

spec.py derives the answer to every vector from the grammar and SPEC.md alone, and the
vector must have this answer. The tables of the complete suite must have what its proof
needs (hsi.py). README.md must have the right number of words for every tier. versions/
must have every vector as it was when it was added. --self-test breaks vectors, tables,
README.md and versions, and requires that each break is reported.
"""
import copy
import itertools
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import errors
import hsi
import spec
import tables
import tiers
import versions
from prover import prove
from spec import TOP_RULES

SUITES = ("tcp", "unix", "fd", "npipe", "scheme", "limits", "activation",
          "mutants", "activation-mutants", "notify")
FEWEST = 600
PRINTABLE = re.compile(rb"[\x20-\x7E]*\Z")


# ---- Vectors ----------------------------------------------------------------

class Malformed(Exception):
    pass


def need(condition, message):
    if not condition:
        raise Malformed(message)


def octets_of(v, name, nullable=False):
    """The octets of a member of a vector. The member is either "name", or "name_hex"
    with hexadecimal digits."""
    plain, coded = name in v, name + "_hex" in v
    if name == "input":
        coded = "hex" in v
    need(plain != coded, "one of %s and its hexadecimal form" % name)
    if coded:
        text = v["hex" if name == "input" else name + "_hex"]
        need(isinstance(text, str) and re.fullmatch("(?:[0-9a-f]{2})+", text),
             name + " is not lower-case hexadecimal")
        octets = bytes.fromhex(text)
        need(not PRINTABLE.match(octets), name + " needs no hexadecimal")
        return octets
    if nullable and v[name] is None:
        return None
    need(isinstance(v[name], str), name + " is not a string")
    octets = v[name].encode("utf-8")
    need(PRINTABLE.match(octets), name + " needs hexadecimal")
    return octets


def members(v, required, optional=()):
    for name in required:
        need(name in v, "no member " + name)
    for name in v:
        need(name in required or name in optional, "unknown member " + name)


class Checker:
    def __init__(self, root):
        text = (root / "grammar/SPEC.md").read_text(encoding="utf-8")
        self.paragraphs = set(re.findall(r"^\*\*([0-9.]+)\*\*", text, re.M))
        self.grammars = tables.grammars(root)
        self.model = tables.model(root)
        self.machine = self.model.machines["address"]

    def check(self, suites):
        """Everything that is wrong with the suites, as lines."""
        problems, self.accepted, self.rejected = [], set(), set()
        ids, texts, count = set(), {}, 0
        for suite, document in suites.items():
            try:
                self.head(suite, document)
            except Malformed as error:
                problems.append("%s.json: %s" % (suite, error))
                continue
            for v in document["vectors"]:
                count += 1
                name = v.get("id") if isinstance(v, dict) else None
                if not isinstance(name, str):
                    problems.append("%s.json: vector without id" % suite)
                    continue
                if name in ids:
                    problems.append(name + ": duplicate id")
                ids.add(name)
                try:
                    self.common(v)
                    if suite.startswith("activation"):
                        self.activation_vector(v)
                    elif suite == "notify":
                        self.notify_vector(v)
                    else:
                        text = self.address_vector(v)
                        if "guards" not in v: # those come from the grammar
                            need(text not in texts, "same text as " +
                                 texts.get(text, ""))
                            texts[text] = name
                except Malformed as error:
                    problems.append("%s: %s" % (name, error))
        problems += self.coverage()
        if count < FEWEST:
            problems.append("only %d vectors" % count)
        return problems

    @staticmethod
    def head(suite, document):
        need(isinstance(document, dict), "not an object")
        members(document, ("$schema", "version", "suite", "vectors"))
        need(document["$schema"] == "./schema.json", "wrong $schema")
        need(document["version"] == 1, "wrong version")
        need(document["suite"] == suite, "wrong suite")
        need(isinstance(document["vectors"], list), "vectors is no array")

    def common(self, v):
        for name in ("rule", "spec", "comment"):
            need(isinstance(v.get(name), str) and v[name], "no " + name)
        need(re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", v["id"]), "bad id")
        need(v["spec"] in self.paragraphs, "no paragraph " + v["spec"])

    def address_vector(self, v):
        base = ["id", "rule", "spec", "comment",
                "hex" if "hex" in v else "input"]
        need(v["rule"] in self.grammars["sbind.abnf"], "no rule " + v["rule"])
        text = octets_of(v, "input")
        errors = self.model.errors(text)
        is_ip = spec.host_is_ip(text)
        if is_ip is not None and not text.endswith(b":"):
            host = text[:text.rindex(b":")] + b":1"
            need(is_ip == self.machine.accepts(host), "ipaddress disagrees")
        if errors:
            self.rejection(v, base, errors[0], self.machine, text)
            if "guards" not in v:
                self.rejected.add(("sbind.abnf", v["rule"]))
        else:
            self.acceptance(v, base, text)
            if "guards" not in v:
                self.accepted.add(("sbind.abnf", v["rule"]))
        return text

    @staticmethod
    def rejection(v, base, error, machine, text):
        at, _, name, where = error
        need("error" in v, "must be rejected: %s at %d" % (name, at))
        members(v, base + ["error", "offset"], ["guards"])
        need(v["error"] == name, "error is %s by %s" % (name, where))
        need(type(v["offset"]) is int and v["offset"] == at,
             "offset is %d by %s" % (at, where))
        need(v["spec"] == where or not re.match(r"4\.2\.|2\.[1-6]$", v["spec"]),
             "the paragraph is " + where)
        need("guards" in v or v["rule"] in machine.rules_begun(text[:at]),
             "does not come to rule " + v["rule"])

    def acceptance(self, v, base, text):
        need("error" not in v, "must be accepted")
        hexadecimal = "canonical_hex" in v
        members(v, base + ["canonical_hex" if hexadecimal else "canonical",
                           "address"], ["guards"])
        canonical, address = spec.value(text)
        need(octets_of(v, "canonical") == canonical,
             "canonical is %r" % canonical)
        need(json.dumps(v["address"]) == json.dumps(address),
             "address is " + json.dumps(address))
        need(self.machine.accepts(canonical) and len(canonical) <= 1024 and
             not list(spec.limits(canonical)), "canonical is no member")
        need(spec.value(canonical) == (canonical, address),
             "canonical has another value")
        need("guards" in v or v["rule"] in self.machine.rules_of(text),
             "does not use rule " + v["rule"])

    def activation_vector(self, v):
        need(v["rule"] in self.grammars["activation.abnf"], "no rule " + v["rule"])
        values = {name: octets_of(v, name, True) for name in TOP_RULES}
        base = ["id", "rule", "spec", "comment", "self_pid", "self_pidfdid",
                "limit"]
        base += [name if name in v else name + "_hex" for name in TOP_RULES]
        for name, bits in (("self_pid", 31), ("limit", 32)):
            need(type(v.get(name)) is int and 0 <= v[name] < 1 << bits,
                 "bad " + name)
        text = v.get("self_pidfdid")
        need(isinstance(text, str) and re.fullmatch("0|[1-9][0-9]*", text) and
             int(text) < 1 << 64, "bad self_pidfdid")
        result = self.model.activation(
            values, v["self_pid"], int(v["self_pidfdid"]), v["limit"],
            v.get("accept_missing_pid", False))
        members(v, base + list(result), ["accept_missing_pid", "guards"])
        need(v.get("accept_missing_pid", True) is True,
             "bad accept_missing_pid")
        for name, expected in result.items():
            need(json.dumps(v[name]) == json.dumps(expected),
                 "%s is %s" % (name, json.dumps(expected)))
        key = ("activation.abnf", v["rule"])
        for name, rule in TOP_RULES.items():
            machine, text = self.model.machines[rule], values[name]
            if text is None or "guards" in v:
                continue
            bad = (result.get("variable") == "LISTEN_" + name.upper() and
                   result["error"].startswith("bad-"))
            if bad and v["rule"] in machine.rules_begun(text):
                self.rejected.add(key)
            elif (not bad and machine.accepts(text) and
                  v["rule"] in machine.rules_of(text)):
                self.accepted.add(key)

    def notify_vector(self, v):
        need(v["rule"] in self.grammars["notify.abnf"], "no rule " + v["rule"])
        need(v.get("of") in spec.NOTIFY, "bad of")
        text = octets_of(v, "input")
        result = self.model.notify(v["of"], text)
        members(v, ["id", "rule", "spec", "comment", "of",
                    "hex" if "hex" in v else "input", *result])
        for name, expected in result.items():
            need(json.dumps(v[name]) == json.dumps(expected),
                 "%s is %s" % (name, json.dumps(expected)))
        machine = self.model.machines[v["of"]]
        if "error" in result:
            need(v["rule"] in {v["of"], *machine.rules_begun(
                text[:result["offset"]])}, "does not come to rule " + v["rule"])
            self.rejected.add(("notify.abnf", v["rule"]))
        else:
            need(v["rule"] in machine.rules_of(text),
                 "does not use rule " + v["rule"])
            self.accepted.add(("notify.abnf", v["rule"]))

    def coverage(self):
        for file, grammar in self.grammars.items():
            for rule in grammar:
                if (file, rule) not in self.accepted:
                    yield "%s: no accepting vector for %s" % (file, rule)
                if (file, rule) not in self.rejected:
                    yield "%s: no rejecting vector for %s" % (file, rule)


# ---- Tiers ------------------------------------------------------------------

def tier_problems(made, readme):
    """What the complete suite lacks, and wrong numbers in README.md."""
    for machine in made.machines:
        yield from hsi.problems(made.model, machine)
    yield from readme_problems(made.counts(), readme)


def readme_problems(counts, readme):
    listed = "The files have %s vectors of the tier `named`." % format(
        sum(1 for _ in tiers.vectors(*tiers.SUITES["named"])), ",")
    if listed not in readme:
        yield "README.md does not say: " + listed
    for row in ("| `%s` | %s |" % (tier, format(count, ","))
                for tier, count in counts.items()):
        if row not in readme:
            yield "README.md: no row begins with " + row


# ---- The self-test ----------------------------------------------------------

def breakages(suites):
    """Makes mistakes in the suites. Yields for each mistake: what is broken, the suites
    with the mistake, and the text with which a report must begin."""
    def first(suite, condition):
        return next(i for i, v in enumerate(suites[suite]["vectors"])
                    if condition(v))

    def broken(suite, condition, change, report):
        copied = copy.deepcopy(suites)
        at = first(suite, condition)
        v = copied[suite]["vectors"][at]
        change(v)
        return copied, v["id"] + ": " + report

    def rejected(v):
        return "error" in v

    def accepted(v):
        return "address" in v

    yield ("a wrong offset",) + broken(
        "tcp", rejected, lambda v: v.update(offset=v["offset"] + 1),
        "offset is")
    yield ("a wrong offset of a limit",) + broken(
        "limits", rejected, lambda v: v.update(offset=v["offset"] - 1),
        "offset is")
    yield ("a wrong error",) + broken(
        "npipe", rejected, lambda v: v.update(error="system"), "error is")
    yield ("a wrong canonical spelling",) + broken(
        "tcp", lambda v: "FF" in v.get("input", "") and accepted(v),
        lambda v: v.update(canonical=v["input"]), "canonical is")
    yield ("a wrong address",) + broken(
        "fd", lambda v: v.get("address", {}).get("type") == "number",
        lambda v: v["address"].update(value=v["address"]["value"] + 1),
        "address is")

    def reject(v):
        del v["canonical"], v["address"]
        v.update(error="bad-path", offset=8)
    yield ("an acceptance made a rejection",) + broken(
        "unix", lambda v: accepted(v) and "canonical" in v, reject,
        "must be accepted")

    def accept(v):
        del v["error"], v["offset"]
        v.update(canonical="fd://", address={"scheme": "fd", "type": "single"})
    yield ("a rejection made an acceptance",) + broken(
        "fd", rejected, accept, "must be rejected")
    yield ("a wrong rule",) + broken(
        "scheme", accepted, lambda v: v.update(rule="utf8-4"),
        "does not use rule")
    yield ("a paragraph that does not exist",) + broken(
        "unix", rejected, lambda v: v.update(spec="9.9"), "no paragraph")
    yield ("a missing member",) + broken(
        "unix", accepted, lambda v: v.pop("comment"), "no comment")
    yield ("a wrong outcome",) + broken(
        "activation", lambda v: v.get("outcome") == "none",
        lambda v: v.update(outcome="other-process"), "outcome is")

    yield ("a wrong offset of a message",) + broken(
        "notify", rejected, lambda v: v.update(offset=v["offset"] + 1),
        "offset is")

    copied = copy.deepcopy(suites)
    copied["fd"]["vectors"].append(copied["fd"]["vectors"][0])
    yield ("a duplicate", copied,
           suites["fd"]["vectors"][0]["id"] + ": duplicate id")

    for rule in ("not-hex", "utf8-3"):
        for kind, keep in (("rejecting", accepted), ("accepting", rejected)):
            copied = copy.deepcopy(suites)
            for document in copied.values():
                document["vectors"] = [v for v in document["vectors"]
                                       if v["rule"] != rule or keep(v)]
            yield ("a rule without coverage", copied,
                   "sbind.abnf: no %s vector for %s" % (kind, rule))


def tier_breakages(grammar, made, readme):
    """Makes mistakes in tables and files. Yields for each mistake: what is broken, the
    reports about it, and the text with which a report must begin."""
    address = made.machines[0]

    def broken(**members):
        machine = copy.copy(address)
        vars(machine).update(members)
        return machine

    # This machine tells apart the three spellings of a pipe. Answers do not
    # tell them apart.
    spellings = prove.address_machine(grammar)
    blind = broken(identifiers=tables.identifiers(spellings))
    yield ("identifiers for what no answer shows",
           hsi.untold(made.model, blind),
           "address: no common identifier tells b'npipe://' from")
    pipe = address.run(b"npipe://")[0]
    yield ("a transition that leads to another spelling",
           hsi.survivors(blind, blind.words(), {pipe})[1],
           "address: no word notices")
    yield ("a kind that no answer shows",
           hsi.wrong_ends(made.model, broken(labels=spellings.labels)),
           "address: the answer to b'npipe://0' shows npipe, not npipe-local")
    yield ("a state in which no word ends",
           hsi.unasked(address, set(address.words()) - set(address.access)),
           "address: no word comes to the end after b'tcp://A:65'")
    yield ("a wrong number of vectors",
           readme_problems(made.counts(), readme.replace("The files have ", "")),
           "README.md does not say: The files have")
    yield ("a wrong number of words",
           readme_problems({"named": made.counts()["named"] + 1}, readme),
           "README.md: no row begins with | `named` |")


def version_breakages(suites, listed):
    """Makes mistakes in versions/. Yields for each mistake what tier_breakages
    yields."""
    first = suites["tcp"]["vectors"][0]
    for what, change, report in (
            ("an edited vector", {"version": {**listed["1.0"], first["id"]: "0"}},
             first["id"] + ": it has been edited since"),
            ("a vector that is gone", {**listed, "1.0": {
                **listed["1.0"], "tcp-gone": "0"}}, "tcp-gone: version 1.0 has it"),
            ("a vector without a version", {"1.0": {
                name: text for name, text in listed["1.0"].items()
                if name != first["id"]}}, first["id"] + ": no version has it")):
        yield what, versions.problems(suites, change), report


def self_test(checker, suites, made, readme, listed):
    problems, count = [], 0
    named = {suite: document for suite, document in suites.items()
             if not suite.endswith("mutants")}
    vectors = ((what, checker.check(broken), report)
               for what, broken, report in breakages(named))
    for what, lines, report in itertools.chain(vectors,
                                               tier_breakages(
            checker.grammars["sbind.abnf"], made, readme),
                                               version_breakages(suites, listed)):
        count += 1
        if not any(line.startswith(report) for line in lines):
            problems.append("self-test: %s was not reported" % what)
    return problems, count


def main(arguments):
    test = "--self-test" in arguments
    places = [each for each in arguments if each != "--self-test"]
    root = pathlib.Path(places[0] if places else
                        pathlib.Path(__file__).resolve().parents[2])
    checker = Checker(root)
    suites = {suite: json.loads((root / "conformance/vectors" / (suite + ".json"))
                                .read_text(encoding="utf-8"))
              for suite in SUITES}
    made = tiers.Tiers(model=checker.model)
    readme = (root / "conformance/README.md").read_text(encoding="utf-8")
    problems = checker.check(suites) + list(tier_problems(made, readme))
    listed = versions.files(root / "conformance")
    problems += versions.problems(suites, listed)
    if (root / "conformance/ERRORS.md").read_text(encoding="utf-8") != \
            errors.page(checker.model, suites):
        problems.append("ERRORS.md is not what generate.py makes")
    if test and not problems:
        problems, count = self_test(checker, suites, made, readme, listed)
        if not problems:
            print("self-test: %d breakages, each reported" % count)
    for line in problems:
        print(line)
    if problems:
        return 1
    print("%d vectors, %d rules: ok" % (
        sum(len(document["vectors"]) for document in suites.values()),
        sum(map(len, checker.grammars.values()))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
