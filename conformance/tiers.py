# SPDX-License-Identifier: MIT OR Apache-2.0
"""The tiers of the suite. Each is a series of questions."""
import collections
import hashlib
import itertools
import json
import pkgutil

import boundary
import complete
import neighbours
import spec

TIERS = ("named", "mutants", "boundary", "neighbours", "complete")
SUITES = {"named": ("tcp", "unix", "fd", "npipe", "scheme", "limits",
                    "activation"),
          "mutants": ("mutants", "activation-mutants")}
ALL = (*SUITES["named"], *SUITES["mutants"], "notify")
PUBLISHED = "boundary.sha256"

# A request, the right answer, and the vector from which both come, if there is
# one.
Question = collections.namedtuple("Question", "rule request answer vector",
                                  defaults=(None,))

# Lines that no adapter may take for requests, not even an adapter that accepts
# other spellings of requests (SPEC.md 7.2). The right answer to each line is
# that of 7.4.
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
LONG = (b"unix://a" + 2 ** 16 * b"a", b"unix://a" + 2 ** 20 * b"a")
MANY_NAMES = 35000 * b"a:"
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


def is_asked(v):
    """Whether a request can express the vector. No request can express messages to the
    service manager, or that a missing LISTEN_PID is accepted. These vectors are for
    unit tests."""
    return "of" not in v and "accept_missing_pid" not in v


def of_vector(v):
    request, answer = (of_address if kind_of(v) == "parse"
                       else of_activation)(v)
    return Question(v["rule"], request, spec.line(answer), v)


def kind_of(item):
    """What an item is about: "parse" for an address, "activation" for an environment.
    An item is a vector, or a pair of a rule and octets."""
    is_address = ("input" in item or "hex" in item if isinstance(item, dict)
                  else item[0] == "address")
    return "parse" if is_address else "activation"


def read(name):
    """Reads a file of this folder, or of the archive that contains this folder."""
    return pkgutil.get_data(__name__, name).decode("utf-8")


def vectors(*suites):
    for name in suites:
        yield from json.loads(read("vectors/%s.json" % name))["vectors"]


def version():
    """The version of the suite. Each version adds vectors. No vector is ever edited."""
    return read("VERSION").strip()


def ids(of):
    """The ids of all vectors in a version. Each version has a file with the vectors
    that it added."""
    major, minor = of.split(".")
    for each in range(int(minor) + 1):
        for line in read("versions/%s.%d.tsv" % (major, each)).splitlines():
            yield line.split("\t")[0]


def digest(answers):
    """The SHA-256 of answers as an adapter writes them, each with its newline."""
    sha256 = hashlib.sha256()
    for answer in answers:
        sha256.update(answer + b"\n")
    return sha256.hexdigest()


def words_of(module):
    """All words of a module, as pairs of a rule and octets."""
    for text in module.addresses():
        yield "address", text
    yield from module.values()


class Tiers:
    def __init__(self, tables=None, model=None):
        self.machines = [complete.Machine(each) for each in (
            tables or json.loads(read("complete.json")))["machines"]]
        self.model = model or spec.Model(
            {machine.rule: machine for machine in self.machines})

    def requests(self):
        """Questions that come before all tiers: lines that are not requests, an empty
        text, and texts so long that a length of 16 or 20 bits would wrap."""
        for line in NO_REQUESTS:
            yield Question("bad-request", line, BAD_REQUEST)
        for text in (b"", *LONG):
            yield self.question(("address", text))
        yield self.question(("listen-fdnames", MANY_NAMES))

    def items(self, tier):
        """What a tier consists of: vectors, or pairs of a rule and octets. The right
        answers to pairs are derived only when they are needed."""
        if tier in SUITES:
            return filter(is_asked, vectors(*SUITES[tier]))
        if tier == "complete":
            return ((machine.rule, word) for machine in self.machines
                    if machine.rule not in spec.NOTIFY # no request has those
                    for word in machine.words())
        return words_of({"boundary": boundary, "neighbours": neighbours}[tier])

    def question(self, item):
        if isinstance(item, dict):
            return of_vector(item)
        rule, text = item
        if rule == "address":
            rule, viable, kind = self.machines[0].walk(text)
            answer = self.model.parse(text, viable, kind is not None)
            return Question(rule, spec.request(text), spec.line(answer))
        values, numbers = spec.request_for(self.model, rule, text)
        answer = self.model.activation_answer(values, *numbers)
        return Question(rule, spec.activation_request(values, *numbers),
                        spec.line(answer))

    def questions(self, tier, kind=None, every=1):
        """Each Nth question of a kind. The answers to the questions between are not
        derived."""
        items = (each for each in self.items(tier)
                 if kind in (None, kind_of(each)))
        return map(self.question, itertools.islice(items, 0, None, every))

    def counts(self):
        """The number of requests of every tier."""
        return {tier: sum(1 for _ in self.items(tier)) for tier in TIERS}

    def pack(self):
        """The questions of the boundary pack."""
        for tier in ("boundary", "neighbours"):
            yield from self.questions(tier)

    def digest(self):
        """The digest of all right answers to the boundary pack."""
        return digest(question.answer for question in self.pack())
