#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""sbind listen as a super-server: a process for each connection, limits, signals, and
programs that run between listening and the command.

Promises: P17 P51
"""
import json
import os
import pwd
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import time

import support
from support import ACCEPT, PORTABLE, PYTHON, SBIND, sbind

ECHO = support.peer("accept_echo")
TCP = "tcp://127.0.0.1:0"
EXHAUSTED = b"(exhausted); %s: EMFILE\n" % ACCEPT.encode()
with open(SBIND, "rb") as program:
    IS_SANITIZED = b"__asan_init" in program.read()
ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

# A command that tells its client, over the connection, what sbind gave to the command.
REPORT = r"""
import fcntl, json, os, socket
fds = {}
for fd in range(256):
    try:
        fcntl.fcntl(fd, fcntl.F_GETFD)
        fds[fd] = os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        continue
connection = 3 if 3 in fds else 1
with open("/proc/self/environ") as file:
    variables = file.read().split("\0")[:-1]
with open("/proc/self/status") as file:
    status = dict(line.rstrip("\n").split(":\t", 1) for line in file)
peer = socket.socket(fileno=os.dup(connection))
try:
    peer.getpeername()
    is_connected = True
except OSError:
    is_connected = False
text = json.dumps({
    "pid": os.getpid(), "parent": os.getppid(), "fds": fds,
    "variables": sorted(v for v in variables if v.startswith(
        ("LISTEN_", "REMOTE_", "MINE"))),
    "blocking": os.get_blocking(connection), "connected": is_connected,
    "options": [name for name, level, number in (
        ("nodelay", socket.IPPROTO_TCP, socket.TCP_NODELAY),
        ("keepalive", socket.SOL_SOCKET, socket.SO_KEEPALIVE))
        if peer.family != socket.AF_UNIX and peer.getsockopt(level, number)],
    "ids": os.getresuid() + os.getresgid(), "status": status})
peer.setblocking(True)
peer.sendall(text.encode() + b"\n")
peer.recv(1)
"""
REPORTS = (*PYTHON, "-c", REPORT)

# Starts sbind with a signal mask of its own and with ignored signals.
STRANGELY = r"""
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
for ignored in (signal.SIGCHLD, signal.SIGQUIT):
    signal.signal(ignored, signal.SIG_IGN)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def children(pid):
    """Zombies are among them."""
    return support.family(pid)[1:]


def ticks(pid):
    """How long a process has used the processor, in hundredths of a second."""
    with open(f"/proc/{pid}/stat") as file:
        return sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13]))


def read_all(s):
    got = b""
    while True:
        try:
            octets = s.recv(65536)
        except ConnectionResetError:
            return got
        if not octets:
            return got
        got += octets


class Twice(dict):
    """An environment that has each variable that sbind sets twice, with wrong values."""

    def items(self):
        return [*super().items(), ("LISTEN_PID", "1"), ("LISTEN_FDS", "9"),
                ("LISTEN_FDNAMES", "x"), ("LISTEN_PIDFDID", "7"),
                ("REMOTE_ADDR", "evil"), ("REMOTE_PORT", "666")] * 2


class AcceptCase(support.Case):
    def setUp(self):
        super().setUp()
        self.unix = "unix://" + self.path("s")

    def serve(self, *options, addresses=None, command=(ECHO,), before=(),
              inetd=True, **more):
        """Starts sbind listen --accept. p.at has the addresses on which it listens."""
        addresses = addresses or (self.unix,)
        words = [word for a in addresses for word in ("-H", a)]
        p = self.start(*before, SBIND, "listen", "-v", "--accept",
                       *(("--inetd",) if inetd else ()), *words, *options,
                       "--", *command, **more)
        p.at = p.listening(len(addresses))
        return p

    def client(self, address):
        s = support.connect(address)
        self.addCleanup(s.close)
        return s

    def answer(self, s):
        """One line of REPORT."""
        line = b""
        while not line.endswith(b"\n"):
            octets = s.recv(65536)
            self.assertNotEqual(octets, b"", line)
            line += octets
        return json.loads(line)

    def ask(self, p, address=None):
        with support.connect(address or p.at[0]) as s:
            return self.answer(s)

    def echoes(self, s, octets=b"hello"):
        s.sendall(octets)
        got = b""
        while len(got) < len(octets):
            more = s.recv(len(octets) - len(got))
            self.assertNotEqual(more, b"")
            got += more
        self.assertEqual(got, octets)

    def is_closed(self, s):
        self.assertEqual(read_all(s), b"")

    def is_not_served(self, s, seconds=0.3):
        s.settimeout(seconds)
        with self.assertRaises(socket.timeout):
            s.recv(1)
        s.settimeout(support.WAIT)

    def has_no_children(self, p):
        support.wait_until(lambda: not children(p.pid),
                           "every process to be taken leave of")

    def ends(self, p, how=signal.SIGTERM):
        done = p.kill(how)
        self.assertEqual(done.status, -how, done)
        self.assertFalse(os.path.lexists(self.path("s")))
        return done


# ---- What a process is given ------------------------------------------------------

