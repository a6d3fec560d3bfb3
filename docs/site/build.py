#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the site: guides, manual, reference, specification, diagrams, evidence and
the playground, as plain files that need neither a network nor a server.

    build.py WASM TO

WASM is the folder that wasm/build.sh has made. The program needs cmark-gfm and mandoc.
A link that leads nowhere is an error."""
import base64
import html
import json
import math
import os
import pathlib
import re
import shutil
import string
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FIXED = {  # pages whose names differ from their paths in the tree
    "README.md": "index.html",
    "SECURITY.md": "security.html",
    "docs/evidence.md": "evidence.html",
    "docs/speed.svg": "evidence.html",  # which draws the table itself
    "docs/guides/README.md": "guides/index.html",
    "grammar/SPEC.md": "spec.html",
    "grammar/README.md": "grammar/index.html",
    "grammar/diagrams": "grammar/diagrams.html",
    "include/sbind": "reference.html",
    "docs/sbind.1": "manual/sbind.1.html",
}
NAVIGATION = (("Playground", "playground.html"), ("Guides", "guides/index.html"),
              ("Manual", "manual/index.html"), ("Reference", "reference.html"),
              ("Specification", "spec.html"), ("Diagrams", "grammar/diagrams.html"),
              ("Evidence", "evidence.html"), ("Security", "security.html"))
ABNF = ("sbind", "activation", "notify")
ELSEWHERE = re.compile(r"https?://|data:")
TAG = re.compile(r"<[^>]+>")
escape = html.escape


def page_of(path):
    """Which page of the site shows this file."""
    if path in FIXED:
        return FIXED[path]
    if path.startswith("docs/man/"):
        return "manual/" + path.removeprefix("docs/man/") + ".html"
    if path.startswith("docs/guides/") and path.endswith(".md"):
        return "guides/" + path.removeprefix("docs/guides/")[:-3] + ".html"
    if path.endswith(".md"):
        return path[:-3].lower() + ".html"
    if path.startswith("grammar/diagrams/"):
        return path.removesuffix(".svg") + ".html"
    return "source/" + path + ".html"


def relative(target, page):
    return os.path.relpath(target, os.path.dirname(page) or ".")


def plain(text):
    return html.unescape(TAG.sub("", text)).strip()


def slug(text):
    return re.sub(r"[^\w -]", "", plain(text).lower()).replace(" ", "-")


def command(*arguments):
    return subprocess.run(arguments, check=True, stdout=subprocess.PIPE).stdout.decode()


# ---- The frame of a page --------------------------------------------------------

def menu(page):
    items = []
    for title, target in NAVIGATION:
        here = target == page or "/" in target and "diagrams" not in target and \
            page.startswith(os.path.dirname(target) + "/") and "grammar" not in page
        here |= target.endswith("diagrams.html") and page.startswith("grammar/diagrams")
        current = ' aria-current="%s"' % ("page" if target == page else "true") if here else ""
        items.append(f'<li><a href="{relative(target, page)}"{current}>{title}</a></li>')
    return "\n".join(items)


def contents(body):
    """The list of a page's sections, if it has several."""
    found = re.findall(r'<h2 id="([^"]+)"[^>]*>(.*?)</h2>', body, flags=re.S)
    if len(found) < 3:
        return ""
    items = "".join(f'<li><a href="#{key}">{escape(plain(title).rstrip("#").strip())}</a></li>'
                    for key, title in found)
    return (f'<nav class="contents" aria-labelledby="contents"><h2 id="contents">On this '
            f'page</h2><ul>{items}</ul></nav>')


