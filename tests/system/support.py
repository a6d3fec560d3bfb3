# SPDX-License-Identifier: MIT OR Apache-2.0
"""Functions that the system tests share. A test file ends with support.main().

The environment has these variables. SBIND: the command. SBIND_SECCOMP: seccomp_errno.
SBIND_EXAMPLES: the directory of web_server and client. SBIND_PEERS: the directory of
event_server. SBIND_SOURCE_DIR: the root of the repository. SBIND_C_LIBRARY: "musl" or
nothing. SBIND_PORTABLE: 1 if the library was built with that
option. SBIND_SWAPS: 1 if its value was "swaps".
"""
import contextlib
import ctypes
import errno
import fcntl
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

WAIT = 20                     # seconds for anything that has to happen
NOBODY = 65534                # a user that is not ours
SANITIZER = re.compile(rb"Sanitizer|runtime error:")
LISTENING = re.compile(rb"^(?:sbind: )?listening on (.+)$", re.MULTILINE)
PYTHON = (sys.executable, "-I", "-S", "-B")
MUSL = os.environ.get("SBIND_C_LIBRARY") == "musl"
OPENING = "open" if MUSL else "openat"  # the call by which open(3) opens
PORTABLE = os.environ.get("SBIND_PORTABLE") == "1"  # -DSBIND_PORTABLE=ON
SWAPS = os.environ.get("SBIND_SWAPS") == "1"  # -DSBIND_PORTABLE=swaps
ACCEPT = "accept" if PORTABLE else "accept4"
LOST_BY_RENAME = (              # the hint; P15 is weaker
    "clients cannot reach renamed sockets on this file system; use another one"
    if PORTABLE else "clients cannot reach a socket that was renamed on this file "
    "system; do without replace, or use a path of at most 107 octets")
RENAME = "renameat" if PORTABLE and not SWAPS else "renameat2"
PUBLISH = "renameat2" if SWAPS else "linkat"  # if not bound with the public name
CHMOD = "fchmodat" if PORTABLE else "chmod"
FRESH = ".s.sbind-d/s" if PORTABLE else ".s.sbind-new"  # beside the socket s
FRESH_ENTRY = FRESH.partition("/")[0]  # what is seen of it in the directory
IN_MUSL = {"Bad file descriptor": "Bad file descriptor",
           "Cannot allocate memory": "Out of memory",
           "Disk quota exceeded": "Quota exceeded",
           "File name too long": "Filename too long",
           "Input/output error": "I/O error",
           "Too many open files": "No file descriptors available"}


def says(text):
    """The text of this C library in place of glibc's text."""
    return IN_MUSL[text] if MUSL else text


def from_environment(variable):
    value = os.environ.get(variable)
    if not value:
        sys.exit(f"{sys.argv[0]}: {variable} is not set")
    return os.path.abspath(value)


SBIND = from_environment("SBIND")


def example(name):
    return os.path.join(from_environment("SBIND_EXAMPLES"), name)


def peer(name):
    return os.path.join(from_environment("SBIND_PEERS"), name)


def source(*parts):
    return pathlib.Path(from_environment("SBIND_SOURCE_DIR"), *parts)


# ---- What a machine may lack ----------------------------------------------

def unavailable(reason):
    """Skips the test, because this machine lacks something that cannot be installed."""
    print("SKIPPED: " + reason, file=sys.stderr)
    raise unittest.SkipTest(reason)


def lacking(reason):
    """Skips the test, because something is not installed. In CI, fails the test."""
    if os.environ.get("CI") == "true":
        raise AssertionError("needed in CI: " + reason)
    unavailable(reason)


def weaker(promise):
    """Skips the test with POSIX only, because SECURITY.md calls this part of the
    promise weaker there."""
    if PORTABLE:
        print("WEAKER: %s with POSIX only" % promise, file=sys.stderr)
        raise unittest.SkipTest("weaker: " + promise)


