# SPDX-License-Identifier: MIT OR Apache-2.0
"""Draws random edits of C sources, like those that tools for mutation testing make.

clang says which construct is at which place. First a file is drawn: each line of all sources has
the same chance. Then a kind of edit is drawn that is possible in this file, and at last an edit of
this kind. Code for other systems, and code that re2c has written, is left out.
"""
import itertools
import json
import random
import re
import subprocess

from tree import ROOT

CLANG = ["clang", "-std=c11", "-D_GNU_SOURCE", "-w", "-I", ROOT / "include",
         "-fsyntax-only", "-Xclang", "-ast-dump=json"]
NEIGHBOUR = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
             "&&": "||", "||": "&&", "+": "-", "-": "+", "*": "/", "/": "*",
             "&": "|", "<<": ">>", ">>": "<<"}
KIND = {"&&": "logic", "||": "logic", **dict.fromkeys("+-*/&", "arithmetic"),
        "<<": "arithmetic", ">>": "arithmetic"} # others: "relation"
STATEMENTS = {"CallExpr": "call", "ReturnStmt": "return", "BreakStmt": "jump",
              "ContinueStmt": "jump", "GotoStmt": "jump", "IfStmt": "if",
              "CompoundAssignOperator": "assignment"}
ELSEWHERE = ("win32", "portable", "macos")       # what the preset release does not compile
ASSIGNS = ("=", "++", "--")
LOCATIONS = ("spellingLoc", "expansionLoc")