class Site:
    def __init__(self, wasm, to):
        self.wasm, self.to = wasm, to
        self.todo, self.made = [], set()
        self.template = string.Template((HERE / "template.html").read_text(encoding="utf-8"))

    def write(self, page, title, body, kind="text"):
        index = page.endswith("/index.html")
        aside = contents(body) if kind == "text" and not index else ""
        body = body.replace("</h1>", "</h1>\n" + aside, 1)
        place = self.to / page
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(self.template.substitute(
            title=escape(title), root=relative(".", page), menu=menu(page), body=body,
            kind=kind + (" with-contents" if aside else "")),
            encoding="utf-8")

    def link(self, target, folder, page):
        """The target of a link in a document of this folder. Notes that the site needs
        the page to which it leads."""
        if ELSEWHERE.match(target) or target.startswith("#"):
            return target
        path, _, fragment = target.partition("#")
        path = os.path.normpath(os.path.join(folder, path))
        if path.startswith("..") or not (ROOT / path).exists():
            sys.exit(f"{page}: {target} leads nowhere")
        self.todo.append(path)
        return relative(page_of(path), page) + ("#" + fragment if fragment else "")

    def pages(self):
        """Makes every page to which the pages made so far link."""
        self.todo += [*FIXED, "CHANGELOG.md", *map(str, self.manual_files())]
        while self.todo:
            path = self.todo.pop()
            if path not in self.made:
                self.made.add(path)
                self.make(path)
        diagrams(self)
        manual_index(self)
        reference(self)
        playground(self)
        shutil.copy(HERE / "style.css", self.to)

    def manual_files(self):
        return [p.relative_to(ROOT) for p in sorted((ROOT / "docs/man").glob("*.[137]"))
                if not is_alias(p)]

    def make(self, path):
        if path in ("grammar/diagrams", "include/sbind") or path.endswith(".svg"):
            return
        if path.endswith(".md"):
            document(self, path)
        elif re.search(r"\.[137]$", path):
            manual(self, path)
        elif (ROOT / path).is_dir():
            folder(self, path)
        else:
            source(self, path)


# ---- Markdown -------------------------------------------------------------------

def headings(body):
    """Gives each heading a link to itself, and the same id that well-known hosts give the
    heading."""
    seen = set()

    def one(match):
        level, text = match.groups()
        number = re.match(r"(\d+(?:\.\d+)*)\.? ", text)
        key = number.group(1) if number else slug(text)
        while key in seen:
            key += "-"
        seen.add(key)
        if level == "1":
            return f'<h1 id="{key}">{text}</h1>'
        return (f'<h{level} id="{key}">{text} <a class="anchor" href="#{key}" '
                f'aria-label="link to {escape(plain(text))}">#</a></h{level}>')
    return re.sub(r"<h([1-6])>(.*?)</h\1>", one, body, flags=re.S)


def scrolling(body):
    """Lets tables and code scroll if they are wider than the screen, also by keyboard."""
    body = re.sub(r"<pre>", '<pre tabindex="0">', body)
    return re.sub(r"<table>.*?</table>", lambda m:
                  f'<div class="table" tabindex="0" role="group" aria-label="table">{m[0]}</div>',
                  body, flags=re.S)


COMMENT = {"c": re.compile(r"/\*.*?\*/", flags=re.S), "sh": re.compile(r"(?<!\S)# .*")}


def comments(body):
    """Comments in code step back."""
    return re.sub(r'(<code class="language-(c|sh)">)(.*?</code>)', lambda code: code[1] +
                  COMMENT[code[2]].sub(r'<span class="comment">\g<0></span>', code[3]),
                  body, flags=re.S)


def promises(body):
    """The first row about a promise gets the number of the promise as its id. The number in each
    row becomes a link to that first row."""
    seen = set()

    def one(match):
        place = "" if match[1] in seen else f' id="{match[1]}"'
        seen.add(match[1])
        return f'<tr{place}>\n<td><a href="#{match[1]}">{match[1]}</a></td>'
    return re.sub(r"<tr>\n<td>(P\d+)</td>", one, body)