def of_linux(what):
    """Skips a test that is about calls which are made only on Linux."""
    if PORTABLE:
        print("OF LINUX: " + what, file=sys.stderr)
        raise unittest.SkipTest("of Linux: " + what)


def requires(*programs):
    """Skips the test if programs are not installed. In CI, fails the test."""
    for program in programs:
        if shutil.which(program) is None:
            lacking(program + " is not installed")


def requires_root():
    if os.geteuid() != 0:
        unavailable("only root can do this")


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
            return True
    except OSError:
        return False


def requires_ipv6():
    if not has_ipv6():
        unavailable("this machine has no ::1")


# ---- Running ----------------------------------------------------------------

def environment(**changes):
    """A clean environment. In this environment, a sanitizer ends with a status that sbind never
    has. Under strace, a sanitizer cannot look for leaks."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(("LISTEN_", "LC_", "HOST"))}
    env.update(LC_ALL="C", NO_COLOR="1",
               ASAN_OPTIONS="exitcode=99:" + changes.pop("asan", ""),
               UBSAN_OPTIONS="halt_on_error=1:exitcode=99:print_stacktrace=1")
    env.update(changes)
    return env


class Done:
    """The result of a program that has ended: its status, and what it has written."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err
        if SANITIZER.search(err):
            raise AssertionError(err.decode(errors="replace"))

    def __repr__(self):
        return f"status {self.status}, out {self.out!r}, err {self.err!r}"


def run(*argv, input=b"", env=None, timeout=WAIT, **more):
    p = subprocess.run(argv, input=input, env=env or environment(),
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=timeout, **more)
    return Done(p.returncode, p.stdout, p.stderr)


def sbind(*argv, **more):
    return run(SBIND, *argv, **more)


def shown(text):
    """A text as the command shows it: octets that are not printable ASCII become
    \\xHH."""
    return "".join(chr(c) if 0x20 <= c <= 0x7e else f"\\x{c:02x}"
                   for c in os.fsencode(text))


def wait_until(condition, what, timeout=WAIT):
    """The first true value of condition()."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited in vain for " + what)
        time.sleep(0.005)


class Process:
    """A running program. Its output goes to files, which can be read while the program runs."""

    def __init__(self, directory, argv, stdin=subprocess.DEVNULL, env=None,
                 **more):
        self.argv = argv
        self.files = [tempfile.TemporaryFile(dir=directory) for _ in "oe"]
        self.popen = subprocess.Popen(argv, stdin=stdin, stdout=self.files[0],
                                      stderr=self.files[1],
                                      env=env or environment(), **more)
        self.pid = self.popen.pid

    def text(self, which):
        fd = self.files[which].fileno()
        return os.pread(fd, os.fstat(fd).st_size, 0)

    @property
    def out(self):
        return self.text(0)

    @property
    def err(self):
        return self.text(1)

    def listening(self, count=1):
        """Waits until the program says that it listens. Returns the addresses."""
        def said():
            ended = not self.running()       # before its text is read
            found = LISTENING.findall(self.err) or LISTENING.findall(self.out)
            if len(found) < count and ended:
                raise AssertionError(
                    f"{self.argv} ended: {self.popen.returncode}, "
                    f"{self.out!r}, {self.err!r}")
            return len(found) >= count and found
        found = wait_until(said, f"{self.argv} to listen")
        return [text.decode() for text in found]

    def running(self):
        return self.popen.poll() is None

    def wait(self, timeout=WAIT):
        return Done(self.popen.wait(timeout), self.out, self.err)

    def end(self, how=signal.SIGKILL):
        """SIGKILL has to reach the children as well: the children of strace would go on."""
        every = family(self.pid) if how == signal.SIGKILL else [self.pid]
        for pid in every if self.running() else []:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)

    def kill(self, how=signal.SIGKILL):
        self.end(how)
        return self.wait()

    def dispose(self):
        self.end()
        self.popen.wait(WAIT)
        for file in self.files:
            file.close()


def family(pid):
    """A process, and all processes that descend from it."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            children = file.read().split()
    except OSError:
        children = []               # it has ended
    return [pid] + [p for child in children for p in family(int(child))]


