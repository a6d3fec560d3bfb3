#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""guides.py SOURCE BUILD [PAGE...] - do the guides work? Each page gets a folder,
a network and an empty /usr/local/sbin of its own.

The first line of a block may be a comment that begins with a file name: then the block
becomes that file. In a block "console", one shell runs each line after "$ ", and what
the lines print has to be what follows. "..." stands for any text, or alone on a line
for any lines. A command may fail only if "$ echo $?" comes next. Every program in the
background has to end with status 0 before the page ends. Blocks of "sh" are not run,
because they need Docker or root's service manager: only their syntax is checked. Blocks
of "rust" show other projects' code. Any other kind of block is an error, so that none
is forgotten."""
import concurrent.futures
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

WAIT = 15
BLOCK = re.compile(r"^```([a-z]*)\n(.*?)^```$", re.M | re.S)
FILE = re.compile(r"^(?:/\*|#|//)\s*([A-Za-z0-9_.@-]+\.[a-z0-9]+|[A-Z][a-z]+file)\b")
# Programs are built with sanitizers, which find more errors. A static program cannot have
# them.
CC = """#!/bin/sh
case " $* " in
*" -static"*) exec {cc} -Werror "$@" ;;
*) exec {cc} -Werror -g -fsanitize=address,undefined -fno-sanitize-recover=all "$@" ;;
esac
"""
IN_NAMESPACES = ("ip link set lo up && mount -t tmpfs tmpfs /usr/local/sbin && "
                 "exec bash --norc --noprofile 2>&1")
BAD = {
    "output": "```console\n$ echo a\nb\n```\n",
    "status": "```console\n$ false\n```\n",
    "left": "```console\n$ sleep 100 &\n```\n",
    "fails later": "```console\n$ (sleep 0.1; exit 3) &\n```\n",
    "compiles": "```c\n/* a.c */\nint main(void) { int x; return 0; }\n```\n"
                "```console\n$ cc -Wall a.c\n```\n",
    "overflows": "```c\n/* a.c */\nint main(int c, char **v)\n{ int x[2]; (void)v; x[1] = 1;"
             " return x[c + 1]; }\n```\n```console\n$ cc a.c\n$ ./a.out\n```\n",
    "syntax": "```sh\nif\n```\n",
    "unknown": "```\ntext\n```\n",
    "no file": "```c\nint a;\n```\n",
}


class Wrong(Exception):
    pass


def blocks(text):
    """[(language, content)] of a page."""
    return BLOCK.findall(text)


def commands(block):
    """[(command, [expected line])]"""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1] = (found[-1][0] + "\n" + line[2:], [])
        elif found:
            found[-1][1].append(line)
        else:
            raise Wrong("output before the first command: " + line)
    return found


def pattern(lines):
    any_lines = [r"(?:.*\n)*" if line == "..." else
                 ".*".join(map(re.escape, line.split("..."))) + r"\n"
                 for line in lines]
    return re.compile("".join(any_lines) + r"\Z")


class Shell:
    def __init__(self, directory, env, seconds):
        self.seconds = seconds
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        self.file = open(os.path.join(directory, ".out"), "wb+")
        self.popen = subprocess.Popen(
            ["unshare", *user, "--net", "--mount", "--", "sh", "-c", IN_NAMESPACES], cwd=directory,
            env=env, stdin=subprocess.PIPE, stdout=self.file, stderr=self.file,
            start_new_session=True)
        self.seen = self.number = 0

    def output(self):
        return os.pread(self.file.fileno(), 1 << 20, self.seen).decode("utf-8", "replace")

    def run(self, command, expected, may_fail):
        """Waits until the program has ended, and has printed what is expected."""
        self.number += 1
        mark = f"<ended {self.number} "
        self.popen.stdin.write(f"{command}\nprintf '{mark}%s>' $?\n".encode())
        self.popen.stdin.flush()
        wanted, end = pattern(expected), time.monotonic() + self.seconds
        while True:
            said = self.output()
            ended = re.search(mark + r"(\d+)>", said)
            text = said.replace(ended[0], "") if ended else said
            if text and not text.endswith("\n"):
                text += "\n"
            if ended and wanted.match(text):
                break
            if time.monotonic() > end or self.popen.poll() is not None:
                raise Wrong(f"$ {command}\nprinted\n{text}instead of\n"
                            + "".join(line + "\n" for line in expected)
                            + ("" if ended else "and has not ended\n"))
            time.sleep(0.01)
        if ended[1] != "0" and not may_fail:
            raise Wrong(f"$ {command}\nended with {ended[1]}")
        self.seen += len(said.encode())

    def finish(self):
        """Requires that every program in the background has ended with status 0."""
        self.run("for job in $(jobs -p); do wait $job || echo \"it ended with $?\"; done",
                 [], False)

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()
        self.popen.stdin.close()
        self.file.close()


def write_files(page, directory):
    for language, content in page:
        match = FILE.match(content)
        if match:
            pathlib.Path(directory, match[1]).write_text(content, encoding="utf-8")
        elif language == "sh":
            done = subprocess.run(["sh", "-n"], input=content.encode(),
                                  capture_output=True, check=False)
            if done.returncode != 0:
                raise Wrong("not for a shell: " + content)
        elif language not in ("console", "rust"):
            raise Wrong(f"this block of \"{language}\" is neither run nor a file:\n{content}")


def check(text, env, seconds=WAIT):
    """Runs a page. Returns how many commands were run. Raises Wrong."""
    page = blocks(text)
    directory = tempfile.mkdtemp(prefix="guide-", dir="/tmp")
    try:
        write_files(page, directory)
        todo = [c for language, content in page if language == "console"
                for c in commands(content)]
        shell = Shell(directory, {**env, "HOME": directory}, seconds)
        try:
            for i, (command, expected) in enumerate(todo):
                asked = i + 1 < len(todo) and todo[i + 1][0] == "echo $?"
                if command == "echo $?":
                    command = "echo $status"
                shell.run("{ " + command + "\n}; status=$?; (exit $status)"
                          if asked else command, expected, asked)
            shell.finish()
        finally:
            shell.close()
        return len(todo)
    finally:
        shutil.rmtree(directory)


def make_prefix(source, build, directory):
    """Makes the files that "cmake --install" would make, but writes nothing to the build tree."""
    prefix = pathlib.Path(directory)
    for folder in ("bin", "lib/pkgconfig"):
        (prefix / folder).mkdir(parents=True)
    (prefix / "include").symlink_to(source / "include")
    (prefix / "lib/libsbind.a").symlink_to(build / "libsbind.a")
    (prefix / "bin/sbind").symlink_to(build / "sbind")
    cc = prefix / "bin/cc"
    cc.write_text(CC.format(cc=shutil.which("cc")), encoding="ascii")
    cc.chmod(0o755)
    (prefix / "lib/pkgconfig/sbind.pc").write_text(
        f"Name: sbind\nDescription: sbind\nVersion: 0.1.0\nCflags: -I{prefix}/include\n"
        f"Libs: -L{prefix}/lib -lsbind\n", encoding="ascii")
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(("LISTEN_", "NOTIFY_", "LC_", "HOST", "CFLAGS"))}
    env.update(PATH=f"{prefix}/bin:{os.environ['PATH']}", LC_ALL="C", NO_COLOR="1",
               PKG_CONFIG_PATH=f"{prefix}/lib/pkgconfig", SOURCE=str(source),
               ASAN_OPTIONS="detect_leaks=0")
    return env


def goes_unnoticed(text, env):
    try:
        check(text, env, 1)
    except Wrong:
        return False
    return True


def self_test(env, pool):
    check("```console\n$ false\n$ echo $?\n1\n$ echo a b c\na ... c\n$ seq 5\n1\n...\n5\n"
          "$ (sleep 0.1; echo late) &\nlate\n```\n", env)
    for name, bad in zip(BAD, pool.map(lambda text: goes_unnoticed(text, env), BAD.values())):
        if bad:
            sys.exit(f"a page with a fault goes unnoticed: {name}")


def main():
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        print("SKIPPED: unshare or ip is not installed")
        sys.exit(1 if os.environ.get("CI") == "true" else 77)
    source, build = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
    pages = [pathlib.Path(p) for p in sys.argv[3:]] or sorted(
        (source / "docs/guides").glob("*.md"))
    failed = False
    with tempfile.TemporaryDirectory() as prefix, \
            concurrent.futures.ThreadPoolExecutor(len(BAD)) as pool:
        env = make_prefix(source, build, prefix)
        self_test(env, pool)

        def judge(path):
            begin = time.monotonic()
            try:
                n = check(path.read_text(encoding="utf-8"), env)
                return f"{path.name}: {n} commands, {time.monotonic() - begin:.1f} s", True
            except Wrong as e:
                return f"{path.name}: {e}", False
        with concurrent.futures.ThreadPoolExecutor(2) as pair:
            for text, is_good in pair.map(judge, pages):
                print(text)
                failed |= not is_good
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