def document(site, path):
    page = page_of(path)
    body = command("cmark-gfm", "-e", "table", str(ROOT / path))
    body = re.sub(r"<!-- raw HTML omitted -->\n?", "", body)
    body = re.sub(r'(<a href=")([^"]+)"', lambda m: m[1] + escape(
        site.link(html.unescape(m[2]), os.path.dirname(path), page)) + '"', body)
    body = scrolling(promises(headings(comments(body))))
    if path == "grammar/SPEC.md":
        body = paragraphs(body)
    if path == "docs/evidence.md":
        body = plots(body)
    if path == "README.md":
        body = welcome(body)
    title = plain(re.search(r"<h1[^>]*>(.*?)</h1>", body).group(1))
    if page.startswith("guides/") and page != "guides/index.html":
        body = f'<p class="above"><a href="index.html">Guides</a></p>\n{body}\n{after(path)}'
    site.write(page, title, body, "home" if path == "README.md" else "text")


def after(path):
    """Links to the next guide, in the order of the list of guides."""
    text = (ROOT / "docs/guides/README.md").read_text(encoding="utf-8")
    every = re.findall(r"\[([^]]+)\]\((\w[\w-]*)\.md\)", text)
    stem = pathlib.Path(path).stem
    for (_, here), (title, following) in zip(every, every[1:]):
        if here == stem:
            return f'<p class="next">Next: <a href="{following}.html">{escape(title)}</a></p>'
    return ""


def welcome(body):
    actions = ('<p class="actions"><a class="button" href="playground.html">Try an address</a> '
               '<a class="button quiet" href="guides/index.html">Read a guide</a></p>')
    return re.sub(r"(<h1.*?</h1>\n<p>.*?</p>)", lambda m:
                  f'<div class="welcome">{m[1]}\n{actions}</div>', body, count=1, flags=re.S)


# ---- The specification and its diagrams ---------------------------------------------

def paragraphs(body):
    """Gives numbered paragraphs an id, and makes links of numbers and names of
    rules."""
    body = re.sub(r"<p><strong>(\d+(?:\.\d+)+)</strong>",
                  r'<p id="\1" class="paragraph"><a class="number" href="#\1">\1</a>', body)
    known = set(re.findall(r' id="(\d[\d.]*)"', body))
    rules = rule_pages()

    def number(match):
        key = match[0]
        return f'<a href="#{key}">{key}</a>' if key in known else key

    def text(match):
        if match[1] or match[2] or match[3]:
            name = plain(match[2] or "")
            if name in rules:
                return f'<a href="{rules[name]}#{name}">{match[0]}</a>'
            return match[0]
        return re.sub(r"(?<![\d.:])(?<!RFC \d{4} )\d+(?:\.\d+)+(?![\d.]*\d)", number, match[0])
    return re.sub(r"(<a .*?</a>|<h\d.*?</h\d>|<pre.*?</pre>)|(<code>.*?</code>)|(<[^>]+>)|[^<]+", text,
                  body, flags=re.S)


def sections():
    """The files of the grammar: [(name, title, ABNF)], in the order of the diagrams."""
    for file in ABNF:
        text = (ROOT / f"grammar/{file}.abnf").read_text(encoding="ascii")
        parts = re.split(r"^; --- (.*?) -+.*\n", text, flags=re.M) if file == "sbind" else [text]
        yield ("address" if file == "sbind" else file, parts[0])
        for title, rules in zip(parts[1::2], parts[2::2]):
            yield title.lower().replace(" ", "-"), rules


def drawn():
    """[(section, page, [(rule, svg)])]"""
    for name, _ in sections():
        svg = (ROOT / f"grammar/diagrams/{name}.svg").read_text(encoding="ascii")
        yield name, f"grammar/diagrams/{name}.html", re.findall(
            r'<text class="rule"[^>]*>([^<]+)</text>\n(<svg .*?</svg>)', svg, flags=re.S)


def rule_pages():
    """The page with the diagram of each rule. If two rules have the same name, the rule of
    addresses counts."""
    return {rule: page for _, page, found in reversed(list(drawn())) for rule, _ in found}


