#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""playground.py SOURCE WASM COMMAND [PHOTOGRAPHS] - does the site work in a browser?

The test opens every page at 360 and 1280 pixels, light and dark. It requires that there is no
error on the console and no request except for the site's own files, and that nothing is wider
than the screen. It uses the playground by keyboard alone: the answers are those of the command,
each control has a name, a screen reader hears the answer, and no key traps the focus. It also
requires that each such fault is noticed on a bad page. If a folder is given, it keeps photographs
of the main pages there."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import browser

ADDRESSES = (
    "tcp://127.0.0.1:8080", "tcp://[::1]:80", "tcp://[FE80:0::1%eth0]:80", "tcp://LocalHost:80",
    "tcp://example.org.:0", "tcp://*:80", "tcp://", "tcp://0.0.0.0:80", "tcp://[::ffff:1.2.3.4]:9",
    "unix:///run/app.sock", "unix://app.sock", "unix://@app", "unix:///run/\u00fc\u20ac",
    "fd://", "fd://*", "fd://3", "fd://web", "npipe://app", "npipe:////Srv/pipe/a",
    "\\\\.\\pipe\\x",
    "", "127.0.0.1:80", "tcp://127.1:80", "tcp://:80", "tcp://::1:80", "tcp://127.0.0.1:65536",
    "tcp://127.0.0.1:080", "tcp://[::1", "tcp://[fe80::1%25eth0]:1", "unix://", "unix:///x/",
    "fd://03", "fd://2147483648", "npipe://", " tcp://*:80", "tcp://h\u00f6st:80", "http://x",
    "<b>x</b>", "tcp://" + "a" * 64 + ":1",
)
# Environments: LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PIDFDID (None: not set),
# and the id, pidfd and limit of the process
ACTIVATIONS = (
    ("4711", "2", "web:admin", None, "4711", "0"), ("4711", "1", None, None, "4711", "0"),
    ("4712", "2", "a:b", None, "4711", "0"), (None, "2", "a:b", None, "4711", "0"),
    ("4711", None, None, None, "4711", "0"), ("4711", "2x", None, None, "4711", "0"),
    ("4711", "2", "web", None, "4711", "0"), ("4711", "3", "a::c", None, "4711", "0"),
    ("04711", "1", None, None, "4711", "0"), ("4711", "1022", None, None, "4711", "0"),
    ("4711", "1", "", None, "4711", "0"), ("4711", "1", None, "77", "4711", "77"),
    ("4711", "1", None, "78", "4711", "77"),
)
POLICIES = ("--absolute", "--no-abstract", "--loopback", "--numeric", "--local-pipe",
            "--portable", "--no-wildcard", "--passed-only", "--strict")
MAIN = ("index.html", "playground.html", "guides/index.html", "guides/epoll.html", "spec.html",
        "manual/index.html", "manual/sbind_listen.3.html", "reference.html", "security.html",
        "grammar/diagrams.html", "grammar/diagrams/tcp.html", "evidence.html")
FOCUS = """(() => { const e = document.activeElement; return e === document.body ? '' :
    e.id || e.textContent.trim() || e.getAttribute('aria-label') || e.tagName; })()"""
# Finds the part of a page that is wider than the screen, if there is one.
WIDE = """(() => { const most = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= most) return '';
    const e = [...document.body.querySelectorAll('*')].find(
        (e) => e.getBoundingClientRect().right > most + 1 && !e.closest('pre, .table, .diagram'));
    return e ? e.outerHTML.slice(0, 80) : 'something'; })()"""
# Finds text whose colour is too much like its background for WCAG 2.1 AA.
FAINT = """(() => {
    const parse = (c) => (c.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
    const light = (c) => c.slice(0, 3).map((v) => v / 255).map(
        (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (e) => { for (; e; e = e.parentElement) {
        const c = parse(getComputedStyle(e).backgroundColor);
        if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
    for (const e of document.body.querySelectorAll('*')) {
        const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
        if (!own || e.closest('svg, script, :disabled') || !e.getClientRects().length) continue;
        const front = parse(getComputedStyle(e).color);
        if (front[3] === 0) continue;
        const [a, b] = [light(front), light(behind(e))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) return `${e.outerHTML.slice(0, 80)}: ${ratio.toFixed(2)}`;
    }
    return ''; })()"""