class Source:
    """A source file: what clang says about it, and the edits that can be made."""

    def __init__(self, path):
        self.path, self.text = str(path), path.read_text(encoding="ascii")
        self.file = None                # where the last place is; clang says it
        self.groups = {}                # what may stand for what: members, enumerators
        done = subprocess.run([*CLANG, path], check=True, stdout=subprocess.PIPE)
        self.top = self.place(json.loads(done.stdout))

    # ---- Where it stands ------------------------------------------------------

    def note(self, location):
        for each in LOCATIONS:
            if each in location:
                self.note(location[each])
        self.file = location.get("file", self.file)

    def end_of(self, location):
        """If a construct ends in a macro with arguments, its end is not known."""
        at = location.get("expansionLoc", location)
        end = at.get("offset", 0) + at.get("tokLen", 0)
        if at is not location and self.text[end:end + 1] == "(":
            return None
        return end

    def place(self, node):
        """Notes in each node of the syntax tree where its text begins and ends, if the text is in
        this file."""
        self.note(node.get("loc", {}))
        begin, end = (node.get("range", {}).get(side, {})
                      for side in ("begin", "end"))
        self.note(begin)
        inside = self.file == self.path
        self.note(end)
        if inside:
            at = begin.get("expansionLoc", begin)
            node["at"] = at.get("offset"), self.end_of(end)
            if None in node["at"]:
                del node["at"]
        node["inner"] = [self.place(each) for each in node.get("inner", ())]
        self.note_group(node)
        return node

    def note_group(self, node):
        if node.get("kind") not in ("RecordDecl", "EnumDecl"):
            return
        group = [each for each in node["inner"]
                 if each.get("kind") in ("FieldDecl", "EnumConstantDecl")]
        for each in group:
            self.groups[each["id"]] = group

    def of(self, node):
        return self.text[slice(*node["at"])]

    # ---- The edits of a node ----------------------------------------------------

    def edits(self):
        """(kind, begin, end, new)"""
        for each in self.top["inner"]:
            if "at" in each:
                yield from self.edits_below(each, self.names_in(each))

    def names_in(self, node):
        """The variables that the function uses, with their types."""
        found = {}
        for each in node["inner"]:
            found.update(self.names_in(each))
        name = node.get("referencedDecl", {})
        if name.get("kind") in ("VarDecl", "ParmVarDecl"):
            found[name["name"]] = name["type"]["qualType"]
        return found

    def edits_below(self, node, names):
        if "at" in node:
            kind = node.get("kind", "")
            edit = getattr(self, "edit_" + kind, lambda *_: ())
            yield from edit(node, names)
        for each in node["inner"]:
            yield from self.edits_below(each, names)

    def negate(self, condition):
        if "at" in condition:
            yield "negation", *condition["at"], "!(%s)" % self.of(condition)

    def edit_IfStmt(self, node, _):
        yield from self.negate(node["inner"][0])
        for each in node["inner"][1:]:
            yield from self.deletion(each, "(void)0")

    edit_WhileStmt = edit_IfStmt

    def edit_ForStmt(self, node, _):
        yield from self.deletion(node["inner"][4], "(void)0")

    def edit_CompoundStmt(self, node, _):
        for each in node["inner"]:
            yield from self.deletion(each, "")

    def edit_CaseStmt(self, node, _):
        value, *_, rest = node["inner"]
        if "at" in rest:
            yield "case", node["at"][0], rest["at"][0], ""
            yield from self.deletion(rest, "(void)0")

    def deletion(self, node, new):
        kind = STATEMENTS.get(node.get("kind"))
        if node.get("opcode") in ASSIGNS:
            kind = "assignment"
        if kind and "at" in node:
            yield "deleted " + kind, *node["at"], new

    def edit_ConditionalOperator(self, node, _):
        condition, yes, no = node["inner"]
        yield from self.negate(condition)
        if "at" in yes and "at" in no:
            yield ("branches", yes["at"][0], no["at"][1], self.of(no) +
                   self.text[yes["at"][1]:no["at"][0]] + self.of(yes))

    def edit_BinaryOperator(self, node, _):
        left, right = node["inner"]
        if "at" not in left or "at" not in right:
            return
        operator = node["opcode"]
        between = left["at"][1], right["at"][0]
        if operator == "|":
            yield "flag", left["at"][0], right["at"][0], ""
            yield "flag", left["at"][1], right["at"][1], ""
        elif operator in NEIGHBOUR:
            yield (KIND.get(operator, "relation"), *between,
                   self.text[slice(*between)].replace(
                       operator, NEIGHBOUR[operator], 1))

    def edit_CallExpr(self, node, _):
        arguments = [each for each in node["inner"][1:] if "at" in each]
        for one, two in itertools.combinations(arguments, 2):
            if one["type"] == two["type"] and one["at"][1] < two["at"][0]:
                yield ("arguments", one["at"][0], two["at"][1], self.of(two) +
                       self.text[one["at"][1]:two["at"][0]] + self.of(one))

    def edit_IntegerLiteral(self, node, _):
        text = self.of(node)
        if text in ("true", "false"):
            yield "boolean", *node["at"], "false" if text == "true" else "true"
        elif re.fullmatch("[0-9]+", text):
            for by in (1, -1):
                if int(text) + by >= 0:
                    yield "constant", *node["at"], str(int(text) + by)

    def edit_StringLiteral(self, node, _):
        """Edits of a string: in each of its lines, the letter in the middle is left
        out."""
        for line in re.finditer(r'"(?:[^"\\\n]|\\.)*"', self.of(node)):
            letters = [found.start() for found in re.finditer(
                r"(?<![%\\a-z0-9.*])[a-z]|(?<=[a-z ])[a-z]", line.group())]
            if letters:
                at = node["at"][0] + line.start() + letters[len(letters) // 2]
                yield "text", at, at + 1, ""

    def edit_DeclRefExpr(self, node, names):
        name = node["referencedDecl"]
        if name["kind"] == "EnumConstantDecl":
            yield from self.siblings("enumerator", name["id"], node)
        for other, of_type in names.items():
            if (other != name["name"] == self.of(node) and
                    of_type == name["type"]["qualType"]):
                yield "variable", *node["at"], other

    def edit_MemberExpr(self, node, _):
        yield from self.siblings("member", node["referencedMemberDecl"], node)

    def siblings(self, kind, identifier, node):
        group = self.groups.get(identifier, [])
        own = next((each for each in group if each["id"] == identifier), None)
        if own is None or not self.of(node).endswith(own["name"]):
            return
        for each in group:
            if each is not own and each["type"] == own["type"]:
                yield (kind, node["at"][1] - len(own["name"]), node["at"][1],
                       each["name"])


# ---- Drawing -----------------------------------------------------------------------

def sources(places):
    """The C sources below these paths."""
    for place in places:
        path = ROOT / place
        for each in sorted(path.rglob("*.c")) if path.is_dir() else [path]:
            if each.name != "lexer.c" and each.parent.name not in ELSEWHERE:
                yield each


def pinned(source, edit):
    """Writes an edit in the form of the lists of mistakes. Its "old" consists of whole lines that
    occur only once in the file."""
    kind, begin, end, new = edit
    text = source.text
    first, last = text.rfind("\n", 0, begin) + 1, text.index("\n", end)
    while text.count(text[first:last]) > 1:
        first = text.rfind("\n", 0, first - 1) + 1
        last = text.index("\n", last + 1)
    return {"file": source.path[len(str(ROOT)) + 1:], "edit": kind,
            "old": text[first:last], "new": text[first:begin] + new + text[end:last]}


def kinds_of(path, chance):
    """The edits of a file by kind, in random order."""
    source, kinds = Source(path), {}
    for edit in source.edits():
        kinds.setdefault(edit[0], []).append((source, edit))
    for edits in kinds.values():
        chance.shuffle(edits)
    return kinds


def draw(places, seed):
    """Yields mistakes until no source has more. Reads a source when it is drawn."""
    chance, known = random.Random(seed), {}
    lines = {path: len(path.read_text().splitlines()) for path in sources(places)}
    while lines:
        path, = chance.choices([*lines], [*lines.values()])
        if path not in known:
            known[path] = kinds_of(path, chance)
        kinds = known[path]
        if not kinds:
            del lines[path]
            continue
        kind = chance.choice(sorted(kinds))
        yield pinned(*kinds[kind].pop())
        if not kinds[kind]:
            del kinds[kind]