def rule_texts():
    """The lines of ABNF of each rule: {(section, rule): lines}. Two files may have a
    rule of the same name."""
    found, last = {}, None
    for section, text in sections():
        for line in text.splitlines():
            rule = re.match(r"([A-Za-z][A-Za-z0-9-]*)\s*=", line)
            if rule:
                last = section, rule.group(1).lower()
                found[last] = [line]
            elif line.startswith(" ") and last:
                found[last].append(line)
            else:
                last = None
    return {rule: "\n".join(lines) for rule, lines in found.items()}


def section_of(rule):
    """The section of the specification that the comment above a rule names in the ABNF."""
    text = (ROOT / "grammar/sbind.abnf").read_text(encoding="ascii")
    before = text[:re.search(rf"^{rule} ", text, flags=re.M).start()]
    return re.findall(r"^; --- .* SPEC\.md ([\d.]+)", before, flags=re.M)[-1]


def cited():
    """The paragraphs about each rule, and those about each error. If no paragraph names a rule, the
    rule gets the paragraphs of the rules that use it. If there are none, the rule gets its
    section."""
    spec = (ROOT / "grammar/SPEC.md").read_text(encoding="utf-8")
    named = {}
    for number, text in re.findall(r"^\*\*([\d.]+)\*\*(.*?)(?=^\*\*|^#|\Z)", spec,
                                   flags=re.M | re.S):
        for word in re.findall(r"`([a-z0-9-]+)`", re.sub(r"^```.*?^```", "", text,
                                                          flags=re.M | re.S)):
            if number not in named.setdefault(word, []):
                named[word].append(number)
    texts = {}
    for (_, rule), text in rule_texts().items():
        texts[rule] = texts.get(rule, "") + text + "\n"
    uses = {rule: set(re.findall(r"[a-z][a-z0-9-]*", re.sub(r';.*|"[^"]*"|%\w\S*', "",
                                                              text.lower()))) - {rule}
            for rule, text in texts.items()}
    rules = {rule: named.get(rule, []) for rule in texts}
    for rule in texts:
        above, seen = {rule}, set()
        while above and not rules[rule]:
            seen |= above
            above = {user for user, used in uses.items() if used & above} - seen - {"address"}
            rules[rule] = sorted({n for user in above for n in named.get(user, [])},
                                 key=lambda n: [int(i) for i in n.split(".")])
        rules[rule] = rules[rule] or [section_of(rule)]
    return rules, {word: numbers for word, numbers in named.items() if word not in texts}


def picture(svg, rule, places, page):
    """A diagram in the colours of the page. Each rule in it links to its own
    diagram."""
    def one(match):
        name = match[2]
        if name not in places:
            return match[0]
        href = f"{relative(places[name], page)}#{name}"
        return f'<a href="{href}">{match[0]}</a>'
    svg = re.sub(r'(<g class="non-terminal ">(?:(?!</g>).)*<text[^>]*>)([^<]+)</text></g>', one,
                 svg, flags=re.S)
    return re.sub(r'<svg x="0" y="[\d.]+"', f'<svg role="group" aria-label="diagram of {rule}"',
                  svg, count=1)


