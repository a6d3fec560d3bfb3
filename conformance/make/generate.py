#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the derived suites from the grammar and SPEC.md.

    generate.py [--check] [--every N]
    generate.py --vectors       only ERRORS.md and the file in versions/
    generate.py --equivalent

The files are complete.json, vectors/mutants.json, vectors/activation-mutants.json,
equivalent-edits.sha256, boundary.sha256, ERRORS.md and the file of this version in
versions/. --check writes nothing. It requires that each file has the text that this
program would write. For each transition to a wrong state, some word of the complete
suite must notice the mistake. With --every N, --check looks only at each Nth edit of
the grammar, and requires that the files are right about these edits.

Some edits do not change the answer to any text, so no vector can guard against them.
--equivalent prints these edits. equivalent-edits.sha256 has their number, and the
SHA-256 of their list. --check fails if any other edit has no vector.
"""
import argparse
import hashlib
import json
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parents[1]
ROOT = HERE.parent
sys.path.insert(0, str(HERE))
import errors
import hsi
import mutants
import spec
import tables
import tiers
import versions

EQUIVALENT = "make/equivalent-edits.sha256"
SUITES = {"address": "mutants", "activation": "activation-mutants"}


def lines(document, rows):
    """JSON in which some arrays have a line for each element. "rows" has the names of
    these arrays, each with the first member of an element."""
    text = json.dumps(document, separators=(", ", ": "))
    for name in rows:
        start = '"%s": [' % name
        text = text.replace(start + "{", start + "\n{").replace(
            "}, {\"" + rows[name], "},\n{\"" + rows[name])
    return text + "\n"


def plain_or_hex(octets, plain, coded):
    if all(0x20 <= octet < 0x7F for octet in octets):
        return {plain: octets.decode("ascii")}
    return {coded: octets.hex()}


def vector(model, top, text, guards):
    """A vector with the text's right answer, in the form of the named suites. "guards"
    are the edits of the grammar that the vector makes noticeable. The vector is listed
    under the rule that the first of these edits changes."""
    rule = guards[0].partition(":")[0]
    head = {"id": mutants.name_of(rule, text), "rule": rule}
    tail = {"guards": guards}
    if top == "address":
        errors = model.errors(text)
        head |= {"spec": errors[0][3] if errors else "1.2",
                 "comment": "tells an edit of the grammar",
                 **plain_or_hex(text, "input", "hex")}
        if errors:
            return head | {"error": errors[0][2], "offset": errors[0][0],
                           **tail}
        canonical, address = spec.value(text)
        return head | plain_or_hex(canonical, "canonical", "canonical_hex") | {
            "address": address, **tail}
    values, numbers = spec.request_for(model, top, text)
    head |= {"spec": "6.8" if model.value_error(spec.NAMES[top], text)
             else "6.7", "comment": "tells an edit of the grammar"}
    for name in spec.TOP_RULES:
        head |= ({name: None} if values[name] is None else
                 plain_or_hex(values[name], name, name + "_hex"))
    self_pid, self_pidfdid, limit = numbers
    return head | {"self_pid": self_pid, "self_pidfdid": str(self_pidfdid),
                   "limit": limit, **model.activation(values, *numbers),
                   **tail}


def suite(name, vectors):
    return lines({"$schema": "./schema.json", "version": 1, "suite": name,
                  "vectors": vectors}, {"vectors": "id"})


def named(top, edit):
    """The edit, after the name of its grammar, because rules of both grammars can have
    the same name."""
    return "%s %s" % (top if top in SUITES else "activation", edit)


def summary(edits):
    lines = "".join(each + "\n" for each in sorted(edits))
    return "%d edits, %s\n" % (len(edits),
                               hashlib.sha256(lines.encode()).hexdigest())


def of_vectors(model, made):
    """The texts of the files that are made from the vectors. The vectors come from
    "made", or else from the files in vectors/."""
    suites = {name: json.loads(made.get("vectors/%s.json" % name) or
                               tiers.read("vectors/%s.json" % name))
              for name in tiers.ALL}
    now = tiers.version()
    return {"ERRORS.md": errors.page(model, suites),
            "versions/%s.tsv" % now: versions.added(
                suites, versions.files(HERE), now)}


def make(every):
    """The text of each file, the edits that have a vector, and the edits that change
    nothing."""
    made_tables = tables.make(ROOT)
    made = {"complete.json": lines(made_tables, {
        "machines": "rule", "states": "within"})}
    model = tables.model(ROOT)
    found, equivalent = mutants.find(ROOT, every)
    vectors = {name: [] for name in SUITES.values()}
    guarded = set()
    for top, text, guards in found:
        vectors[SUITES.get(top, "activation-mutants")].append(
            vector(model, top, text, guards))
        guarded |= {named(top, edit) for edit in guards}
    equivalent = {named(top, edit) for top, edit in equivalent}
    for name, each in vectors.items():
        made["vectors/%s.json" % name] = suite(name, each)
    if every == 1:
        made |= of_vectors(model, made)
        made[tiers.PUBLISHED] = tiers.Tiers(made_tables, model).digest() + "\n"
    made[EQUIVALENT] = summary(equivalent)
    return made, guarded, equivalent


def write(made):
    for name, text in made.items():
        (HERE / name).write_text(text, encoding="utf-8")


def differing(made):
    for name, text in made.items():
        path = HERE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield name + " is not what generate.py makes"


def committed():
    """The edits against which the vectors guard, in the files as they are now."""
    return {named(top, edit) for top, suite_name in SUITES.items()
            for v in json.loads((HERE / "vectors" / (
                suite_name + ".json")).read_text())["vectors"]
            for edit in v["guards"]}


def unguarded():
    return {named(top, edit) for top, listed in mutants.tasks()
            for _, edit, _ in listed} - committed()


def missing(guarded, equivalent):
    """The edits about which the files are wrong."""
    for each in sorted(guarded - committed()):
        yield "no vector guards " + each
    for each in sorted(equivalent & committed()):
        yield "a vector guards what changes nothing: " + each
    if summary(unguarded()) != (HERE / EQUIVALENT).read_text():
        yield "no vector guards %d edits, of which %s says %s" % (
            len(unguarded()), EQUIVALENT, (HERE / EQUIVALENT).read_text())


def unnoticed():
    """Wrong transitions of the machines of complete.json that no word notices."""
    total = 0
    for machine in tiers.Tiers().machines:
        count, missed = hsi.survivors(machine, machine.words(),
                                      range(len(machine.labels)))
        total += count
        yield from missed
    print("%d transitions to a wrong state" % total)


def main():
    parser = argparse.ArgumentParser(description="makes the derived suites")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--equivalent", action="store_true")
    parser.add_argument("--vectors", action="store_true")
    options = parser.parse_args()
    if options.every != 1 and not options.check:
        parser.error("--every goes with --check")
    if options.equivalent:
        mutants.prepare(ROOT)
        print("\n".join(sorted(unguarded())))
        return 0
    if options.vectors:
        write(of_vectors(tables.model(ROOT), {}))
        return 0
    made, guarded, equivalent = make(options.every)
    problems = []
    if options.every != 1:
        made = {"complete.json": made["complete.json"]}
    elif options.check:
        problems += unnoticed()
    if options.check:
        problems += [*missing(guarded, equivalent), *differing(made)]
    else:
        write(made)
    for line in problems:
        print(line)
    print("%d edits of the grammar, %d of them change nothing: %s" % (
        len(guarded) + len(equivalent), len(equivalent),
        "%d problems" % len(problems) if options.check else "written"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
