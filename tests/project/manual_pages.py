#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""manual_pages.py SOURCE [--write] - does the manual say what the headers say?

Every public function has a page of its name, or a link to a page that describes it. The page has
the exact prototype, the header, and each error that the comment above the function names. Members
of options have a line. libsbind(3) lists every status with its number, name and text, and --write
brings that list up to date. References lead to pages that exist. The test makes a mistake of each
kind, and has to notice each one."""
import ast
import pathlib
import re
import sys

# Structures whose every member a page explains.
STRUCTURES = {"sbind_listen_options": "sbind_listen", "sbind_connect_options": "sbind_connect",
              "sbind_policy": "sbind_policy_check", "sbind_peer": "sbind_peer_of",
              "sbind_error": "sbind_report", "sbind_activation": "sbind_activation_take",
              "sbind_activation_input": "sbind_activation_take"}
# Pages of others.
OTHERS = set("accept(2) bind(2) close(2) connect(2) execve(2) fork(2) listen(2) "
             "pidfd_open(2) ppoll(2) shutdown(2) signalfd(2) daemon(3) errno(3) "
             "getaddrinfo(3) sd_listen_fds(3) sd_notify(3) systemd.service(5) "
             "systemd.socket(5) epoll(7) unix(7)".split())
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
PROTOTYPE = re.compile(r"^(?:static inline )?((?:const )?\w+[ *]+)(sbind_\w+)\(([^;{]*?)\)\s*[;{]",
                       re.M)
STATUS = re.compile(r'X\((SBIND_\w+), (\d+), "([a-z0-9-]+)",\s*("(?:[^"\\]|\\.)*")')


def squeeze(text):
    return re.sub(r"\s+", " ", text).strip()


def read_headers(source):
    return {p.name: p.read_text(encoding="utf-8")
            for p in sorted((source / "include/sbind").glob("*.h"))}


def read_pages(source):
    return {p.name: p.read_text(encoding="utf-8")
            for p in sorted((source / "docs/man").iterdir())}


def statuses(headers):
    """{identifier: (number, name, text)}"""
    code = headers["status.h"].replace("\\\n", "\n")
    return {i: (n, name, ast.literal_eval(text))
            for i, n, name, text in STATUS.findall(code)}


def functions(headers):
    """The public functions: {name: (header, result, [argument], statuses that its
    comment names)}."""
    known, found = statuses(headers), {}
    for header, text in headers.items():
        bare = COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
        bare = re.sub(r"^[ \t]*#.*?(?<!\\)$", lambda m: re.sub(r"[^\n]", " ", m[0]), bare,
                      flags=re.M | re.S)
        for m in PROTOTYPE.finditer(bare):
            before = text[:m.start()].rstrip()
            comment = before[before.rfind("/*"):] if before.endswith("*/") else ""
            found[m[2]] = (header, squeeze(m[1]), [squeeze(a) for a in m[3].split(",")],
                           {s for s in re.findall(r"SBIND_\w+", comment) if s in known})
    return found


def members(headers, structure):
    text = COMMENT.sub("", "".join(headers.values()))
    body = re.search(r"typedef struct %s \{(.*?)\} %s;" % (structure, structure), text, re.S)[1]
    return {name for line in body.split(";") for name in
            re.findall(r"(\w+)(?:\[\w+\])*(?=,|$)", squeeze(line))} - {"size"}


def synopsis(page):
    """{name: (header, result, [argument])}"""
    found, header, result, name, arguments = {}, None, None, None, []
    for line in page.splitlines():
        macro, _, rest = line.partition(" ")
        rest = rest.strip('"')
        if macro == ".In":
            header = rest.removeprefix("sbind/")
        elif macro == ".Ft":
            result = rest
        elif macro == ".Fo":
            name, arguments = rest, []
        elif macro == ".Fa" and name:
            arguments.append(rest)
        elif macro == ".Fc":
            found[name] = (header, result, arguments)
            name = None
    return found


def item(identifier, status):
    number, name, text = status
    return f".It Dv {identifier} Li {number} Li {name}\n{text}.\n"


def status_list(headers):
    return "".join(item(i, s) for i, s in statuses(headers).items())


def faults(headers, pages):
    """Everything that is wrong, as lines."""
    found, real = functions(headers), {n: p for n, p in pages.items() if not p.startswith(".so")}
    for name, (header, result, arguments, errors) in found.items():
        page = pages.get(name + ".3", "")
        if page.startswith(".so"):
            page = pages.get(page.removeprefix(".so man3/").strip(), "")
        if not page:
            yield f"{name}: no page"
            continue
        if not re.search(rf"^\.Nm {name}( ,)?$", page, re.M):
            yield f"{name}: its page does not have it as a name"
        if synopsis(page).get(name) != (header, result, arguments):
            yield f"{name}: the prototype is {(header, result, arguments)}"
        for error in sorted(errors):
            if not re.search(rf"\b{error}\b", page):
                yield f"{name}: {error} is missing"
    for name, page in pages.items():
        if name.endswith(".3") and name != "libsbind.3" and name[:-2] not in found:
            yield f"{name}: there is no such function"
        for reference, section in re.findall(r"^\.Xr (\S+) (\d)", page, re.M):
            if (f"{reference}.{section}" not in pages and (reference, section) != ("sbind", "1")
                    and f"{reference}({section})" not in OTHERS):
                yield f"{name}: {reference}({section}) does not exist"
    for structure, name in STRUCTURES.items():
        words = set(re.findall(r"\w+", real.get(name + ".3", "")))
        for member in sorted(members(headers, structure) - words):
            yield f"{name}.3: {structure}.{member} is missing"
    if status_list(headers) not in pages.get("libsbind.3", ""):
        yield "libsbind.3: the list of statuses is old; manual_pages.py SOURCE --write"


def self_test(headers, pages):
    listen, parse = pages["sbind_listen.3"], pages["sbind_parse.3"]
    planted = {
        "no page": {"sbind_accept.3": None},
        "link to nothing": {"sbind_own.3": ".so man3/sbind_gone.3\n"},
        "wrong argument": {"sbind_parse.3": parse.replace('"size_t len"', '"int len"', 1)},
        "wrong result": {"sbind_parse.3": parse.replace(".Ft bool", ".Ft int", 1)},
        "wrong header": {"sbind_parse.3": parse.replace(".In sbind/parse.h", ".In sbind/sbind.h")},
        "missing error": {"sbind_listen.3": listen.replace("SBIND_TOO_MANY_LISTENERS", "X")},
        "missing option": {"sbind_listen.3": listen.replace("keepalive_idle", "x")},
        "no such function": {"sbind_gone.3": parse},
        "dead reference": {"sbind_parse.3": parse + ".Xr sbind_gone 3\n"},
        "old status": {"libsbind.3": pages["libsbind.3"].replace("Li 110", "Li 111")},
    }
    for name, change in planted.items():
        changed = {n: p for n, p in {**pages, **change}.items() if p is not None}
        if changed == pages or not list(faults(headers, changed)):
            sys.exit(f"goes unnoticed: {name}")


def write(source, headers):
    path = source / "docs/man/libsbind.3"
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"^\.It Dv SBIND_OK .*?(?=^\.El$)", lambda m: status_list(headers), text,
                  flags=re.M | re.S)
    path.write_text(text, encoding="utf-8")


def main():
    source = pathlib.Path(sys.argv[1])
    headers = read_headers(source)
    if "--write" in sys.argv:
        write(source, headers)
    pages = read_pages(source)
    found = list(faults(headers, pages))
    if not found:
        self_test(headers, pages)
    print("\n".join(found) or f"{len(functions(headers))} functions, {len(pages)} pages")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