def diagrams(site):
    every = list(drawn())
    places = rule_pages()
    texts, (citations, _) = rule_texts(), cited()
    index = []
    for name, page, found in every:
        title = name.replace("-", " ")
        title = {"tcp": "TCP"}.get(title, title[0].upper() + title[1:])
        body = [f'<p class="above"><a href="../diagrams.html">Diagrams</a></p>\n<h1>{title}</h1>']
        own = {**places, **{rule: page for rule, _ in found}}
        for rule, svg in found:
            numbers = ", ".join(f'<a href="{relative("spec.html", page)}#{n}">{n}</a>'
                                for n in citations[rule])
            body.append(
                f'<section class="rule" id="{rule}" aria-labelledby="rule-{rule}">'
                f'<h2 id="rule-{rule}"><a href="#{rule}">{rule}</a></h2>'
                f'<p class="cited">Specification: {numbers}</p>'
                f'<div class="diagram" tabindex="0" role="group" aria-label="diagram of {rule}, '
                f'scrolls">{picture(svg, rule, own, page)}</div>'
                f'<details aria-label="ABNF of {rule}"><summary>As ABNF</summary><pre tabindex="0"><code>'
                f'{escape(texts[name, rule])}</code></pre></details></section>')
        site.write(page, f"{title}: diagrams", "\n".join(body), "diagrams")
        links = " ".join(f'<a href="{relative(page, "grammar/diagrams.html")}#{rule}">'
                         f'<code>{rule}</code></a>' for rule, _ in found)
        index.append(f'<h2 id="{name}"><a href="{relative(page, "grammar/diagrams.html")}">'
                     f'{title}</a></h2><p class="rules">{links}</p>')
    site.write("grammar/diagrams.html", "Diagrams", (
        '<h1>Diagrams</h1><p class="lead">Every rule of the grammar as a railroad diagram. '
        'A box with square corners leads to its own diagram. Each rule leads to the '
        'paragraphs of the <a href="../spec.html">specification</a> about it.</p>'
        + "".join(index)), "diagrams")


# ---- The manual and the reference -----------------------------------------------

def is_alias(path):
    return path.read_text(encoding="utf-8").startswith(".so ")


def aliases():
    """The manual pages: for each name the page that has the text, as {sbind_equal.3:
    sbind_parse.3}. Some functions share the page of another function."""
    found = {"sbind.1": "sbind.1"}
    for path in (ROOT / "docs/man").glob("*.[137]"):
        text = path.read_text(encoding="utf-8")
        found[path.name] = text.split("/")[-1].strip() if is_alias(path) else path.name
    return found


def manual_links(body, page):
    known = aliases()

    def one(match):
        name = f"{match[1]}.{match[2]}"
        if name not in known:
            return f'<span class="Xr">{match[1]}({match[2]})</span>'
        fragment = "" if known[name] == name else "#" + match[1]
        target = "manual/" + known[name] + ".html"
        return f'<a class="Xr" href="{relative(target, page)}{fragment}">{match[1]}({match[2]})</a>'
    return re.sub(r'<a class="Xr"[^>]*>([\w.-]+)\((\d)\)</a>', one, body)


def manual(site, path):
    page = page_of(path)
    name = os.path.basename(path)
    if is_alias(ROOT / path):
        return
    body = command("mandoc", "-Thtml", "-O", "fragment,man=%N.%S.html", str(ROOT / path))
    body = re.sub(r'<table class="(?:head|foot)">.*?</table>', "", body, flags=re.S)
    for level in (2, 1):
        body = re.sub(rf"(</?)h{level}\b", rf"\1h{level + 1}", body)
    body = re.sub(r'<h([23]) class="\w+" id="([^"]+)">.*?>([^<]*(?:<code.*?)?)</a></h\1>', lambda m:
                  f'<h{m[1]} id="{m[2]}">{titled(m[3])}</h{m[1]}>', body, flags=re.S)
    body = re.sub(r'<a class="In">(.*?)</a>', lambda m: header_link(m[1], page, site), body)
    body = targets(manual_links(body, page), name)
    body = scrolling(body.replace('<pre', '<pre tabindex="0"').replace("<br/>", "<br>"))
    stem, section = name.rsplit(".", 1)
    site.write(page, f"{stem}({section})", (
        f'<p class="above"><a href="index.html">Manual</a></p>\n<h1>{stem}({section})</h1>'
        f'\n{body}'))


def titled(text):
    """NAME AND MORE as Name and more."""
    return text.capitalize() if text.isupper() else text