# The values chosen for --within and --scheme.
CHOICES = (("/run", ("tcp", "unix")), ("/", ("fd",)), ("/run/\u00fc", ("npipe", "tcp")),
           ("run", ("unix", "fd", "npipe")), ("/run/", ("tcp", "unix", "fd", "npipe")),
           ("/run/../x", ("unix",)))
SCHEMES = ("tcp", "unix", "fd", "npipe")
NAMED = {"textbox", "spinbutton", "checkbox", "button", "link", "group", "region", "navigation",
         "status", "table"}
UNNAMED = {"status", "table"} # these may do without


def nameless(page):
    """Finds controls and places that have no name for a screen reader."""
    for node in page.call("Accessibility.getFullAXTree")["nodes"]:
        role = node.get("role", {}).get("value")
        if role in NAMED - UNNAMED and not node.get("ignored") \
                and not node.get("name", {}).get("value"):
            yield f"{role} without a name"


def look(page, url, root):
    """What is wrong with one page, at both widths, light and dark."""
    page.faults.clear()
    page.requests.clear()
    page.open(url)
    for width, scheme in ((360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")):
        page.screen(width, scheme)
        if scheme == "light":
            wide = page.ask(WIDE)
            if wide:
                yield f"wider than {width} pixels: {wide}"
        if width == 1280:
            faint = page.ask(FAINT)
            if faint:
                yield f"faint when {scheme}: {faint}"
    yield from set(nameless(page))
    yield from page.faults
    yield from (f"asks for {r}" for r in page.requests
                if not r.startswith((root, "data:")))


BAD = {
    "an error": "<script>throw new Error('x')</script>",
    "a complaint": "<script>console.error('x')</script>",
    "a request": "<img alt='x' src='http://127.0.0.1:9/x.png'>",
    "a wide part": "<div style='width: 400px'>x</div>",
    "a faint text": "<p style='color: #999; background: #fff'>x</p>",
    "no name": "<input type='text'>",
}


def all_pages(page, site):
    root = site.as_uri()
    for path in sorted(site.rglob("*.html")):
        for fault in look(page, path.as_uri(), root):
            yield f"{path.relative_to(site)}: {fault}"
    text = (site / "guides/index.html").read_text(encoding="utf-8")
    for name, part in BAD.items():
        bad = site / "guides/bad.html"
        bad.write_text(text.replace("</main>", part + "</main>"), encoding="utf-8")
        if not list(look(page, bad.as_uri(), root)):
            yield f"goes unnoticed: {name}"
        bad.unlink()


# ---- The playground ---------------------------------------------------------------

def tab_to(page, key):
    """How often Tab has to be pressed, from the top, until the focus is on this control."""
    for n in range(200):
        if page.ask(FOCUS) == key:
            return n
        page.press("Tab")
    raise AssertionError(f"no way to {key} by keyboard")


def shown(page, place):
    """The text of a place on the page: the verdict, and each term with its value."""
    return page.ask("""(() => { const e = document.getElementById('%s');
        const terms = [...e.querySelectorAll('dt')].map(
            (t) => [t.textContent, t.nextElementSibling.textContent]);
        return { verdict: e.querySelector('.verdict').textContent,
            caret: e.querySelector('pre')?.textContent, hint:
            e.querySelector('.hint')?.textContent, terms: Object.fromEntries(terms) }; })()"""
                    % place)


def output(command, *arguments):
    done = subprocess.run([command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout.decode(), done.stderr.decode()


def report_of(command, text):
    """The message, the text with the caret, and the hint, as the command shows them."""
    lines = output(command, "parse", "--", text)[1].splitlines()
    message = re.fullmatch(r"sbind: (.*) \(([a-z0-9-]+)\)", lines[0]).group(1)
    hint = [line.removeprefix("  hint: ") for line in lines if line.startswith("  hint: ")]
    return message, "\n".join(line[2:] for line in lines[1:3]), hint[0] if hint else None


def address_faults(page, command, text):
    page.select_all()
    page.press("Backspace")
    page.type(text)
    found = shown(page, "result")
    said = json.loads(output(command, "parse", "--json", "--", text)[0])
    terms = found["terms"]
    if not said["ok"]:
        message, caret, hint = report_of(command, text)
        wanted = (f"Refused: {message}", said["error"], str(said["offset"]), caret,
                  hint and f"Hint: {hint}")
        got = (found["verdict"], terms.get("error"), terms.get("offset"), found.get("caret"),
               found.get("hint"))
        return [] if got == wanted else [f"{text!r}: {got} is not {wanted}"]
    wanted = bytes.fromhex(said["canonical"]).decode()
    if found["verdict"] != "Accepted" or terms.get("canonical") != wanted:
        return [f"{text!r}: {found}"]
    return part_faults(text, said["address"], terms) + step_faults(
        page, text, said["address"]) + plan_faults(page, command, text) + policy_faults(
            page, command, text, POLICIES + tuple(chosen_policies(page)))


def part_faults(text, address, terms):
    """Requires that the page shows each part of the value."""
    values = {str(v) for v in terms.values()}
    parts = [address.get("value"), address.get("server")]
    parts += [bytes.fromhex(address[k]).decode() for k in ("octets", "name") if k in address]
    parts += [address.get("host", {}).get(k) for k in ("value", "zone")]
    if address.get("port"):
        parts.append(address["port"])
    own = {"tcp": "3.1.", "unix": "3.2.", "fd": "3.3.", "npipe": "3.4."}[address["scheme"]]
    cited = [n for n in terms["specification"].split(", ") if n.startswith("3.")]
    if not cited or not all(n.startswith(own) for n in cited):
        return [f"{text!r}: paragraphs {cited} are cited"]
    return [f"{text!r}: {p} is not shown" for p in parts if p is not None and str(p) not in values]


def step_faults(page, text, address):
    """Requires that the diagrams mark the rules which derive the text."""
    chosen = page.ask("[...document.querySelectorAll('.steps .chosen')].map("
                      "(a) => a.textContent.trim()).join(' ')")
    host = address.get("host", {})
    kind = address.get("type") or host.get("type", "")
    zone = " zone" if "zone" in host else ""
    last = {"path": "path", "abstract": "abstract-name", "number": "number",
            "name": "socket-name"}.get(address.get("type"), "")
    wanted = {
        "tcp": "tcp tcp-default" if kind == "default" else "tcp tcp-endpoint host port " + {
            "ipv6": "ipv6-literal ipv6" + zone}.get(kind, kind),
        "npipe": "npipe",
    }.get(address["scheme"], f"{address['scheme']} {address['scheme']}-{kind} {last}".strip())
    return [] if chosen == wanted else [f"{text!r}: the steps are {chosen}, not {wanted}"]


def escaped(line):
    """A line as the command shows it: octets that are not printable ASCII become
    \\xHH."""
    return "".join(chr(octet) if 0x20 <= octet < 0x7f else f"\\x{octet:02x}"
                   for octet in line.encode())


def plan_faults(page, command, text):
    """The lines of sbind explain, and whether listening is refused."""
    said = json.loads(output(command, "explain", "--json", "--", text)[0])
    shown_plan = page.ask("document.getElementById('plan').textContent")
    got = [escaped(line) for line in shown_plan.split("\n")[:-1]]
    refused = page.ask("document.getElementById('plan').classList.contains('is-refused')")
    wanted = said["listening"], said["refused"]
    return [] if (got, refused) == wanted else [f"{text!r}: {got}, {refused} is not {wanted}"]


def chosen_policies(page):
    """The two policies whose values a reader of the page chooses. They are written as options of
    the command."""
    chosen = page.ask("""[...document.querySelectorAll('fieldset input:checked')].map(
        (box) => box.parentElement.textContent.trim()).join()""")
    return "--scheme=" + chosen, "--within=" + page.ask("document.getElementById('within').value")


def policy_row(command, policy, text):
    """The row that the table should have, by the answer of the command. If the policy does not
    accept the directory as its value, the command prints no JSON, only a report."""
    out, err = output(command, "check", "--json", policy, "--", text)
    if not out:
        return [policy, "refuses", re.search(r"hint: (.*)", err).group(1)]
    said = json.loads(out)
    return [policy, "accepts", ""] if said["ok"] else [
        policy, "refuses", said["hint"] or said["message"]]


def policy_faults(page, command, text, policies):
    """Requires that the table ends with the rows of these policies."""
    rows = page.ask("""[...document.querySelectorAll('#policy-rows tr')].map(
        (r) => [...r.children].map((c) => c.textContent))""")
    last = rows[-len(policies):]
    wanted = [policy_row(command, policy, text) for policy in policies]
    return [f"{text!r}: {row} is not {want}" for row, want in zip(last, wanted) if row != want] + \
        ([] if len(rows) == len(POLICIES) + 2 else [f"{len(rows)} policies"])


def choice_faults(page, command):
    """Directories and schemes, chosen by keyboard."""
    for directory, schemes in CHOICES:
        retype(page, "within", directory)
        for scheme in SCHEMES:
            box = f"document.getElementById('scheme-{scheme}')"
            page.ask(box + ".focus()")
            if page.ask(box + ".checked") != (scheme in schemes):
                page.press("Space")
        names = "--scheme=" + ",".join(s for s in SCHEMES if s in schemes), \
            "--within=" + directory
        if tuple(chosen_policies(page)) != names:
            yield f"{names} cannot be chosen"
        for text in ("unix:///run/app.sock", "unix:///run/\u00fc/x", "tcp://[::1]:80", "fd://web",
                     "npipe://app", "unix://@app"):
            retype(page, "address", text)
            yield from policy_faults(page, command, text, names)


def set_field(page, name, value):
    """Sets a variable by keyboard: first the box that says whether it is set, then its
    text."""
    page.ask(f"document.getElementById('{name}-set').focus()")
    if page.ask(f"document.getElementById('{name}-set').checked") != (value is not None):
        page.press("Space")
    if value is not None:
        retype(page, name, value)


def retype(page, name, value):
    page.ask(f"document.getElementById('{name}').focus()")
    page.select_all()
    page.press("Backspace")
    page.type(value)


def activation_faults(page, command, case):
    for name, value in zip(("pid", "fds", "names", "pidfdid"), case):
        set_field(page, name, value)
    retype(page, "self-pid", case[4])
    retype(page, "self-pidfdid", case[5])
    found = shown(page, "activation-result")
    fields = ["unset" if v is None else v.encode().hex() or "-" for v in
              (case[0], case[1], case[2], case[3])]
    line = " ".join(["activation", *fields, case[4], case[5], "1021"])
    said = json.loads(subprocess.run([command, "adapter"], input=line + "\n", text=True,
                                     stdout=subprocess.PIPE).stdout)
    terms, verdict = found["terms"], found["verdict"]
    if not said["ok"]:
        wanted = said["error"], said["variable"], said.get("offset")
        offset = terms.get("offset")
        got = terms.get("error"), terms.get("variable"), offset and int(offset)
        good = got == wanted and verdict.startswith("Refused: ")
    elif said["outcome"] == "passed":
        names = [bytes.fromhex(n).decode() or "no name" for n in said["names"]]
        names += ["no name"] * (said["count"] - len(names))
        good = verdict.startswith(str(said["count"])) and list(terms.values())[:32] == names[:32]
    else:
        good = {"none": "No socket", "other-process": "The variables"}[said["outcome"]] in verdict
    return [] if good else [f"{case}: {found}, and the command says {said}"]


def keyboard_faults(page):
    """Goes from the top of the page to its end with Tab alone, and back."""
    page.press("Tab")
    if page.ask(FOCUS) != "Skip to the content":
        yield "the first key does not offer to skip the navigation"
    page.press("Enter")
    tab_to(page, "address")
    page.press("Tab")
    page.press("Tab")
    text = page.ask(FOCUS)
    page.press("Enter")
    if page.ask("document.getElementById('address').value") != text:
        yield "an example cannot be taken by keyboard"
    many = page.ask("""[...document.querySelectorAll('main :is(a[href], button, input, '
        + '[tabindex="0"])')].filter((e) => !e.disabled && e.getClientRects().length).length""")
    tab_to(page, "self-pidfdid")
    for n in range(many):
        page.press("Tab", shift=True)
        if page.ask(FOCUS) == "address":
            return
    yield "there is no way back to the address"


def told(page):
    """Requires that a screen reader hears the answer once no key is pressed any
    more."""
    for text, words in (("tcp://127.0.0.1:65536", "Refused at octet"), ("fd://web", "web")):
        retype(page, "address", text)
        page.until(f"document.getElementById('status').textContent.includes('{words}')"
                   if not words.startswith("Refused") else
                   "/^Refused, at octet 21: the port is above 65535\\. Hint: ports run/.test("
                   "document.getElementById('status').textContent)")
    set_field(page, "pidfdid", None)
    retype(page, "fds", "3x")
    page.until("document.getElementById('activation-status').textContent.startsWith('Refused')")
    roles = [n["role"]["value"] for n in page.call("Accessibility.getFullAXTree")["nodes"]
             if n.get("role")]
    return [] if roles.count("status") == 2 else ["there are not two live regions"]


def playground(page, site, command):
    page.screen(1280)
    page.open((site / "playground.html").as_uri())
    page.until("document.documentElement.dataset.ready === 'yes'")
    yield from keyboard_faults(page)
    page.ask("document.getElementById('address').focus()")
    for text in ADDRESSES:
        yield from address_faults(page, command, text)
    yield from choice_faults(page, command)
    for case in ACTIVATIONS:
        yield from activation_faults(page, command, case)
    yield from told(page)
    yield from set(nameless(page))
    yield from page.faults


def wrong_playground(page, site, command):
    """The test has to notice playgrounds with wrong answers."""
    place = site / "playground.html"
    text = place.read_text(encoding="utf-8")
    for old, new, check in (
            ("sbind.parse(text);", "sbind.parse(text.trim());",
             lambda: address_faults(page, command, " tcp://*:80")),
            ("sbind.check(text, rules)", "sbind.check(text, {})",
             lambda: address_faults(page, command, "tcp://*:80")),
            ("sbind.explain(text)", "sbind.explain(text.replace('*', '[::]'))",
             lambda: address_faults(page, command, "tcp://*:80")),
            ("[`--within=${within}`, { within }]", "[`--within=${within}`, { within: '/' }]",
             lambda: next(choice_faults(page, command), None)),
            ("{ schemes }]", "{}]", lambda: next(choice_faults(page, command), None)),
            ("n.startsWith(SECTIONS[address.scheme])", "true",
             lambda: address_faults(page, command, "tcp://127.0.0.1:80")),
            ("[['host', kind]]", "[['host', 'name']]",
             lambda: address_faults(page, command, "tcp://*:80")),
            ("selfPid: Number(", "acceptMissingPid: true, selfPid: Number(",
             lambda: activation_faults(page, command, ACTIVATIONS[3]))):
        assert text.count(old) == 1, old
        place.write_text(text.replace(old, new), encoding="utf-8")
        page.open(place.as_uri())
        page.until("document.documentElement.dataset.ready === 'yes'")
        page.ask("document.getElementById('address').focus()")
        if not check():
            yield f"goes unnoticed: {new}"
    place.write_text(text, encoding="utf-8")


def photographs(page, site, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name in MAIN:
        page.open((site / name).as_uri())
        for width, scheme in ((360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")):
            page.screen(width, scheme)
            page.photograph(folder / f"{name.replace('/', '-')[:-5]}-{width}-{scheme}.png")


def main(source, wasm, command, folder=None):
    chromium = shutil.which("chromium")
    for tool in ("cmark-gfm", "mandoc", "chromium"):
        if shutil.which(tool) is None:
            print(f"SKIPPED: {tool} is not installed")
            return 77
    with tempfile.TemporaryDirectory() as dir, browser.Browser(chromium) as page:
        site = pathlib.Path(dir) / "site"
        subprocess.run([sys.executable, "-B", pathlib.Path(source) / "docs/site/build.py", wasm,
                        site], check=True)
        found = list(playground(page, site, command))
        found += wrong_playground(page, site, command)
        found += all_pages(page, site)
        if folder:
            photographs(page, site, pathlib.Path(folder))
    print("".join(line + "\n" for line in found), end="")
    print(f"{len(ADDRESSES)} addresses, {len(ACTIVATIONS)} environments")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