class Given(AcceptCase):
    def test_variables(self):
        """Each variable has one value, even if sbind was given several."""
        p = self.serve(inetd=False, command=REPORTS, addresses=(TCP,),
                       env=Twice(support.environment()))
        with support.connect(p.at[0]) as s:
            got = self.answer(s)
            wanted = ["LISTEN_FDNAMES=connection", "LISTEN_FDS=1",
                      f"LISTEN_PID={got['pid']}", "REMOTE_ADDR=127.0.0.1",
                      f"REMOTE_PORT={s.getsockname()[1]}"]
            pidfdid = support.pidfdid(got["pid"])
        if pidfdid is not None:
            wanted.append("LISTEN_PIDFDID=" + pidfdid)
        self.assertEqual(got["variables"], sorted(wanted))
        self.assertEqual(got["parent"], p.pid)
        self.assertNotEqual(got["pid"], p.pid)

    def test_inetd(self):
        p = self.serve("--close-fds", command=REPORTS, addresses=(TCP,),
                       env=Twice(support.environment()))
        with support.connect(p.at[0]) as s:
            got = self.answer(s)
            self.assertEqual(got["variables"], [
                "REMOTE_ADDR=127.0.0.1",
                f"REMOTE_PORT={s.getsockname()[1]}"])
        self.assertEqual(list(got["fds"]), ["0", "1", "2"])
        self.assertEqual(got["fds"]["0"], got["fds"]["1"])
        self.assertNotEqual(got["fds"]["0"], got["fds"]["2"])
        self.assertTrue(got["connected"])

    def remote(self, p, s):
        with s:
            return [v for v in self.answer(s)["variables"]
                    if v.startswith("REMOTE_")]

    def test_addresses_of_ipv6(self):
        support.requires_ipv6()
        p = self.serve("--dual-stack", inetd=False, command=REPORTS,
                       addresses=("tcp://[::]:0",))
        port = support.port_of(p.at[0])
        for host, shown in (("[::1]", "::1"), ("127.0.0.1", "127.0.0.1")):
            s = support.connect(f"tcp://{host}:{port}")
            own = s.getsockname()[1]
            self.assertEqual(self.remote(p, s), [f"REMOTE_ADDR={shown}",
                                                 f"REMOTE_PORT={own}"])

    def test_addresses_of_unix_clients(self):
        """A unix client may have no name, or a name that means nothing in another directory. Then
        the command gets no REMOTE_ADDR. If sbind was given variables of this name, it removes
        them."""
        p = self.serve(inetd=False, command=REPORTS,
                       env=Twice(support.environment()))
        abstract = support.abstract_name(self)
        os.chdir(self.directory)
        self.addCleanup(os.chdir, "/")
        for own, wanted in ((None, []),
                            (self.path("c"), ["REMOTE_ADDR=" + self.path("c")]),
                            ("\0" + abstract, ["REMOTE_ADDR=@" + abstract]),
                            ("relative", [])):
            with self.subTest(own):
                s = socket.socket(socket.AF_UNIX)
                s.settimeout(support.WAIT)
                if own is not None:
                    s.bind(own)
                s.connect(self.path("s"))
                self.assertEqual(self.remote(p, s), wanted)

    def test_zone(self):
        """REMOTE_ADDR of a client with a link-local address, in a network of the test's own. For
        the limit, the same address on two interfaces counts as two clients."""
        support.requires("unshare", "ip")
        user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
        script = r"""
ip link set lo up && ip link add w type bridge && ip link set w up || exit 9
for i in lo w; do ip addr add fe80::1234/64 dev $i nodad || exit 9; done
# the kernel adds the routes a little later
for i in lo w; do
    timeout 9 sh -c "until ip -6 route get fe80::1234 oif $i; do sleep 0.05; done" \
        >/dev/null 2>&1 || exit 8
done
"$0" listen -v --accept --inetd --max-connections-per-address 1 \
    -H 'tcp://[::]:7000' -- sh -c 'echo "$REMOTE_ADDR"; cat' 2>err &
server=$!
trap 'kill $server' EXIT
timeout 9 sh -c 'until grep -q listening err; do sleep 0.05; done' || exit 7
mkfifo held && exec 7<>held
"$0" connect 'tcp://[fe80::1234%lo]:7000' <held >first &
timeout 9 sh -c 'until grep -q . first; do sleep 0.05; done' || exit 6
cat first
"$0" connect 'tcp://[fe80::1234%w]:7000' </dev/null; status=$?
kill $!; exit $status"""
        done = support.run("unshare", *user, "--net", "--", "sh", "-c", script,
                           SBIND, cwd=self.directory)
        if done.status == 9:
            support.lacking("no network of our own can be made")
        self.expect(done, 0, out="fe80::1234%lo\nfe80::1234%w\n")

    def test_names(self):
        two = (TCP, self.unix)
        for options, wanted in (((), ["connection"] * 2),
                                (("--name", "web"), ["web"] * 2),
                                (("--name", "a", "--name", "b"), ["a", "b"])):
            p = self.serve(*options, inetd=False, command=REPORTS,
                           addresses=two)
            for at, name in zip(p.at, wanted):
                self.assertIn("LISTEN_FDNAMES=" + name,
                              self.ask(p, at)["variables"])
            self.ends(p)

    def test_descriptors(self):
        """The command gets neither a listener nor another descriptor of sbind. Descriptors that
        sbind was given stay open without --close-fds."""
        more = self.write("more", "")
        for options, others in ((("--close-fds",), []), ((), [more])):
            with open(more, "rb") as file:
                fd = support.high_number(self, file)
                p = self.serve(*options, inetd=False, command=REPORTS,
                               addresses=(TCP, self.unix), pass_fds=(fd,))
                for at in p.at * 2:
                    fds = self.ask(p, at)["fds"]
                    self.assertEqual(list(fds)[:4], ["0", "1", "2", "3"])
                    self.assertEqual(list(fds.values())[4:], others)
                    self.assertEqual(
                        [n for n in fds if "socket:" in fds[n]], ["3"])
            self.ends(p)

    def test_descriptors_of_inetd(self):
        """The descriptors besides 3."""
        p = self.serve(command=REPORTS, addresses=(TCP, self.unix))
        for at in p.at * 2:
            self.assertEqual(list(self.ask(p, at)["fds"]), ["0", "1", "2"])

    def test_a_listener_that_was_passed(self):
        """The listener was passed to sbind. If it was passed as standard input, each command still
        has /dev/null as its standard input."""
        for number in (3, 0):
            with socket.create_server(("127.0.0.1", 0)) as listener:
                words = (*PYTHON, "-c", (
                    "import os, sys; fd, to = map(int, sys.argv[1:3]); "
                    "os.dup2(fd, to); "
                    "os.environ.update(LISTEN_PID=str(os.getpid()), "
                    "LISTEN_FDS='1'); os.execvp(sys.argv[3], sys.argv[3:])"),
                    str(listener.fileno()), str(number))
                p = self.serve("--close-fds", inetd=False, before=words,
                               command=REPORTS, pass_fds=[listener.fileno()],
                               addresses=(f"fd://{number}",))
                at = "tcp://127.0.0.1:%d" % listener.getsockname()[1]
                for _ in range(2):
                    got = self.ask(p, at)
                    self.assertEqual(list(got["fds"]), ["0", "1", "2", "3"])
                    self.assertEqual(got["fds"]["0"], "/dev/null")
                    self.assertIn("LISTEN_FDS=1", got["variables"])
                done = p.kill(signal.SIGTERM)
                self.assertEqual(done.status, -signal.SIGTERM, done)

    def test_a_process_that_was_there_before(self):
        """A process has a child, and becomes sbind by exec. sbind reaps this child, too, whether
        the child ends before the exec or after it."""
        begin = ("import os, sys, time\nif os.fork() == 0:\n"
                 "    time.sleep({})\n    os._exit(0)\ntime.sleep({})\n"
                 "os.execvp(sys.argv[1], sys.argv[1:])")
        for seconds in ((0, 0.3), (0.3, 0)):
            with self.subTest(seconds):
                p = self.serve(before=(*PYTHON, "-c", begin.format(*seconds)))
                self.has_no_children(p)
                with support.connect(p.at[0]) as s:
                    self.echoes(s)
                self.has_no_children(p)
                self.ends(p)

    def test_two_servers_of_one_listener(self):
        """Two servers share a listener, and both see a client come. One server accepts the client
        first. The other server still notices a signal."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            fd = listener.fileno()
            late = self.serve(before=support.injecting(
                ACCEPT + ":delay_enter=1000000"), addresses=(f"fd://{fd}",),
                pass_fds=[fd], env=support.environment(
                    asan="detect_leaks=0"))
            other = self.serve(addresses=(f"fd://{fd}",), pass_fds=[fd])
            other.end(signal.SIGSTOP)
            s = self.client("tcp://127.0.0.1:%d" % listener.getsockname()[1])
            s.sendall(b"hello")
            time.sleep(0.3)             # by then one of the processes is in accept
            other.end(signal.SIGCONT)
            self.assertEqual(s.recv(5), b"hello")
            s.close()
            time.sleep(1.2)
            os.kill(children(late.pid)[0], signal.SIGTERM)
            self.assertEqual(late.wait().status, -signal.SIGTERM)

    def test_nonblocking(self):
        for options, blocking in (((), True), (("--nonblocking",), False)):
            p = self.serve(*options, inetd=False, command=REPORTS)
            self.assertIs(self.ask(p)["blocking"], blocking)
            self.ends(p)

    def test_options_of_the_connections(self):
        for options, wanted in (
                ((), []), (("--nodelay",), ["nodelay"]),
                (("--nodelay", "--keepalive"), ["nodelay", "keepalive"])):
            p = self.serve(*options, inetd=False, command=REPORTS,
                           addresses=(TCP,))
            self.assertEqual(self.ask(p)["options"], wanted)

    def test_signals_are_as_they_were(self):
        """sbind notices the end of each process, even if SIGCHLD was ignored."""
        def of(text):
            lines = dict(line.split(":\t") for line in text.splitlines())
            return {name: lines[name] for name in ("SigBlk", "SigIgn",
                                                   "SigCgt")}
        before = (*PYTHON, "-c", STRANGELY)
        cat = ("cat", "/proc/self/status")
        plain = of(self.expect(support.run(*before, *cat), 0).out.decode())
        self.assertNotEqual(int(plain["SigBlk"], 16), 0)
        p = self.serve("--max-connections", "1", command=cat, before=before)
        for _ in range(3):              # the second comes when the first is gone
            with support.connect(p.at[0]) as s:
                self.assertEqual(of(read_all(s).decode()), plain)
        self.has_no_children(p)
        self.ends(p)
        for mode in ((), ("--lazy",)):
            p = self.start(*before, SBIND, "listen", "-v", *mode, "-H",
                           self.unix, "--", *cat)
            p.listening()
            if mode:
                self.client(self.unix)
            self.assertEqual(of(self.expect(p.wait(), 0).out.decode()), plain)

    def test_privileges(self):
        """The processes run as the given user. sbind keeps its own user, because it has to remove
        the file in root's directory."""
        support.requires_root()
        nobody = pwd.getpwnam("nobody")
        os.chmod(self.directory, 0o755)
        p = self.serve("--user", "nobody", "--no-new-privs", "--mode", "0666",
                       inetd=False, command=(
                           "/usr/bin/python3", *PYTHON[1:], "-c", REPORT))
        for _ in range(2):
            got = self.ask(p)
            self.assertEqual(got["ids"], [nobody.pw_uid] * 3
                             + [nobody.pw_gid] * 3)
            self.assertEqual(int(got["status"]["CapEff"], 16), 0)
            self.assertEqual(got["status"]["NoNewPrivs"], "1")
            self.assertEqual(got["status"]["Threads"], "1")
        with open(f"/proc/{p.pid}/status") as file:
            self.assertRegex(file.read(), r"\nUid:\t0\t0\t0\t0\n")
        self.ends(p)

    def test_privileges_that_cannot_be_given_up(self):
        """If a process cannot become the user, its client is not served under another
        user. sbind accepts the next client."""
        support.requires_root()
        p = self.serve("--user", "nobody", before=(
            "setpriv", "--bounding-set", "-setgid", "--inh-caps", "-setgid",
            "--securebits", "+noroot"))
        for _ in range(2):
            self.is_closed(self.client(p.at[0]))
        self.has_no_children(p)
        self.assertEqual(len(re.findall(
            rb"sbind: (?:setgroups|setresgid): Operation not permitted\n",
            p.err)), 2, p.err)
        self.ends(p)