def header_link(name, page, site):
    if not (ROOT / "include" / name).exists():
        return name
    site.todo.append("include/" + name)
    return f'<a class="In" href="{relative(page_of("include/" + name), page)}">{name}</a>'


def targets(body, name):
    """A page that several functions share gets an id for each."""
    for alias, owner in aliases().items():
        function = alias.rsplit(".", 1)[0]
        if owner == name != alias and f'id="{function}"' not in body:
            body = re.sub(rf'<code class="Fn">{function}</code>',
                          rf'<code class="Fn" id="{function}">{function}</code>', body, count=1)
    return body


def purpose(name):
    path = ROOT / ("docs" if name == "sbind.1" else "docs/man") / name
    line = re.search(r"^\.Nd (.*)$", path.read_text(encoding="utf-8"), flags=re.M)
    return escape(line.group(1).replace("\\-", "-").replace("\\&", ""))


def manual_index(site):
    def row(name):
        stem, section = name.rsplit(".", 1)
        return f'<dt><a href="{name}.html">{stem}({section})</a></dt><dd>{purpose(name)}</dd>'
    names = sorted({owner for owner in aliases().values()})
    functions = [n for n in names if n.startswith("sbind_")]
    body = ('<h1>Manual</h1><p class="lead">The pages that are installed with sbind.</p>'
            '<dl class="index">' + "".join(row(n) for n in names if n not in functions) + "</dl>"
            '<h2 id="functions">Functions</h2><dl class="index">' + "".join(map(row, functions))
            + "</dl>")
    site.write("manual/index.html", "Manual", body)


def declared(text):
    """The functions that a header declares, in its order."""
    bare = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)
    return list(dict.fromkeys(re.findall(
        r"^(?:static inline )?[\w ]+?[ *]+(sbind_\w+)\(", bare, flags=re.M)))


def reference(site):
    page, known, body = "reference.html", aliases(), [
        "<h1>Reference</h1><p class=\"lead\">Every public function, by its header. A name leads to "
        "its page of the manual, a header to its text.</p>"]
    for path in sorted((ROOT / "include/sbind").glob("*.h")):
        text = path.read_text(encoding="ascii")
        head = re.search(r"^ \* sbind/\w+\.h - (.*)$", text, flags=re.M)
        body.append(f'<h2 id="{path.stem}"><a href="source/include/sbind/{path.name}.html">'
                    f'sbind/{path.name}</a></h2><p>{escape(head.group(1)) if head else ""}</p>')
        groups = {} # page of the manual: the functions of this header that it describes
        for function in declared(text):
            owner = known.get(function + ".3")
            if owner is None:
                sys.exit(f"{function} has no page of the manual")
            fragment = "" if owner == function + ".3" else "#" + function
            groups.setdefault(owner, []).append(
                f'<a href="manual/{owner}.html{fragment}"><code>{function}</code></a>')
        rows = [f'<dt>{"<br>".join(links)}</dt><dd>{purpose(owner)}</dd>'
                for owner, links in groups.items()]
        body.append(f'<dl class="index functions">{"".join(rows)}</dl>' if rows else "")
        source(site, f"include/sbind/{path.name}")
    site.write(page, "Reference", "\n".join(body))


# ---- Files and folders of the tree ----------------------------------------------

def source(site, path):
    page, known = page_of(path), aliases()
    text = escape((ROOT / path).read_text(encoding="utf-8", errors="replace"))

    def one(match):
        owner = known.get(match[0] + ".3")
        return match[0] if owner is None else \
            f'<a href="{relative("manual/" + owner + ".html", page)}">{match[0]}</a>'
    if path.endswith((".h", ".c")):
        text = COMMENT["c"].sub(r'<span class="comment">\g<0></span>', text)
    if path.startswith("include/"):
        text = re.sub(r"\bsbind_\w+(?=\()", one, text)
    site.write(page, path, (
        f'<h1 class="file">{escape(path)}</h1>\n<pre tabindex="0" class="file">'
        f'<code>{text}</code></pre>'), "file")


