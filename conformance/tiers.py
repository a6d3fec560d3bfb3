# SPDX-License-Identifier: MIT OR Apache-2.0
"""The tiers: each is a series of (rule, id or None, request, answer)."""
import hashlib
import json
import pathlib

import boundary
import complete
import neighbours
import spec

HERE = pathlib.Path(__file__).resolve().parent
NAMED = ("tcp", "unix", "fd", "npipe", "scheme", "limits", "activation")
MUTANTS = ("mutants", "activation-mutants")
PUBLISHED = "boundary.sha256"

# Lines that are no request, however many spellings an adapter takes (SPEC.md
# 7.2), and the answer to each (7.4).
NO_REQUESTS = (
    b"",
    b"explain 66",
    b"parse",
    b"parse 66 66",
    b"parse 6",
    b"parse 6g",
    b"parse unset",
    b"activation",
    b"activation 31 31 unset unset 1 1",
    b"activation 31 31 unset unset 1 1 1 1",
    b"activation 3 31 unset unset 1 1 1",
    b"activation 31 31 unset unset unset 1 1",
    b"activation 31 31 unset unset 2147483648 1 1",
    b"activation 31 31 unset unset 1 18446744073709551616 1",
    b"activation 31 31 unset unset 1 1 4294967296",
)
BAD_REQUEST = b'{"ok":false,"error":"bad-request"}'


def octets_of(v, plain, coded):
    if coded in v:
        return bytes.fromhex(v[coded])
    return None if v[plain] is None else v[plain].encode("ascii")


def of_address(v):
    request = spec.request(octets_of(v, "input", "hex"))
    if "error" in v:
        return request, {"ok": False, "error": v["error"],
                         "offset": v["offset"]}
    canonical = octets_of(v, "canonical", "canonical_hex")
    return request, {"ok": True, "canonical": canonical.hex(),
                     "address": v["address"]}


def of_activation(v):
    values = {name: octets_of(v, name, name + "_hex")
              for name in spec.TOP_RULES}
    request = spec.activation_request(values, v["self_pid"],
                                      int(v["self_pidfdid"]), v["limit"])
    if "error" in v:
        return request, {"ok": False, "error": v["error"],
                         "variable": v["variable"], "offset": v["offset"]}
    answer = {"ok": True, "outcome": v["outcome"]}
    if v["outcome"] == "passed":
        answer |= {"count": v["count"],
                   "names": [name.encode().hex() for name in v["names"]]}
    return request, answer


def of_vectors(vectors):
    for v in vectors:
        if "accept_missing_pid" in v: # an option that requests cannot say
            continue
        request, answer = (of_address if "input" in v or "hex" in v
                           else of_activation)(v)
        yield v["rule"], v["id"], request, spec.line(answer)


def digest(answers):
    """Of answers as an adapter writes them, each with its newline."""
    sha256 = hashlib.sha256()
    for answer in answers:
        sha256.update(answer + b"\n")
    return sha256.hexdigest()


def words_of(module):
    """(rule, octets) of a module that has addresses and values."""
    for text in module.addresses():
        yield "address", text
    yield from module.values()


class Tiers:
    def __init__(self, tables=None, model=None):
        self.machines = [complete.Machine(each) for each in (
            tables or self.load("complete.json"))["machines"]]
        self.model = model or spec.Model(
            {machine.rule: machine for machine in self.machines})

    @staticmethod
    def load(name):
        return json.loads((HERE / name).read_text(encoding="utf-8"))

    def suites(self, names):
        for name in names:
            yield from of_vectors(
                self.load("vectors/%s.json" % name)["vectors"])

    def named(self):
        return self.suites(NAMED)

    def mutants(self):
        return self.suites(MUTANTS)

    @staticmethod
    def requests():
        """What is sent before any tier; after all of it comes a request."""
        for line in NO_REQUESTS:
            yield "bad-request", None, line, BAD_REQUEST
        yield ("address", None, spec.request(b""),
               b'{"ok":false,"error":"unexpected-end","offset":0}')

    def words(self, tier):
        """(rule, octets) of a tier whose answers are derived when it is run."""
        if tier == "complete":
            return ((machine.rule, word) for machine in self.machines
                    if machine.rule not in spec.NOTIFY # no request has those
                    for word in machine.words())
        return words_of({"boundary": boundary, "neighbours": neighbours}[tier])

    def boundary(self):
        return self.answered(self.words("boundary"))

    def neighbours(self):
        return self.answered(self.words("neighbours"))

    def complete(self):
        return self.answered(self.words("complete"))

    def counts(self):
        """The number of requests of every tier."""
        requests = [self.named(), self.mutants(), self.words("boundary"),
                    self.words("neighbours"), self.words("complete")]
        return {tier: sum(1 for _ in each)
                for tier, each in zip(TIERS, requests)}

    def pack(self):
        """The requests of the boundary pack."""
        for module in boundary, neighbours:
            for rule, text in words_of(module):
                if rule == "address":
                    yield spec.request(text)
                else:
                    values, numbers = spec.request_for(self.model, rule, text)
                    yield spec.activation_request(values, *numbers)

    def digest(self):
        """What the answers to the boundary pack come to."""
        return digest(answer for tier in (self.boundary(), self.neighbours())
                      for _, _, _, answer in tier)

    def answered(self, words):
        for rule, text in words:
            yield (self.address(text) if rule == "address"
                   else self.activation(rule, text))

    def address(self, text):
        rule, viable, kind = self.machines[0].walk(text)
        answer = self.model.parse(text, viable, kind is not None)
        return rule, None, spec.request(text), spec.line(answer)

    def activation(self, rule, value):
        values, numbers = spec.request_for(self.model, rule, value)
        answer = self.model.activation_answer(values, *numbers)
        return (rule, None, spec.activation_request(values, *numbers),
                spec.line(answer))


TIERS = ("named", "mutants", "boundary", "neighbours", "complete")
