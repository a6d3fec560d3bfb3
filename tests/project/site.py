#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""site.py SOURCE WASM - is the site complete? Each link must lead somewhere, and only the links
that are listed here may leave the site. Each paragraph, rule and public function must have its
place. And does the test notice when one of these is missing?"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

AWAY = {"https://keepachangelog.com/", "https://semver.org/", "https://spinroot.com",
        "https://shields.io/badges/endpoint-badge", "https://google.github.io/oss-fuzz/"}


def built(source, wasm, to):
    return subprocess.run([sys.executable, "-B", source / "docs/site/build.py", wasm, to],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def text_of(site, page):
    return (site / page).read_text(encoding="utf-8")


def faults(source, site):
    pages = sorted(site.rglob("*.html"))
    for page in pages:
        text, name = page.read_text(encoding="utf-8"), page.relative_to(site)
        for link in set(re.findall(r'\b(?:href|src)="((?:\w+:)?//[^"]*)"', text)) - AWAY:
            yield f"{name} leads away: {link}"
        if len(re.findall(r"<h1\b", text)) != 1:
            yield f"{name} has not one title"
    spec = (source / "grammar/SPEC.md").read_text(encoding="utf-8")
    for number in re.findall(r"^\*\*([\d.]+)\*\*", spec, flags=re.M):
        if f'id="{number}"' not in text_of(site, "spec.html"):
            yield f"paragraph {number} cannot be linked"
    drawn = "".join(p.read_text(encoding="utf-8")
                    for p in (site / "grammar/diagrams").glob("*.html"))
    for file in ("sbind", "activation", "notify"):
        abnf = (source / f"grammar/{file}.abnf").read_text(encoding="ascii")
        for rule in re.findall(r"^([a-z][a-z0-9-]*)\s*=", abnf, flags=re.M):
            place = re.search(f'id="{rule}".*?class="cited">(.*?)</p>', drawn, flags=re.S)
            if not place or "spec.html#" not in place.group(1):
                yield f"the rule {rule} leads to no paragraph"
    for header in (source / "include/sbind").glob("*.h"):
        for name in re.findall(r"^sbind_[a-z]+ (sbind_\w+)\(", header.read_text(), flags=re.M):
            if f"<code>{name}</code>" not in text_of(site, "reference.html"):
                yield f"{name} is not in the reference"
    for guide in (source / "docs/guides").glob("[a-z]*.md"):
        if f'href="{guide.stem}.html"' not in text_of(site, "guides/index.html"):
            yield f"no way to the guide {guide.stem}"


def notices(source, wasm, dir, file, old, new):
    """Makes a copy of the documents, either as they are or with a mistake."""
    copy = dir / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for each in source.iterdir():
        if each.name == "docs":
            shutil.copytree(each, copy / each.name)
        else:
            (copy / each.name).symlink_to(each)
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text, (file, old)
    if old != new:
        (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return built(copy, wasm, dir / "bad").returncode != 0 or \
        any(faults(copy, dir / "bad"))


MISTAKES = (
    ("docs/guides/README.md", "(epoll.md)", "(epool.md)"),
    ("docs/guides/README.md", "(epoll.md)", "(epoll.md#no-such-place)"),
    ("docs/guides/README.md", "(epoll.md)", "(https://example.org/)"),
    ("docs/guides/README.md", "- [Plain epoll](epoll.md)\n", ""),
    ("docs/site/template.html", "$root/style.css", "style.css"),
    ("docs/site/build.py", 'p id="\\1" class="paragraph"', 'p class="paragraph"'),
    ("docs/site/build.py", "or [section_of(rule)]", ""),
)


def main(source, wasm):
    for tool in ("cmark-gfm", "mandoc"):
        if shutil.which(tool) is None:
            print(f"SKIPPED: {tool} is not installed")
            return 77
    source, wasm = pathlib.Path(source).resolve(), pathlib.Path(wasm).resolve()
    with tempfile.TemporaryDirectory() as dir:
        dir = pathlib.Path(dir)
        result = built(source, wasm, dir / "site")
        print(result.stdout, end="")
        found = list(faults(source, dir / "site")) if result.returncode == 0 else ["not built"]
        found += [f"goes unnoticed: {new or 'without ' + old}" for file, old, new in MISTAKES
                  if not notices(source, wasm, dir, file, old, new)]
        if notices(source, wasm, dir, "README.md", "sbind", "sbind"):
            found.append("a copy without a mistake is refused")
    print("".join(line + "\n" for line in found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