def folder(site, path):
    """A folder shows its README, or else the list of its files."""
    page = page_of(path)
    names = sorted(n for n in os.listdir(ROOT / path) if n[0] not in "._")
    items = []
    for name in names[:200]:
        child = f"{path}/{name}"
        if name.endswith(".md"):
            site.todo.append(child)
            name = f'<a href="{relative(page_of(child), page)}">{escape(name)}</a>'
        else:
            name = escape(name) + ("/" if (ROOT / child).is_dir() else "")
        items.append(f"<li>{name}</li>")
    if len(names) > 200:
        items.append(f"<li>and {len(names) - 200} more</li>")
    site.write(page, path, f'<h1 class="file">{escape(path)}/</h1><p>A folder of the source '
               f'tree:</p><ul class="files">{"".join(items)}</ul>', "file")


# ---- Evidence as plots ----------------------------------------------------------

def bars(caption, rows):
    """A figure of horizontal bars. The table beside it says the same in numbers."""
    lines = "".join(f'<div class="bar"><span>{escape(label)}</span><span class="track"><span '
                    f'style="width:{100 * share:.1f}%"></span></span><span>{escape(text)}</span>'
                    f"</div>" for label, share, text in rows)
    return f'<figure class="bars"><div aria-hidden="true">{lines}</div>' \
           f"<figcaption>{caption}</figcaption></figure>"


def rows_of(table):
    return [[plain(c) for c in re.findall(r"<td[^>]*>(.*?)</td>", row, flags=re.S)]
            for row in re.findall(r"<tr>(.*?)</tr>", table, flags=re.S)][1:]


# The parsers in the plot of speed, and the mark of each. sbind comes last, so that its
# mark is above the others.
MARKS = {"plain C": "square", "inet_pton": "diamond", "getaddrinfo": "ring",
         "Rust std": "stroke", "libevent": "triangle", "sbind": "disc"}


def mark(name, place=""):
    return f'<span class="mark {MARKS[name]}"{place}></span>'


def speed(head, rows):
    """A figure of dots. Each kind of text has a line. On this line each parser has a mark, which
    shows how long the parser takes for random texts."""
    measured = []
    for row in rows:
        cells = dict(zip(head, row))
        measured.append((row[0], {name: int(cells[name].split("/")[1]) for name in MARKS
                                  if "/" in cells.get(name, "")}))
    every = [time for _, times in measured for time in times.values()]
    least, most = min(every), max(every) # the ends of the axis

    def at(time):
        return f' style="left:{100 * math.log(time / least, most / least):.1f}%"'
    lines = []
    for label, times in measured:
        lines.append(f'<div class="bar"><span>{escape(label)}</span><span class="axis">'
                     + "".join(mark(name, at(t)) for name, t in times.items())
                     + f'</span><span>{times["sbind"]:,} ns</span></div>')
    ticks = "".join(f"<span{at(10 ** n)}>{10 ** n:,}</span>" for n in range(9)
                    if least <= 10 ** n <= most)
    legend = ", ".join(f'<span class="key">{mark(name)} {escape(name)}</span>'
                       for name in reversed(MARKS))
    return (f'<figure class="bars dots"><div aria-hidden="true">{"".join(lines)}<div class="bar '
            f'ticks"><span></span><span class="axis">{ticks}</span><span></span></div></div>'
            f"<figcaption>Nanoseconds for each call with random texts, on a logarithmic axis; "
            f"further left is faster. The numbers are those of sbind. {legend}</figcaption></figure>")


