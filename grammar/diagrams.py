#!/usr/bin/python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Draws the rules of the grammar as railroad diagrams.

    diagrams.py [--check] [ROOT]

The files are grammar/diagrams/SECTION.svg for each section of sbind.abnf, and one each for
activation.abnf and notify.abnf. --check requires that each file is what the program would draw now.
The program needs Debian's python3-railroad-diagrams.
"""
import io
import pathlib
import re
import sys

sys.dont_write_bytecode = True
import railroad
from prover import abnf

GAP = 24     # pixels between two rules
HEAD = 22    # for the name of a rule
STYLE = """\
<style>
svg { background: #fff; }
path { stroke: #333; stroke-width: 2; fill: none; }
text { font: 14px monospace; text-anchor: middle; fill: #111; }
text.comment { font-size: 12px; }
text.rule { font-weight: bold; text-anchor: start; }
rect { stroke: #333; stroke-width: 2; fill: #e8f0fe; }
.terminal rect { fill: #e6f4ea; }
</style>
"""


def sections(text):
    """[(name, [rules])] in the order of the file."""
    found = []
    for line in text.splitlines():
        title = re.match(r"; --- (.*?) -+", line)
        rule = re.match(r"([A-Za-z][A-Za-z0-9-]*)\s*=", line)
        if title or not found:
            name = title.group(1) if title else "address"
            found.append((name.lower().replace(" ", "-"), []))
        if rule:
            found[-1][1].append(rule.group(1).lower())
    return [(name, rules) for name, rules in found if rules]


def draw(tree):
    kind = tree[0]
    if kind == "set":
        return railroad.Terminal(abnf.text_of(tree))
    if kind == "ref":
        return railroad.NonTerminal(abnf.text_of(tree))
    if kind == "alt":
        return railroad.Choice(0, *map(draw, tree[1]))
    if kind == "cat":
        return railroad.Sequence(*map(draw, pieces(tree[1])))
    if kind == "string":
        return railroad.Terminal(tree[1])
    least, most, inner = tree[1:]
    if (least, most) == (0, 1):
        return railroad.Optional(draw(inner))
    if (least, most) == (0, None):
        return railroad.ZeroOrMore(draw(inner))
    if (least, most) == (1, None):
        return railroad.OneOrMore(draw(inner))
    times = "%d times" % least if least == most else "%s to %s times" % (
        least, "any number of" if most is None else most)
    loop = railroad.OneOrMore(draw(inner), railroad.Comment(times))
    return railroad.Optional(loop) if least == 0 else loop


def pieces(trees):
    """The elements of a concatenation. A string stays in one piece."""
    while trees:
        length = len(trees)
        while length and not abnf.string_text(trees[:length]):
            length -= 1
        if length:
            yield "string", abnf.string_text(trees[:length])
        else:
            yield trees[0]
        trees = trees[length or 1:]


def diagram(rule, tree, top):
    """The SVG of a rule, placed at a height; its width; its height."""
    picture = railroad.Diagram(draw(tree), css="")
    written = io.StringIO()
    picture.writeSvg(written.write)
    svg = written.getvalue()
    width, height = (float(re.search(r'%s="([\d.]+)"' % name, svg).group(1))
                     for name in ("width", "height"))
    body = re.sub(r"<style>.*?</style>", "", svg, flags=re.S)
    body = body.replace("<svg ", '<svg x="0" y="%g" ' % (top + HEAD), 1)
    title = '<text class="rule" x="0" y="%g">%s</text>\n' % (top + 14, rule)
    return title + body, width, height + HEAD + GAP


def page(grammar, rules):
    top, widest, drawn = 8.0, 0.0, []
    for rule in rules:
        svg, width, height = diagram(rule, grammar[rule], top)
        drawn.append(svg)
        widest, top = max(widest, width), top + height
    return ('<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink='
            '"http://www.w3.org/1999/xlink" width="%g" height="%g">\n'
            % (widest, top) + STYLE + "\n".join(drawn) + "</svg>\n")


def main(arguments):
    check = "--check" in arguments
    places = [each for each in arguments if each != "--check"]
    root = pathlib.Path(places[0] if places else
                        pathlib.Path(__file__).resolve().parents[1])
    folder = root / "grammar/diagrams"
    wanted = {}
    for file in ("sbind.abnf", "activation.abnf", "notify.abnf"):
        text = (root / "grammar" / file).read_text(encoding="ascii")
        grammar = abnf.parse(text)
        for name, rules in sections(text):
            if file != "sbind.abnf":
                name = file.removesuffix(".abnf")
            wanted[name + ".svg"] = page(grammar, rules)
    if not check:
        folder.mkdir(exist_ok=True)
        for name, svg in wanted.items():
            (folder / name).write_text(svg, encoding="ascii")
    present = {path.name: path.read_text(encoding="ascii")
               for path in folder.glob("*")}
    for name in sorted(wanted.keys() | present.keys()):
        if wanted.get(name) != present.get(name):
            print("grammar/diagrams/%s is not drawn from the grammar" % name)
            return 1
    print("%d diagrams of %d rules" % (len(wanted), sum(
        svg.count('class="rule"') for svg in wanted.values())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