# ---- Limits -----------------------------------------------------------------------

class Limits(AcceptCase):
    def test_the_limit_waits(self):
        """There are never more processes than the limit allows, and every client is served in
        the end."""
        p = self.serve("--max-connections", "3")
        clients = [self.client(p.at[0]) for _ in range(10)]
        for s in clients:
            s.sendall(b"hello")
        for i, s in enumerate(clients):
            self.assertEqual(s.recv(5), b"hello")
            if i + 3 < len(clients):
                self.is_not_served(clients[i + 3], 0.05)
            self.assertLessEqual(len(children(p.pid)), 3)
            s.close()
        self.has_no_children(p)

    def test_there_is_a_limit(self):
        p = self.serve()
        clients = [self.client(p.at[0]) for _ in range(66)]
        for s in clients[:64]:
            self.echoes(s)
        self.is_not_served(clients[64])
        self.assertEqual(len(children(p.pid)), 64)
        clients[0].close()
        self.echoes(clients[64])
        self.is_not_served(clients[65])

    def test_a_user(self):
        """A connection above the limit is closed, and sbind accepts the next one."""
        p = self.serve("--max-connections-per-user", "2", "--mode", "0666",
                       addresses=(self.unix, TCP))
        two = [self.client(p.at[0]) for _ in range(2)]
        for s in two:
            self.echoes(s)
        self.is_closed(self.client(p.at[0]))
        for _ in range(3):
            self.echoes(self.client(p.at[1]))      # no user is told of
        two[0].close()
        support.wait_until(lambda: len(children(p.pid)) == 4, "one to end")
        self.echoes(self.client(p.at[0]))
        who = "an unknown user" if PORTABLE else f"user {os.geteuid()}"
        self.assertIn(f"\nsbind: closed a connection from {who}, who has 2 "
                      "(--max-connections-per-user)\n", p.err.decode())

    def test_another_user(self):
        support.requires_root()
        os.chmod(self.directory, 0o755)
        p = self.serve("--max-connections-per-user", "1", "--mode", "0666")
        self.echoes(self.client(p.at[0]))
        self.is_closed(self.client(p.at[0]))

        def as_user(uid):
            return support.run(
                "/usr/bin/python3", *PYTHON[1:], "-c",
                "import socket, sys; s = socket.socket(socket.AF_UNIX); "
                "s.connect(sys.argv[1]); s.sendall(b'x'); "
                "print(s.recv(1) == b'x')", self.path("s"), user=uid,
                group=uid, extra_groups=[]).out
        # on a system that does not tell the users of clients, all users count as one (P46)
        self.assertEqual(as_user(4711) == b"True\n", not PORTABLE)

    def test_unknown_users_are_one(self):
        support.requires_root()
        os.chmod(self.directory, 0o755)
        p = self.serve("--max-connections-per-user", "1", "--mode", "0666")
        held, other = socket.socketpair()
        child = os.fork()
        if child == 0:
            other.close()
            os.setgroups([])
            os.setuid(support.NOBODY)
            s = support.connect(p.at[0])
            self.echoes(s)
            held.sendall(b"x")
            held.recv(1)
            os._exit(0)
        self.addCleanup(os.waitpid, child, 0)
        self.addCleanup(other.close)
        self.addCleanup(held.close)
        self.assertEqual(other.recv(1), b"x")
        support.connect_as(support.NOBODY, self.path("s"))
        support.wait_until(lambda: b"\nsbind: closed a connection from an "
                           b"unknown user, who has 1 (--max-connections-per-"
                           b"user)\n" in p.err, "the second to be closed")

    def test_an_address(self):
        p = self.serve("--max-connections-per-address", "2",
                       addresses=(TCP, self.unix))
        port = support.port_of(p.at[0])

        def client(own):
            s = socket.create_connection(("127.0.0.1", port), support.WAIT,
                                         (own, 0))
            self.addCleanup(s.close)
            return s
        two = [client("127.0.0.1") for _ in range(2)]
        for s in two:
            self.echoes(s)
        self.is_closed(client("127.0.0.1"))
        for _ in range(2):
            self.echoes(client("127.0.0.2"))
        self.is_closed(client("127.0.0.2"))
        for _ in range(3):
            self.echoes(self.client(p.at[1]))
        two[1].close()
        support.wait_until(lambda: len(children(p.pid)) == 6, "one to end")
        self.echoes(client("127.0.0.1"))
        self.assertIn(b"\nsbind: closed a connection from 127.0.0.1, which has "
                      b"2 (--max-connections-per-address)\n", p.err)

    def test_nothing_is_said_unless_asked_for(self):
        reader, writer = os.pipe()
        p = self.start(SBIND, "listen", "--accept", "--inetd",
                       "--max-connections-per-user", "1", "-H", self.unix,
                       "--ready-fd", str(writer), "--", ECHO, pass_fds=(writer,))
        os.close(writer)
        with open(reader, "rb") as ready:
            self.assertEqual(ready.read(), b"\n")
        self.echoes(self.client(self.unix))
        self.is_closed(self.client(self.unix))
        self.assertEqual(p.err, b"")