def plots(body):
    def fuzzing(rows):
        number = {r[0]: int(r[2].replace(",", "")) for r in rows}
        most = max(number.values())
        return bars("Executions in a second, with sanitizers, on one processor",
                    [(k, n / most, f"{n:,}") for k, n in number.items()])

    def coverage(rows):
        found = []
        for row in rows:
            reached, every = map(int, re.match(r"(\d+) of (\d+)", row[2]).groups())
            if every:
                found.append((row[0], reached / every, f"{10000 * reached // every / 100:.2f} %"))
        return bars("Branches that the tests reach", found)

    def one(match):
        head = plain(re.search(r"<thead>(.*?)</thead>", match[0], flags=re.S).group(1))
        if head.startswith("target") and "exec/s" in head:
            return fuzzing(rows_of(match[0])) + match[0]
        if head.startswith("sources") and "branches" in head:
            return coverage(rows_of(match[0])) + match[0]
        if head.startswith("kind of text") and "inet_pton" in head:
            names = re.findall(r"<th[^>]*>(.*?)</th>", match[0], flags=re.S)
            return speed([plain(name) for name in names], rows_of(match[0])) + match[0]
        return match[0]
    return re.sub(r'<div class="table".*?</table></div>', one, body, flags=re.S)


# ---- The playground -------------------------------------------------------------

def inline_module(text):
    """sbind.mjs as plain code: a page that is opened as a file cannot import modules."""
    text = text.replace("export async function load", "async function load")
    return re.sub(r" = new URL\('\./sbind\.wasm', import\.meta\.url\)", "", text)


STEPS = ("address", "tcp", "tcp-endpoint", "host", "ipv6-literal", "unix", "unix-path",
         "unix-abstract", "fd", "fd-number", "fd-name", "npipe")


def steps(places):
    """The diagrams of the rules that lead from an address to its kind."""
    for _, _, found in drawn():
        for rule, svg in found:
            if rule in STEPS:
                yield (f'<template id="diagram-{rule}">'
                       f'{picture(svg, rule, places, "playground.html")}</template>')


def playground(site):
    rules, errors = cited()
    places = rule_pages()
    data = {"rules": {rule: {"page": places[rule], "cited": rules[rule]} for rule in rules},
            "errors": errors}
    module = inline_module((site.wasm / "sbind.mjs").read_text(encoding="utf-8"))
    octets = base64.b64encode((site.wasm / "sbind.wasm").read_bytes()).decode()
    body = (HERE / "playground.html").read_text(encoding="utf-8")
    script = (HERE / "playground.mjs").read_text(encoding="utf-8")
    site.write("playground.html", "Playground", (
        f'{body}\n{"".join(steps(places))}\n<script type="application/json" id="places">{json.dumps(data)}</script>\n'
        f'<script type="text/plain" id="wasm">{octets}</script>\n'
        f'<script type="module">\n{module}\n{script}</script>'), "playground")


# ---- No link leads nowhere --------------------------------------------------------

def dead_links(to):
    """Dead links of the whole site, as ["page: link"]. Links to other sites are not
    checked."""
    pages = {p.relative_to(to).as_posix(): p.read_text(encoding="utf-8")
             for p in to.rglob("*.html")}
    keys = {name: set(re.findall(r'\bid="([^"]+)"', text)) for name, text in pages.items()}
    for name, text in sorted(pages.items()):
        ids = re.findall(r'\bid="([^"]+)"', text)
        for key in sorted({key for key in ids if ids.count(key) > 1}):
            yield f"{name}: two places are called {key}"
        for link in re.findall(r'\b(?:href|src)="([^"]+)"', text):
            link = html.unescape(link)
            if ELSEWHERE.match(link):
                continue
            path, _, key = link.partition("#")
            path = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
            if not (to / path).is_file() or key and key not in keys.get(path, ()):
                yield f"{name}: {link}"


def main(wasm, to):
    wasm, to = pathlib.Path(wasm), pathlib.Path(to)
    shutil.rmtree(to, ignore_errors=True)
    site = Site(wasm, to)
    site.pages()
    dead = list(dead_links(to))
    for link in dead:
        print("leads nowhere: " + link)
    print(f"{len(list(to.rglob('*.html')))} pages")
    return 1 if dead else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