def at_rest(pid, seconds=0.5):
    """Waits until a process has slept for that long without a break."""
    def state():
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        with open(f"/proc/{pid}/status") as file:
            switches = [line for line in file if "ctxt_switches" in line]
        return fields[0], fields[11:13], switches

    def rests():
        first, end = state(), time.monotonic() + seconds
        while state() == first and first[0] == "S":
            if time.monotonic() > end:
                return True
            time.sleep(0.01)
        return False
    wait_until(rests, f"process {pid} to wait without being busy")


class Case(unittest.TestCase):
    longMessage = True

    def setUp(self):
        # below /tmp, where paths are short
        self.directory = tempfile.mkdtemp(prefix="sbind-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.directory, *parts)

    def write(self, name, text):
        with open(self.path(name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return self.path(name)

    def start(self, *argv, **more):
        p = Process(self.directory, argv, **more)
        self.addCleanup(p.dispose)
        return p

    def listen(self, *argv, **more):
        return self.start(SBIND, "listen", "-v", *argv, **more)

    def held(self, place, *argv, **more):
        """A program that stops at a call until it is told to go on. A program that never comes to
        this call does not stop. call_hold.c says how the place is written."""
        file = self.path("held")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(file)             # of one that was killed there
        p = self.start(peer("call_hold"), file, place, *argv, **{
            "env": environment(asan="detect_leaks=0"), **more})
        p.is_held = wait_until(
            lambda: "held" if os.path.exists(file) else
            "not held" if not p.running() or LISTENING.search(p.err + p.out)
            else None, f"{argv} to come to {place}") == "held"
        p.go_on = lambda: os.unlink(file)
        return p

    def with_hosts(self, **names):
        """The words that start a program. For this program, host names have these addresses."""
        requires("unshare", "getent")
        file = self.write("hosts", "".join(
            f"{ip} {name}\n" for name, ips in names.items() for ip in ips))
        user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
        within = ("unshare", *user, "--mount", "--", "sh", "-c",
                  'mount --bind "$0" /etc/hosts && exec "$@"', file)
        for name, ips in names.items():
            done = run(*within, "getent", "ahosts", name)
            found = [line.split()[0].decode() for line in done.out.splitlines()
                     if b"STREAM" in line]
            if found != list(ips):
                lacking(f"{name} cannot be given the addresses {ips}: {done!r}")
        return within

    def expect(self, done, status, out=None, err=None):
        """err: a pattern, or "" for silence."""
        self.assertEqual(done.status, status, done)
        if out is not None:
            self.assertEqual(done.out, out.encode()
                             if isinstance(out, str) else out, done)
        if err == "":
            self.assertEqual(done.err, b"")
        elif err is not None:
            self.assertRegex(done.err.decode(), err)
        return done

    def names(self, directory=None):
        return sorted(os.listdir(directory or self.directory))


def pidfdid(pid):
    """The id for LISTEN_PIDFDID. None if the kernel has no such ids (before Linux 6.9)."""
    fd = os.pidfd_open(pid)
    try:
        kind = run("stat", "-f", "-L", "-c", "%t", f"/proc/self/fd/{fd}",
                   pass_fds=(fd,)).out.strip()
        return str(os.fstat(fd).st_ino) if kind == b"50494446" else None
    finally:
        os.close(fd)


# ---- Addresses ---------------------------------------------------------------

def port_of(text):
    return int(text.rsplit(":", 1)[1])


def free_port():
    """A free port, for programs that do not accept port 0. The system never chooses a port of this
    range itself, so no other program gets the port by chance."""
    while True:
        port = random.randrange(20000, 32768)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            return port


def abstract_name(case):
    return "sbind-test-" + os.path.basename(case.directory)


def with_own_network():
    """Gives this process a network of its own, if that is allowed. In this network, closed
    connections of other tests cannot be in the way."""
    CLONE_NEWNET = 0x40000000
    if os.geteuid() == 0:
        requires("ip")
    if ctypes.CDLL(None).unshare(CLONE_NEWNET) == 0:
        done = run("ip", "link", "set", "lo", "up")
        if done.status != 0:
            raise AssertionError(done)


def connect(address):
    """A connected socket for tcp:// with an IP address, or for unix://."""
    scheme, rest = address.split("://", 1)
    if scheme == "unix":
        s = socket.socket(socket.AF_UNIX)
        target = "\0" + rest[1:] if rest.startswith("@") else rest
    else:
        host, port = rest.rsplit(":", 1)
        target = (host.strip("[]"), int(port))
        s = socket.socket(socket.AF_INET6 if "[" in host else socket.AF_INET)
    s.settimeout(WAIT)
    try:
        s.connect(target)
    except BaseException:
        s.close()
        raise
    return s


def high_number(case, s):
    """A copy of a socket with a high descriptor, so that 3, 4, 5 and so on are free."""
    fd = fcntl.fcntl(s.fileno(), fcntl.F_DUPFD_CLOEXEC, 50)
    case.addCleanup(os.close, fd)
    return fd


def stale_socket(path):
    """Makes a socket file on which no process listens."""
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)


def curl(address, *more, within=()):
    """GET / by curl at an address. "within" are the words that start curl in another
    place."""
    options = ("--silent", "--show-error", "--fail", "--noproxy", "*",
               "--max-time", str(WAIT), "--globoff")
    scheme, rest = address.split("://", 1)
    if scheme == "tcp":
        return run(*within, "curl", *options, *more, f"http://{rest}/")
    kind, name = (("--abstract-unix-socket", rest[1:]) if rest[0] == "@"
                  else ("--unix-socket", rest))
    return run(*within, "curl", *options, *more, kind, name,
               "http://localhost/")


# ---- Socket files --------------------------------------------------------------

def snapshot(directory):
    """Everything that must not change if a start is refused."""
    found = {}
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        st = os.lstat(path)
        content = None
        if stat.S_ISREG(st.st_mode):
            with open(path, "rb") as file:
                content = file.read()
        elif stat.S_ISLNK(st.st_mode):
            content = os.readlink(path)
        elif stat.S_ISDIR(st.st_mode):
            content = sorted(os.listdir(path))
        found[name] = (st.st_ino, st.st_mode, st.st_uid, st.st_gid,
                       st.st_mtime_ns, st.st_ctime_ns, st.st_nlink, content)
    return found


def mode_of(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def connect_as(uid, path):
    """Connects as another user. Returns the errno."""
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        with socket.socket(socket.AF_UNIX) as s:
            os._exit(s.connect_ex(path))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class PathCase(Case):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("d"), 0o700)     # holds nothing but what is tested
        self.dir = self.path("d")
        self.sock = self.path("d", "s")
        self.lock = self.path("d", ".s.sbind")
        self.address = "unix://" + self.sock

    def clear(self):
        for name in self.names(self.dir):
            path = os.path.join(self.dir, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)

    def hold(self, *options, address=None, **more):
        """A process that listens on the address and accepts no client."""
        p = self.listen(*options, "-H", address or self.address, "--",
                        "sleep", "60", **more)
        p.listening()
        return p

    def refused(self, name, *options, address=None):
        """Requires that a start is refused, and that everything stays as it was."""
        before = snapshot(self.dir)
        done = self.expect(
            sbind("listen", *options, "-H", address or self.address, "--",
                  "true"), 111, out="", err=rf"\({name}\)")
        self.assertEqual(snapshot(self.dir), before)
        return done

    def accepted(self, *options, address=None):
        self.expect(sbind("listen", *options, "-H", address or self.address,
                          "--", "true"), 0)


# ---- A program that takes sockets --------------------------------------------

# A program that prints, as a line of JSON, what it was given. Then it does what its arguments say:
# "exit"; "wait"; or "serve", which sends "hello" to every client of every socket.
ACTIVATED = r"""
import json, os, selectors, socket, sys, time
import fcntl
fds = []
for fd in range(256):
    try:
        flags = fcntl.fcntl(fd, fcntl.F_GETFD)
    except OSError:
        continue
    fds.append(fd)
passed = []
sockets = []
for fd in range(3, 3 + int(os.environ.get("LISTEN_FDS", "0"))):
    s = socket.socket(fileno=os.dup(fd))
    sockets.append(s)
    name = s.getsockname()
    if isinstance(name, bytes):
        name = name.decode("latin-1")
    passed.append({
        "fd": fd, "family": s.family.name, "name": name,
        "nonblocking": not os.get_blocking(fd),
        "nodelay": s.family.name != "AF_UNIX"
        and s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0,
        "keepalive": s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0,
        "reuseport": s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) != 0,
        "reuseaddr": s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) != 0,
        "receive": s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF),
        "send": s.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)})
print(json.dumps({
    "pid": os.getpid(), "fds": fds, "passed": passed, "args": sys.argv[1:],
    "environment": {k: v for k, v in os.environ.items()
                    if k.startswith("LISTEN_")},
    "ids": os.getresuid() + os.getresgid(), "groups": os.getgroups()}),
    flush=True)
if "wait" in sys.argv:
    time.sleep(60)
if "serve" in sys.argv:
    chosen = selectors.DefaultSelector()
    for s in sockets:
        s.setblocking(False)
        chosen.register(s, selectors.EVENT_READ)
    while True:
        for key, _ in chosen.select(60):
            try:
                connection, _ = key.fileobj.accept()
            except OSError:
                continue
            with connection:
                try:
                    connection.sendall(b"hello")
                except OSError:
                    pass                    # gone already
"""


def activated(*what):
    """The command line of that program."""
    return (*PYTHON, "-c", ACTIVATED, *what)


# ---- strace --------------------------------------------------------------------

CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")


def trace(expression, *argv, directory, status=0, **more):
    """The lines of strace for the calls in "expression", without exits."""
    requires("strace")
    log = os.path.join(directory, "strace")
    more.setdefault("env", environment(asan="detect_leaks=0"))
    done = run("strace", "-f", "-qq", "-s", "256", "-e", "signal=none", "-e",
               "trace=" + expression, "-o", log, *argv, **more)
    if status is not None and done.status != status:
        raise AssertionError(f"{argv}: {done!r}")
    with open(log, encoding="latin-1") as file:
        return [re.sub(r"^\d+ +", "", line.rstrip("\n")) for line in file]


def injecting(fault, *argv):
    """The words that start a program in which strace delays calls, makes them fail, or
    kills the program there. A fault is CALL:WHAT, as the option inject of strace has
    it."""
    requires("strace")
    return ("strace", "-f", "-qq", "-o", "/dev/null", "-e",
            "signal=none", "-e", "trace=" + fault.split(":")[0],
            "-e", "inject=" + fault, *argv)


def calls(lines):
    return [m.group(1) for m in map(CALL.match, lines) if m]


# ---- The end --------------------------------------------------------------------

def main():
    # Leaves the build directory. The build directory may be below /root, which a daemon of another
    # user cannot enter.
    os.chdir("/")
    failfast = "SBIND_TEST_FAILFAST" in os.environ # for mutants: one is enough
    result = unittest.main(exit=False, failfast=failfast).result
    if not result.wasSuccessful():
        sys.exit(1)
    skipped = [reason for _, reason in result.skipped
               if not reason.startswith("weaker: ")]
    if skipped and len(skipped) >= result.testsRun:
        sys.exit(77)