# ---- What runs out -----------------------------------------------------------------

class Exhausted(AcceptCase):
    def test_descriptors(self):
        """sbind has no free descriptor. The client waits. sbind reports the shortage
        once, and uses no processor time."""
        p = self.serve()
        _, hard = resource.prlimit(p.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(p.pid, resource.RLIMIT_NOFILE, (3, hard))
        before = ticks(p.pid)
        s = self.client(p.at[0])
        s.sendall(b"hello")
        self.is_not_served(s, 2.5)          # the longest pause is over by then
        self.assertEqual(children(p.pid), [])
        self.assertLess(ticks(p.pid) - before, 20)
        resource.prlimit(p.pid, resource.RLIMIT_NOFILE, (64, hard))
        self.assertEqual(s.recv(5), b"hello")
        self.assertEqual(p.err.count(EXHAUSTED), 1,
                         p.err)
        s.close()
        self.has_no_children(p)
        self.ends(p)

    def test_no_room_for_descriptors_at_the_start(self):
        """sbind has no descriptors for its own start. It ends and says why, and does
        not serve."""
        done = support.run(
            SBIND, "listen", "--accept", *("-H", "tcp://127.0.0.1:0") * 2, "--",
            "cat", preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_NOFILE, (6, 7)))
        self.expect(done, 111, out="", err="^sbind: fcntl F_DUPFD_CLOEXEC: " +
                    support.says("Too many open files") +
                    "; at most 6 descriptors can be open ")

    def with_few(self, when, log="/dev/null"):
        """A server in which these calls of accept fail with EMFILE."""
        support.requires("strace")
        p = self.start("strace", "-qq", "-o", log, "-e", "signal=none", "-e",
                       f"trace=poll,{ACCEPT}", "-e",
                       f"inject={ACCEPT}:error=EMFILE:when={when}", SBIND,
                       "listen", "-v", "--accept", "--inetd", "-H", self.unix,
                       "--", ECHO, env=support.environment(asan="detect_leaks=0"))
        p.listening()
        return p

    def test_a_pause_is_a_second_at_most(self):
        log = self.write("log", "")
        p = self.with_few("1+", log)
        self.client(self.unix)

        def pauses():
            with open(log) as file:
                return list(map(int, re.findall(r"(?m)^poll\(.*, (\d+)\) ",
                                                file.read())))
        support.wait_until(lambda: len(pauses()) > 9, "ten pauses")
        self.assertEqual(pauses()[:10], [5, 10, 20, 40, 80, 160, 320, 640,
                                         1000, 1000])
        p.kill()

    def test_each_shortage_is_said_once(self):
        """A shortage is over when a client is served. The next shortage is reported
        again."""
        p = self.with_few("1+2")
        for count in (1, 2, 3):
            self.echoes(self.client(self.unix))
            self.assertEqual(p.err.count(EXHAUSTED),
                             count, p.err)

    def test_processes(self):
        """fork fails four times. Until fork succeeds, sbind keeps the accepted connection. The
        shortage is reported once."""
        support.requires("strace")
        p = self.start("strace", "-qq", "-o", "/dev/null", "-e", "signal=none",
                       "-e", "trace=clone,clone3,fork,vfork", "-e",
                       "inject=clone,clone3,fork,vfork:error=EAGAIN:when=1..4",
                       SBIND, "listen", "-v", "--accept", "--inetd", "-H",
                       self.unix, "--", ECHO,
                       env=support.environment(asan="detect_leaks=0"))
        p.listening()
        clients = [self.client(self.unix) for _ in range(3)]
        for s in clients:
            self.echoes(s)
        self.assertEqual(p.err.count(b"sbind: fork: Resource temporarily "
                                     b"unavailable\n"), 1, p.err)

    def test_a_client_that_is_gone(self):
        """A client resets its connection before sbind serves it, so the system no longer knows the
        user of this client. sbind goes on."""
        p = self.serve("--max-connections", "1", addresses=(TCP,))
        first = self.client(p.at[0])
        self.echoes(first)
        gone = support.connect(p.at[0])
        gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        b"\1\0\0\0\0\0\0\0")
        gone.close()
        first.close()
        self.echoes(self.client(p.at[0]))
        self.assertEqual(p.err.count(b"\n"), 1, p.err)

    def test_a_listener_that_was_shut_down(self):
        """The listener was shut down, so no client can come any more. The server ends
        and says why."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            fd = listener.fileno()
            p = self.serve(addresses=(f"fd://{fd}", self.unix), pass_fds=[fd])
            listener.shutdown(socket.SHUT_RDWR)
            done = p.wait()
        self.assertEqual(done.status, 111, done)
        self.assertIn(b"(closed)", done.err)
        self.assertEqual(self.names(), [])


# ---- Signals ------------------------------------------------------------------------

class Signals(AcceptCase):
    def test_each_ends_the_server(self):
        for how in ENDS:
            with self.subTest(how):
                p = self.serve()
                with support.connect(p.at[0]) as s:
                    self.echoes(s)
                self.has_no_children(p)
                self.ends(p, how)

    def test_those_that_are_served_are_served_to_their_end(self):
        p = self.serve()
        s = self.client(p.at[0])
        self.echoes(s)
        p.end(signal.SIGTERM)
        support.wait_until(lambda: not os.path.exists(self.path("s")),
                           "the file to go")
        with self.assertRaises(FileNotFoundError):
            support.connect(self.unix)
        self.echoes(s, b"still there")
        self.assertTrue(p.running())
        s.close()
        self.assertEqual(p.wait().status, -signal.SIGTERM)

    def test_a_second_signal_waits_for_nobody(self):
        p = self.serve()
        s = self.client(p.at[0])
        self.echoes(s)
        p.end(signal.SIGTERM)
        support.wait_until(lambda: not os.path.exists(self.path("s")),
                           "the file to go")
        self.assertEqual(p.kill(signal.SIGINT).status, -signal.SIGINT)
        self.echoes(s, b"still there")

    def test_what_is_ignored_stays_ignored(self):
        """Signals that were ignored at the start, as with nohup or with a shell's &,
        stay ignored."""
        p = self.serve(before=("sh", "-c", 'trap "" INT HUP; exec "$@"', "sh"))
        for how in (signal.SIGINT, signal.SIGHUP):
            p.end(how)
            with support.connect(p.at[0]) as s:
                self.echoes(s)
        self.ends(p)

    def test_the_first_process_of_a_namespace(self):
        """sbind is the first process of a PID namespace. No signal of its own can end it, so its
        exit status is the one that a shell would show."""
        support.requires("unshare")
        user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
        p = self.start("unshare", *user, "--pid", "--fork", "--", SBIND,
                       "listen", "-v", "--accept", "--inetd", "-H", self.unix,
                       "--", "sh", "-c", "kill -TERM 1")
        p.listening()
        self.is_closed(self.client(self.unix))
        self.assertEqual(p.wait().status, 128 + signal.SIGTERM)
        self.assertFalse(os.path.lexists(self.path("s")))


    def test_a_message_that_nobody_reads(self):
        reader, writer = os.pipe()
        p = subprocess.Popen(
            [SBIND, "listen", "-v", "--accept", "--inetd", "-H", self.unix,
             "--max-connections-per-user", "1", "--", ECHO], stderr=writer,
            stdin=subprocess.DEVNULL, env=support.environment())
        self.addCleanup(p.wait)
        self.addCleanup(p.kill)
        os.close(writer)
        with open(reader, "rb", buffering=0) as said:
            self.assertIn(b"listening on", said.read(4096))
        s = self.client(self.unix)
        self.echoes(s)
        self.is_closed(self.client(self.unix))
        self.echoes(s)
        self.assertIsNone(p.poll())


class Faults(AcceptCase):
    def test_calls_that_fail(self):
        """A system call fails. The error names the call, and no socket file is left."""
        for fault, mode, said in (
                ("rt_sigprocmask:error=EINVAL:when=1", "--lazy",
                 "sigprocmask: Invalid argument"),
                ("rt_sigaction:error=EINVAL", "--accept",
                 "sigaction: Invalid argument"),
                ("rt_sigaction:error=EINVAL", "--print-address",
                 "sigaction SIGPIPE: Invalid argument"),
                ("signalfd4:error=EMFILE", "--accept",
                 "signalfd: " + support.says("Too many open files")),
                ("poll:error=ENOMEM", "--accept",
                 "poll: " + support.says("Cannot allocate memory")),
                ("poll:error=ENOMEM", "--lazy",
                 "poll: " + support.says("Cannot allocate memory")),
                ("rt_sigaction:error=EINVAL:when=5+", "--accept",
                 "sigaction: Invalid argument"),
                ("dup2:error=EBADF", "--inetd", "dup2: Bad file descriptor"),
                ("dup2:error=EBADF:when=2", "--inetd",
                 "dup2: Bad file descriptor")):
            if IS_SANITIZED and fault.startswith("rt_sigaction"):
                continue                # the sanitizer itself needs that call
            with self.subTest(fault, mode=mode):
                done = support.run(
                    *support.injecting(fault, SBIND, "listen", mode, "-H",
                                       self.unix, "--", "true"),
                    env=support.environment(asan="detect_leaks=0"))
                self.expect(done, 111, out="", err=f"^sbind: {said}\n$")
                self.assertEqual(self.names(), [])

    def with_fault(self, fault, *options, **more):
        return self.serve(*options, before=support.injecting(fault),
                          env=support.environment(asan="detect_leaks=0"),
                          **more)

    def test_a_call_that_is_interrupted(self):
        for fault in ("poll:error=EINTR:when=1..3",
                      ACCEPT + ":error=EINTR:when=1..3"):
            p = self.with_fault(fault, addresses=(TCP,))
            self.echoes(self.client(p.at[0]))
            self.assertEqual(p.err.count(b"\n"), 1, p.err)

    def test_a_wait_that_fails_later(self):
        """poll keeps failing, so the server cannot even wait for the processes that serve clients.
        The server reports this, and ends."""
        p = self.with_fault("poll:error=ENOMEM:when=2+")
        s = self.client(p.at[0])
        support.wait_until(lambda: p.err.count(
            b"sbind: poll: %b\n" % support.says(
                "Cannot allocate memory").encode()) == 2, "the errors")
        self.echoes(s)
        s.close()                       # strace waits for its process
        self.assertEqual(p.wait().status, 111)
        self.assertEqual(self.names(), [])

    def test_a_client_that_the_system_does_not_tell(self):
        """The system does not give the address of one client. sbind does not serve this client. It
        serves the next one."""
        p = self.with_fault("getpeername:error=ENOBUFS:when=1")
        self.is_closed(self.client(p.at[0]))
        self.echoes(self.client(p.at[0]))
        self.assertEqual(p.err.count(b"(system); getpeername: ENOBUFS\n"), 1,
                         p.err)

    def test_a_process_that_fails(self):
        """A process for a client fails before it runs the command. The process says why, and the
        server goes on."""
        p = self.with_fault("dup2:error=EBADF", inetd=False)
        for _ in range(2):
            self.is_closed(self.client(p.at[0]))
        support.wait_until(lambda: p.err.count(
            b"sbind: dup2: Bad file descriptor; at most ") == 2, "the errors")

    def test_an_address_that_cannot_be_told(self):
        done = support.run(*support.injecting(
            "getsockname:error=ENOBUFS", SBIND, "listen", "-H", TCP,
            "--print-address", "--", "true"),
            env=support.environment(asan="detect_leaks=0"))
        self.expect(done, 111, out="",
                    err=r"\(system\); getsockname: ENOBUFS\n")


# ---- Commands that cannot be run --------------------------------------------------------

class Command(AcceptCase):
    # Directories that everybody may look into.
    ENVIRONMENT = support.environment(PATH="/usr/bin:/bin")

    def test_it_is_looked_for_before_anything_is_opened(self):
        unusable = self.write("unusable", "#!/bin/sh\n")
        wanted = ((("no-such-command",), 127, "no-such-command: No such file "
                   "or directory"),
                  ((self.path("no"),), 127, "no: No such file or directory"),
                  (("",), 127, "No such file or directory"),
                  ((unusable,), 126, "unusable: Permission denied"),
                  ((self.directory,), 126, "Permission denied"))
        for mode in ("--accept", "--lazy"):
            for command, status, said in wanted:
                with self.subTest(mode, command=command):
                    done = sbind("listen", mode, "-v", "-H", self.unix, "--",
                                 *command, env=self.ENVIRONMENT)
                    self.expect(done, status, out="", err=f"^sbind: .*{said}\n$")
        self.assertEqual(self.names(), ["unusable"])

    def test_path(self):
        """sbind searches for the command as execvpe does: it skips files that cannot be executed.
        -E PATH changes the search."""
        for name in ("a", "b"):
            os.mkdir(self.path(name))
            self.write(name + "/tool", "#!/bin/sh\necho " + name)
        os.chmod(self.path("b/tool"), 0o755)
        both = self.path("a") + ":" + self.path("b")
        for path, options in (("/" + 5000 * "x" + ":" + both, ()),
                              (both, ("-E", "PATH")),
                              ("/nowhere", ("-E", "PATH=" + self.path("b")))):
            p = self.serve(*options, command=("tool",),
                           env=support.environment(PATH=path))
            self.assertEqual(read_all(self.client(p.at[0])), b"b\n")
            self.ends(p)
        for path, status in ((self.path("a") + ":/nowhere", 126),
                             ("/nowhere:" + self.path(), 127)):
            self.expect(sbind("listen", "--accept", "-H", self.unix, "--",
                              "tool", env=support.environment(PATH=path)),
                        status)
        os.chdir(self.path("b"))
        self.addCleanup(os.chdir, "/")
        p = self.serve(command=("tool",), env=support.environment(PATH="/x:"))
        self.assertEqual(read_all(self.client(p.at[0])), b"b\n")
        self.ends(p)
        env = support.environment()
        del env["PATH"]
        p = self.serve(command=("cat",), env=env)
        self.echoes(self.client(p.at[0]))

    def test_one_that_goes_later(self):
        """The command is removed while the server runs. For each client, the server reports once
        that the command is missing, and goes on."""
        tool = shutil.copy(ECHO, self.path("tool"))
        p = self.serve(command=(tool,))
        self.echoes(self.client(p.at[0]))
        os.rename(tool, tool + "2")
        for count in (1, 2):
            self.is_closed(self.client(p.at[0]))
            support.wait_until(
                lambda: p.err.count(b"tool: No such file or directory\n") ==
                count, "the error")
        os.rename(tool + "2", tool)
        self.echoes(self.client(p.at[0]))


# ---- Between listening and the command --------------------------------------------------

class Inetd(AcceptCase):
    def test_the_one_listener_is_standard_input_and_output(self):
        p = self.listen("--inetd", "--close-fds", "-H", self.unix, "--",
                        *PYTHON, "-c", "import os, socket\n"
                        "s = socket.socket(fileno=os.dup(0)).accept()[0]\n"
                        "s.sendall(repr([sorted(os.listdir('/proc/self/fd'))"
                        "[:3], [v for v in os.environ if v.startswith("
                        "'LISTEN')], os.readlink('/proc/self/fd/0') == "
                        "os.readlink('/proc/self/fd/1')]).encode())",
                        env=Twice(support.environment()))
        p.listening()
        # usually descriptor 3 is the listener, but this command gets the connection as
        # descriptor 0
        self.assertEqual(read_all(self.client(self.unix)),
                         b"[['0', '1', '2'], [], True]", p.err)
        self.expect(p.wait(), 0)

    def test_close_fds(self):
        """With --inetd no socket is passed as descriptor 3. An open descriptor 3 is
        closed like the others."""
        before = ("sh", "-c", 'exec "$@" 3</dev/null', "sh")
        done = support.run(*before, SBIND, "listen", "--inetd", "--close-fds",
                           "-H", self.unix, "--", "sh", "-c",
                           "exec >&2; ls /proc/$$/fd; true")
        self.expect(done, 0, out="", err=r"\A0\n1\n2\n\Z")
        p = self.serve("--close-fds", before=before,
                       command=("sh", "-c", "ls /proc/$$/fd; true"))
        self.assertEqual(read_all(self.client(p.at[0])), b"0\n1\n2\n")

    def test_several(self):
        within = self.with_hosts(two=("127.0.0.1", "127.0.0.2"))
        done = support.run(*within, SBIND, "listen", "--inetd", "-H",
                           "tcp://two:0", "--", "cat")
        self.expect(done, 1, err=r"\(several\)[^$]*name one of them, or leave "
                    r"--inetd out")

    def test_a_command_that_cannot_be_run(self):
        self.expect(sbind("listen", "--inetd", "-H", self.unix, "--", "no-such",
                          env=Command.ENVIRONMENT), 127,
                    err="no-such: No such file or directory")
        self.assertEqual(self.names(), [])


class Ready(AcceptCase):
    def said(self, reader):
        """Reads until the end of file. The test fails if that end does not come."""
        got, end = b"", time.monotonic() + support.WAIT
        while select.select([reader], [], [], end - time.monotonic())[0]:
            octets = reader.read(10)
            if not octets:
                return got
            got += octets
        self.fail(f"{got} and no end")

    def test_a_newline_and_the_end(self):
        """sbind writes a newline and closes the descriptor before the command runs, and
        while the sockets listen."""
        for options in ((), ("--lazy",), ("--accept",)):
            with self.subTest(options):
                reader, writer = os.pipe()
                with open(reader, "rb", buffering=0) as said:
                    p = self.start(SBIND, "listen", "-H", self.unix, *options,
                                   "--ready-fd", str(writer), "--", "sleep",
                                   "60", pass_fds=(writer,))
                    os.close(writer)
                    self.assertEqual(self.said(said), b"\n")
                    self.client(self.unix)
                self.assertTrue(p.running())
                p.kill()

    def test_what_is_refused(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)

        def refused(fd, why, *more, **rest):
            done = sbind("listen", "-H", self.unix, *more, "--ready-fd",
                         str(fd), "--", "true", **rest)
            self.expect(done, 2, out="", err=why)
            self.assertEqual(self.names(), [])
        for fd in ("0", "1", "2", "-1", "x", ""):
            refused(fd, "--ready-fd takes a descriptor from 3 on")
        refused(99, "--ready-fd 99 is not open")
        done = sbind("listen", "-H", "fd://98", "--ready-fd", str(writer), "--",
                     "true", pass_fds=(writer,))
        self.expect(done, 111, err=r"\(fd-closed\)")
        refused(reader, f"--ready-fd {reader} is not open for writing",
                pass_fds=(reader,))
        with socket.create_server(("127.0.0.1", 0)) as s:
            fd = s.fileno()
            refused(fd, f"--ready-fd {fd} is a socket that was passed", "-H",
                    f"fd://{fd}", pass_fds=(fd,))
        done = support.run(
            "sh", "-c", 'export LISTEN_PID=$$; exec "$@"', "sh", SBIND,
            "listen", "-H", self.unix, "--ready-fd", "3", "--", "true",
            env=support.environment(LISTEN_FDS="1"))
        self.expect(done, 2, err="--ready-fd 3 is a socket that was passed")

    def test_one_that_can_be_read_as_well(self):
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                fd = theirs.fileno()
                self.expect(sbind("listen", "-H", self.unix, "--ready-fd",
                                  str(fd), "--", "true", pass_fds=(fd,)), 0)
            self.assertEqual(read_all(ours), b"\n")

    def test_s6(self):
        """The supervisor of s6 learns that the service is ready, and can end it."""
        support.requires("s6-supervise", "s6-svwait", "s6-svc")
        os.mkdir(self.path("service"))
        for name, text in (("notification-fd", "3\n"), ("run", (
                '#!/bin/sh\nexec "$SBIND" listen --accept --inetd --ready-fd 3 '
                f"-H {self.unix} -- {ECHO}\n"))):
            self.write("service/" + name, text)
        os.chmod(self.path("service/run"), 0o755)
        supervisor = self.start("s6-supervise", self.path("service"),
                                env=support.environment(SBIND=SBIND))
        support.wait_until(
            lambda: os.path.exists(self.path("service/supervise/status")) and
            support.run("s6-svwait", "-U", "-t", "1000",
                        self.path("service")).status == 0,
            "s6-supervise to know")
        with support.connect(self.unix) as s:
            self.echoes(s)
        self.expect(support.run("s6-svc", "-dx", self.path("service")), 0)
        self.assertEqual(supervisor.wait().status, 0)
        self.assertFalse(os.path.lexists(self.path("s")))

    def test_nobody_reads(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = sbind("listen", "-H", self.unix, "--ready-fd", str(writer),
                     "--", "true", pass_fds=(writer,))
        os.close(writer)
        self.expect(done, 111, err="^sbind: write to --ready-fd: Broken pipe\n$")
        self.assertEqual(self.names(), [])


class PrintAddress(AcceptCase):
    def test_a_line_for_each(self):
        """The addresses are printed in their order, in a form that clients can use, and before
        the command writes anything."""
        done = self.expect(sbind(
            "listen", "-H", TCP, "-H", self.unix, "-H", TCP, "--print-address",
            "--", "echo", "command"), 0, err="")
        lines = done.out.decode().splitlines()
        self.assertEqual(lines[1::2], [self.unix, "command"])
        for line in lines[:3:2]:
            self.assertRegex(line, r"^tcp://127\.0\.0\.1:[1-9]\d+$")
        self.assertNotEqual(lines[0], lines[2])

    def test_they_are_where_it_listens(self):
        p = self.start(SBIND, "listen", "--accept", "--inetd", "-H", TCP,
                       "--print-address", "--", ECHO)
        at = support.wait_until(lambda: p.out.decode().strip(), "the address")
        self.echoes(self.client(at))

    def test_nobody_reads(self):
        for closed in (open("/dev/full", "w"),):
            with closed:
                done = subprocess.run(
                    [SBIND, "listen", "-H", self.unix, "--print-address", "--",
                     "true"], stdout=closed, stderr=subprocess.PIPE,
                    env=support.environment(), timeout=support.WAIT)
            self.assertEqual(done.returncode, 111)
            self.assertIn(b"standard output: No space left", done.stderr)
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [SBIND, "listen", "-H", self.unix, "--print-address", "--", "true"],
            stdout=writer, stderr=subprocess.PIPE, env=support.environment(),
            timeout=support.WAIT)
        os.close(writer)
        self.assertEqual(done.returncode, 111)
        self.assertIn(b"standard output: Broken pipe", done.stderr)
        self.assertFalse(os.path.lexists(self.path("s")))


class Lazy(AcceptCase):
    def lazy(self, *options, **more):
        p = self.listen("--lazy", "-H", self.unix, *options, "--",
                        *support.activated("serve"), **more)
        p.listening()
        return p

    def program(self, p):
        return os.readlink(f"/proc/{p.pid}/exe")

    def test_the_command_begins_with_the_first_client(self):
        """With --lazy, the first client and all later clients are served. The command gets the
        signals."""
        p = self.lazy()
        time.sleep(0.2)
        self.assertEqual(self.program(p), SBIND)
        self.assertEqual(self.client(self.unix).recv(5), b"hello")
        self.assertNotEqual(self.program(p), SBIND)
        self.assertEqual(self.client(self.unix).recv(5), b"hello")
        with open(f"/proc/{p.pid}/status") as file:
            self.assertRegex(file.read(), r"\nSigBlk:\t0+\n")
        self.assertEqual(p.kill(signal.SIGTERM).status, -signal.SIGTERM)

    def test_a_signal_during_the_wait(self):
        for how in ENDS:
            with self.subTest(how):
                self.ends(self.lazy(), how)
                self.assertEqual(self.names(), [])

    def test_user(self):
        support.requires_root()
        os.chmod(self.directory, 0o755)
        p = self.listen("--lazy", "-H", self.unix, "--user", "nobody", "--",
                        "/usr/bin/python3", *PYTHON[1:], "-c",
                        support.ACTIVATED, "serve")
        p.listening()
        self.assertEqual(self.client(self.unix).recv(5), b"hello")
        self.assertEqual(json.loads(p.out)["ids"][0],
                         pwd.getpwnam("nobody").pw_uid)


class Environment(AcceptCase):
    PRINT = ("sh", "-c", 'echo "$MINE"')

    def mine(self, *options, **more):
        env = support.environment(**more)
        done = self.expect(sbind("listen", "-H", TCP, *options, "--",
                                 *self.PRINT, env=env), 0, err="")
        return done.out.decode()[:-1]

    def test_values(self):
        self.assertEqual(self.mine("-E", "MINE=a=b c"), "a=b c")
        self.assertEqual(self.mine("--setenv", "MINE=", MINE="x"), "")
        self.assertEqual(self.mine("--setenv=MINE=y", MINE="x"), "y")
        self.assertEqual(self.mine("-E", "MINE", MINE="x"), "x")
        self.assertEqual(self.mine("-E", "MINE"), "")
        self.assertEqual(self.mine("-E", "MINE=1", "-E", "MINE=2"), "2")
        self.assertEqual(self.mine("-E", "MINE=1", "-E", "MINE", MINE="x"), "x")
        self.assertEqual(self.mine("-E", "MINE=1", "-E", "MINE2=2"), "1")

    def test_each_has_one_value(self):
        class Mine(dict):
            def items(self):
                return [*super().items(), ("MINE", "old")] * 2
        p = self.serve("-E", "MINE=new", inetd=False, command=REPORTS,
                       env=Mine(support.environment()))
        self.assertEqual([v for v in self.ask(p)["variables"] if "MINE" in v],
                         ["MINE=new"])

    def test_it_is_about_the_command(self):
        """sbind itself reads its own environment."""
        done = sbind("listen", "-E", "HOST=fd://", "--print-address", "--",
                     "sh", "-c", "echo $HOST",
                     env=support.environment(HOST=self.unix))
        self.expect(done, 0, out=f"{self.unix}\nfd://\n")

    def test_what_is_refused(self):
        def refused(variable, why, *more):
            self.expect(sbind("listen", "-H", self.unix, *more, "-E", variable,
                              "--", "true"), 2, out="", err=why)
        for variable in ("", "=x", "1A=x", "A-B=x", "A B=x"):
            refused(variable, "--setenv takes NAME or NAME=VALUE, with letters, "
                    "digits and _ in NAME")
        for name in ("LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS",
                     "LISTEN_FDNAMES"):
            for variable in (name, name + "=1"):
                refused(variable, f"{name} is set by sbind itself")
        for name in ("REMOTE_ADDR", "REMOTE_PORT"):
            refused(name + "=1", f"{name} is set by --accept", "--accept")
        self.assertEqual(self.mine("-E", "REMOTE_ADDR=1", "-E", "LISTEN_FD=1"),
                         "")
        many = [word for i in range(257) for word in ("-E", f"A{i}=")]
        self.expect(sbind("listen", "-H", self.unix, *many, "--", "true"), 2,
                    err="too many variables")
        self.assertEqual(self.mine(*many[2:]), "")


class Usage(AcceptCase):
    def test_options_that_do_not_go_together(self):
        command = ("--", "true")
        tcp, unix = ("-H", TCP), ("-H", self.unix)
        for words, why in (
                (("--accept", "--lazy", *unix, *command),
                 "--accept starts no command before there is a client: leave "
                 "--lazy out"),
                (("--accept", "--max-connections-per-user", "1", *tcp,
                  *command), "--max-connections-per-user is for unix sockets: "
                 "TCP does not tell the user"),
                (("--accept", "--max-connections-per-address", "1", *unix,
                  *command), "--max-connections-per-address is for TCP"),
                (("--inetd", "--name", "x", *unix, *command),
                 "--name is for sockets that are passed, and --inetd passes "
                 "none"),
                (("--inetd", *tcp, *unix, *command),
                 "--inetd is for one address, or goes with --accept")):
            self.expect(sbind("listen", *words), 2, out="",
                        err=re.escape(why))
        for option in ("--max-connections", "--max-connections-per-user",
                       "--max-connections-per-address"):
            self.expect(sbind("listen", option, "1", *unix, *command), 2,
                        err="limits of connections need --accept")
            for number in ("0", "-1", "x", "2147483648", ""):
                self.expect(sbind("listen", "--accept", option, number, *unix,
                                  *command), 2,
                            err=f"{option} takes 1 to 2147483647")
        self.assertEqual(self.names(), [])
        for option in ("--max-connections-per-user",     # of either kind
                       "--max-connections-per-address"):
            self.expect(sbind("listen", "--accept", option, "1", "-H", "fd://",
                              *command), 111, err=r"\(not-activated\)")

    def test_options_that_need_a_command(self):
        for words in (("--accept",), ("--inetd",), ("--lazy",),
                      ("--print-address",), ("--ready-fd", "3"),
                      ("-E", "A=1"), ("--max-connections", "1"),
                      ("--max-connections-per-user", "1"),
                      ("--max-connections-per-address", "1")):
            self.expect(sbind("listen", *words, self.unix), 2, out="",
                        err="--accept, --inetd, --lazy, --max-connections, "
                            "--print-address, --ready-fd and -E are for a "
                            "command")
        self.assertEqual(self.names(), [])


if __name__ == "__main__":
    support.main()
