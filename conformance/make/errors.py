# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes ERRORS.md: every error that an answer can have, with its shortest example."""
import collections
import re

import report
import tiers

HEAD = """# Every error

An error is an answer to an address, to a variable of the environment, or to a message to the
service manager. For each error, the table has these columns:

- "paragraphs": the paragraphs of [SPEC.md](../grammar/SPEC.md) that prescribe the error,
- "variable": the variable with the error, or nothing if the error is in an address or a message,
- "example": the shortest text or value with this error in the conformance suite. `\\xE9` is one
  octet, and `"a"*64` is the letter a 64 times,
- "offset": the position of the error in the example, in octets,
- "vector": the name of the example in the conformance suite.

`generate.py` writes this page.

| error | paragraphs | variable | example | offset | vector |
|---|---|---|---|---|---|
"""


def paragraphs(model, v):
    """The paragraphs of SPEC.md about a vector's error. For an address they are derived
    from its text. Other vectors name the paragraph."""
    if tiers.kind_of(v) == "parse" and "of" not in v:
        octets = tiers.octets_of(v, "input", "hex")
        return {model.errors(octets)[0][3]}
    return {v["spec"]}


def about(v):
    """The octets of an example, which is an address or the value of a variable."""
    name = v.get("variable", "").removeprefix("LISTEN_").lower()
    return tiers.octets_of(v, name or "input", name + "_hex" if name else "hex")


def page(model, suites):
    found = collections.defaultdict(list)
    for name in suites:
        if not name.endswith("mutants"):
            for v in suites[name]["vectors"]:
                if "error" in v:
                    found[v["error"]].append(v)
    rows = []
    for error, vectors in sorted(found.items()):
        first = min(vectors, key=lambda v: (
            not about(v).isascii() or not about(v).decode().isprintable(),
            len(about(v)), v["id"]))
        where = set().union(*(paragraphs(model, v) for v in vectors))
        variables = {v.get("variable", v.get("of", "")) for v in vectors}
        variable = ", ".join(
            each.upper().replace("-", "_").replace("NOTIFY_STATE", "")
            for each in sorted(variables) if each)
        rows.append("| `%s` | %s | %s | `%s` | %d | `%s` |" % (
            error, ", ".join(sorted(where, key=lambda p: [
                int(n) for n in re.findall(r"\d+", p)])), variable,
            report.text_of(about(first)).replace("|", "\\|"),
            first["offset"], first["id"]))
    return HEAD + "\n".join(rows) + "\n"
