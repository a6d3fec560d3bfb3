#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Other projects' programs on sockets of sbind: clients, servers, and service managers.

Promises: P12 P17 P47
"""
import os
import re
import signal
import socket

import daemons
import support
from support import PYTHON, SBIND, example

PAGE = b"Hello from sbind\n"
REQUEST = b"GET / HTTP/1.0\r\n\r\n"


class PeerCase(support.Case):
    def setUp(self):
        super().setUp()
        support.requires_ipv6()
        self.path_address = "unix://" + self.path("s")
        self.abstract = "unix://@" + support.abstract_name(self)
        self.every_kind = ("tcp://127.0.0.1:0", "tcp://[::1]:0",
                           self.path_address, self.abstract)

    def listens(self, path):
        """Waits until a process listens, without connecting."""
        def found():
            with open("/proc/net/unix", errors="replace") as file:
                return any(line.split()[-1] == path
                           and line.split()[3] == "00010000"
                           for line in file)
        support.wait_until(found, "somebody to listen on " + path)


# ---- Clients ----------------------------------------------------------------

class Clients(PeerCase):
    """Programs that each get a page from the web server of the examples."""

    def setUp(self):
        super().setUp()
        words = [w for a in self.every_kind for w in ("-H", a)]
        self.server = self.start(example("web_server"), *words)
        self.where = self.server.listening(4)
        self.tcp4, self.tcp6 = map(support.port_of, self.where[:2])
        self.name = support.abstract_name(self)
        self.exact = f"ABSTRACT-CONNECT:{self.name},unix-tightsocklen="

    def commands(self, program):
        """A program that fetches the page from each kind of socket that it knows."""
        tcp4 = ("127.0.0.1", str(self.tcp4))
        tcp6 = ("::1", str(self.tcp6))
        path = self.path("s")
        if program == "socat":
            to = ("socat", "-t", str(support.WAIT), "-")
            return ((*to, "TCP4:%s:%s" % tcp4), (*to, "TCP6:[%s]:%s" % tcp6),
                    (*to, "UNIX-CONNECT:" + path), (*to, self.exact + "1"))
        if program == "ncat":
            return ("ncat", "-4", *tcp4), ("ncat", "-6", *tcp6), \
                ("ncat", "-U", path)
        if program == "nc.openbsd":
            to = ("nc.openbsd", "-N", "-v")
            return (*to, "-4", *tcp4), (*to, "-6", *tcp6), (*to, "-U", path), \
                (*to, "-U", "@" + self.name)
        return (("s6-ipcclient", path, "sh", "-c",
                 "printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&7; exec cat <&6"),)

    def gets(self, program):
        support.requires(program)
        for argv in self.commands(program):
            with self.subTest(argv):
                done = self.expect(support.run(*argv, input=REQUEST), 0)
                self.assertTrue(done.out.endswith(b"\r\n\r\n" + PAGE), done)

    def test_curl(self):
        support.requires("curl")
        for address in self.where:
            with self.subTest(address):
                self.expect(support.curl(address), 0, out=PAGE)

    def test_socat(self):
        self.gets("socat")
        # a name with NUL octets at its end is another name, which no socket has
        done = support.run("socat", "-", self.exact + "0", input=REQUEST)
        self.expect(done, 1, out="", err="Connection refused")

    def test_ncat(self):
        self.gets("ncat")

    def test_netcat_of_openbsd(self):
        self.gets("nc.openbsd")

    def test_s6_ipcclient(self):
        self.gets("s6-ipcclient")

    def test_none_gets_it_once_we_have_closed(self):
        programs = ("socat", "ncat", "nc.openbsd", "s6-ipcclient")
        support.requires(*programs, "curl")
        self.expect(self.server.kill(signal.SIGTERM), 0)
        for argv in (a for p in programs for a in self.commands(p)):
            with self.subTest(argv):
                done = support.run(*argv, input=REQUEST)
                self.expect(done, 111 if argv[0].startswith("s6") else 1,
                            out="", err="(?i)refused|no such file")
        for address in self.where:
            self.expect(support.curl(address), 7, out="")


# ---- Servers ----------------------------------------------------------------

class Servers(PeerCase):
    """Daemons that serve on sockets opened by sbind."""

    def serves(self, p, addresses, page):
        for address in addresses:
            with self.subTest(address):
                done = support.curl(address)
                self.assertEqual(done.out, page, (done, p.err))

    def launched(self, daemon, addresses):
        support.requires("curl")
        words = [w for a in addresses for w in ("-H", a)]
        p = self.listen(*words, "--name", "web", "--", *daemon.command,
                        env=support.environment(**daemon.variables))
        self.serves(p, p.listening(len(addresses)), daemon.page)
        p.kill(signal.SIGTERM)

    def test_gunicorn(self):
        self.launched(daemons.gunicorn(self), self.every_kind)
        self.assertEqual(os.stat(self.path("s")).st_mode & 0o777, 0o600)

    def test_uvicorn(self):
        for address in self.every_kind:
            self.launched(daemons.uvicorn(self), [address])

    def test_haproxy(self):
        self.launched(daemons.haproxy(self), self.every_kind[:3])
        # fd@ takes an abstract one as well
        os.unlink(self.path("s"))
        self.launched(daemons.haproxy(self), self.every_kind[1:])

    def test_systemd_socket_proxyd(self):
        behind = self.path("behind")
        self.start(example("web_server"), "-H", "unix://" + behind).listening()
        self.launched(daemons.socket_proxyd(behind, PAGE), self.every_kind)

    def test_libevent(self):
        support.requires("curl", support.peer("event_server"))
        p = self.start(support.peer("event_server"), *self.every_kind,
                       "tcp://localhost:0")
        self.serves(p, p.listening(5), b"Hello from libevent\n")
        self.expect(p.kill(signal.SIGTERM), 0, err="")
        self.assertEqual(self.names(), [])


# ---- s6 ---------------------------------------------------------------------

class S6(PeerCase):
    """inetd passes a listening socket as descriptor 0, and sbind takes it."""
    answer = ("sh", "-c", "read question && echo \"you said $question\"")
    ask = ("sh", "-c", "echo hello >&7; exec cat <&6")

    def test_socketbinder_passes_its_socket(self):
        support.requires("s6-ipcserver-socketbinder", "curl")
        for command in (
                (example("web_server"), "-H", "fd://0"),
                (SBIND, "listen", "-H", "fd://0", "--name", "web", "--",
                 example("web_server"), "-H", "fd://web")):
            with self.subTest(command):
                p = self.start("s6-ipcserver-socketbinder", self.path("s"),
                               *command)
                self.assertEqual(p.listening(), [self.path_address])
                self.expect(support.curl(self.path_address), 0, out=PAGE)
                self.expect(p.kill(signal.SIGTERM), 0, err="")
                self.assertIn("s", self.names())    # s6's, not ours to remove

    def test_what_socketbinder_passes_is_looked_at(self):
        support.requires("s6-ipcserver-socketbinder")
        for options, error in ((("-b", "0"), "fd-not-listening"),
                               (("-b", "0", "-m"), "fd-not-stream")):
            with self.subTest(options):
                done = support.run("s6-ipcserver-socketbinder", *options,
                                   self.path("s"), example("web_server"), "-H",
                                   "fd://0")
                self.expect(done, 1, out="",
                            err=rf"\({error}\); descriptor 0")

    def test_ipcserverd_serves_on_our_socket(self):
        support.requires("s6-ipcserverd", "s6-ipcclient")
        p = self.listen("-H", self.path_address, "--", "sh", "-c",
                        'exec "$@" <&3 3<&-', "sh", "s6-ipcserverd",
                        *self.answer)
        p.listening()
        for _ in range(3):
            done = support.run("s6-ipcclient", self.path("s"), *self.ask)
            self.expect(done, 0, out="you said hello\n", err="")

    def test_ipcserver_answers_sbind_connect(self):
        support.requires("s6-ipcserver")
        self.start("s6-ipcserver", self.path("s"), *self.answer)
        self.listens(self.path("s"))
        self.expect(support.sbind("connect", self.path_address,
                                  input=b"hello\n"), 0,
                    out="you said hello\n", err="")


# ---- systemd ----------------------------------------------------------------

# Becomes the service manager of a user, in namespaces of its own. First joins a
# cgroup that the manager may divide. $1 is the cgroup. $2 and $3 say what to
# become. $4 and on are programs for users who may not enter the build
# directory.
JOIN = r"""
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/user/0 /run/cgroup /run/programs
become=$2 manager=$3 cgroup=$1
shift 3
cp -- "$@" /run/programs
mount -t cgroup2 cgroup2 /run/cgroup
mkdir "/run/cgroup/$cgroup"
echo $$ >"/run/cgroup/$cgroup/cgroup.procs"
exec unshare -C -n -p --mount-proc --kill-child=KILL -- sh -c "$become" sh "$manager"
"""
MANAGE = r"""
set -e
ip link set lo up
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
"$1" --user
exit $?
"""
LEAVE = r"""
mount -t cgroup2 cgroup2 /mnt && [ -d "/mnt/$1" ] || exit 0
find "/mnt/$1" -depth -type d -exec rmdir {} +
"""
MANAGER = "/lib/systemd/systemd"
SHIPPED = "web_server", "echo_client"

# Puts a file into the descriptor store of the service manager, like sd_pid_notify_with_fds, unless
# the manager has passed this file back. Then becomes the server in argv[1:].
KEEP = r"""
import os, socket, sys
if "state" not in os.environ["LISTEN_FDNAMES"].split(":"):
    state = os.memfd_create("state")
    os.write(state, b"kept")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.connect(os.environ["NOTIFY_SOCKET"])
        socket.send_fds(notify, [b"FDSTORE=1\nFDNAME=state"], [state])
os.execv(sys.argv[1], sys.argv[1:])
"""
SET = """
[Socket]
ListenStream=%t/{0}.sock
ListenStream=127.0.0.1:{1}
ListenStream=@{0}
FileDescriptorName=web
"""


class UserManager(PeerCase):
    """A real service manager, which starts the web server of the examples."""

    def setUp(self):
        super().setUp()
        support.requires_root()
        support.requires("unshare", "nsenter", "setpriv", "ip", "curl",
                         "mount", MANAGER)
        self.cgroup = os.path.basename(self.directory)
        self.units = self.path("units")
        os.mkdir(self.units)
        for name in ("basic", "sockets", "shutdown", "paths", "timers"):
            self.unit(name + ".target", "[Unit]\nDefaultDependencies=no\n")

    def unit(self, name, text):
        self.write("units/" + name, text)

    def shipped(self, *names, folder="", without=()):
        """A sanitizer cannot look for leaks in a service with so few rights."""
        for name in names:
            text = support.source("examples", folder, name).read_text()
            for line in without if name.endswith(".service") else ():
                self.assertIn(f"\n{line}\n", text)
                text = text.replace(f"\n{line}\n", "\n")
            for program, ours in (("/usr/bin/app", "/run/programs/web_server"),
                                  ("/usr/bin/session fd://", "/run/programs/"
                                   "echo_client fd:// hello")):
                text = text.replace(program, ours)
            self.unit(name, text.replace(
                "[Service]", "[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0"))

    def service(self, name, *command, more=""):
        self.unit(name + ".service",
                  f"[Service]\nStandardError=append:{self.path('err')}\n"
                  f"ExecStart={' '.join(command)}\n{more}")

    def said(self):
        """The standard error of the services."""
        if not os.path.exists(self.path("err")):
            return ""
        with open(self.path("err")) as file:
            return file.read()

    def manage(self, *sockets, services=()):
        """Starts the manager, waits until it listens, and then starts these
        services."""
        for name in services:
            self.unit(name + ".timer", "[Timer]\nOnActiveSec=0\n"
                      "AccuracySec=1ms\n")
        self.unit("default.target", "[Unit]\nWants=" + " ".join(
            [name + ".socket" for name in sockets]
            + [name + ".timer" for name in services]) + "\n")
        self.addCleanup(self.leave)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(self.path("notify"))
            notify.settimeout(0.1)
            p = self.start("setpriv", "--pdeathsig", "KILL", "unshare", "-m",
                           "-C", "--", "sh", "-c", JOIN, "sh", self.cgroup,
                           MANAGE, MANAGER,
                           *map(example, SHIPPED),
                           env=support.environment(
                               XDG_RUNTIME_DIR="/run/user/0",
                               NOTIFY_SOCKET=self.path("notify"),
                               HOME=self.directory,
                               SYSTEMD_UNIT_PATH=self.units))
            support.wait_until(lambda: self.ready(p, notify), "the manager")
        self.first = support.family(p.pid)[1]
        self.within = ("nsenter", "-t", str(self.first), "-m", "-n", "--")
        return p

    def ready(self, p, notify):
        if not p.running():
            support.lacking("no service manager can run here: "
                            + p.err.decode())
        try:
            return b"READY=1" in notify.recv(4096).split(b"\n")
        except TimeoutError:
            return False

    def leave(self):
        """Once all its processes are gone."""
        support.wait_until(lambda: support.run(
            "unshare", "-m", "-C", "--", "sh", "-c", LEAVE, "sh",
            self.cgroup).status == 0, "the cgroups to be empty")

    def servers(self, p):
        """Processes that are the web server."""
        programs = example("web_server"), "/run/programs/web_server"
        found = []
        for pid in support.family(p.pid):
            try:
                if os.readlink(f"/proc/{pid}/exe") in programs:
                    found.append(pid)
            except FileNotFoundError:
                pass
        return found

    def get(self, address, *more):
        return support.curl(address, *more, within=self.within)

    def stopped(self, p):
        manager = support.family(p.pid)[2]
        os.kill(manager, signal.SIGRTMIN + 24)       # exit
        self.expect(p.wait(), 0)

    def test_starts_the_shipped_units_at_the_first_connection(self):
        self.shipped("app.socket", "app.service", folder="user")
        p = self.manage("app")
        self.assertEqual(self.servers(p), [])
        address = "unix:///run/user/0/app.sock"
        self.expect(self.get(address), 0, out=PAGE)
        server, = self.servers(p)
        with open(f"/proc/{server}/environ", "rb") as file:
            variables = file.read().split(b"\0")
        self.assertIn(b"LISTEN_FDS=1", variables)
        self.assertIn(b"LISTEN_FDNAMES=web", variables)
        with open(f"/proc/{server}/status") as file:
            self.assertIn("NoNewPrivs:\t1\n", file.read())
        st = os.stat(f"/proc/{self.first}/root/run/user/0/app.sock")
        self.assertEqual(st.st_mode & 0o777, 0o600)

        # The service ends, and the socket is still the manager's.
        os.kill(server, signal.SIGTERM)
        support.wait_until(lambda: self.servers(p) == [], "it to end")
        self.expect(self.get(address), 0, out=PAGE)
        self.assertNotEqual(self.servers(p), [server])
        self.stopped(p)

    def addresses(self, name, port):
        return (f"unix:///run/user/0/{name}.sock", f"tcp://127.0.0.1:{port}",
                "unix://@" + name)

    def test_three_sockets_of_one_name_are_a_set(self):
        server = example("web_server")
        for port, (name, command) in enumerate((
                ("all", (server, "-H", "fd://*")),
                ("named", (server, "-H", "fd://web")),
                ("chain", (SBIND, "listen", "-H", "fd://web", "--name", "x",
                           "--", server, "-H", "fd://x"))), 8081):
            self.unit(name + ".socket", SET.format(name, port))
            self.service(name, *command)
        # clients of a socket that was not taken get no answer
        self.unit("first.socket", SET.format("first", 8080))
        self.service("first", server, "-H", "fd://3")
        p = self.manage("all", "named", "chain", "first")
        for port, name in enumerate(("all", "named", "chain"), 8081):
            for address in self.addresses(name, port):
                with self.subTest(address):
                    self.expect(self.get(address), 0, out=PAGE)
        self.assertEqual(len(self.servers(p)), 3)
        first, second, third = self.addresses("first", 8080)
        self.expect(self.get(first), 0, out=PAGE)
        self.expect(self.get(second, "--max-time", "1"), 28)
        self.stopped(p)

    def test_the_single_one_of_three_is_refused(self):
        self.unit("one.socket", SET.format("one", 8080))
        self.service("one", example("web_server"), "-H", "fd://")
        p = self.manage("one")

        def said():
            """What the service has printed. A connection starts the service."""
            self.get(self.addresses("one", 8080)[0], "--max-time", "1")
            try:
                with open(self.path("err")) as file:
                    return file.read()
            except FileNotFoundError:
                return ""
        self.assertIn("(not-one-fd); descriptor 3 and 4\n",
                      support.wait_until(said, "the service to be refused"))
        self.stopped(p)

    # ---- Other descriptors beside the listening socket ----------------------

    def passed_to(self, pid):
        """The LISTEN_ variables of a process."""
        with open(f"/proc/{pid}/environ", "rb") as file:
            words = file.read().decode().split("\0")
        return dict(word.split("=", 1) for word in words
                    if word.startswith("LISTEN_"))

    def flags_of(self, pid, fd):
        with open(f"/proc/{pid}/fdinfo/{fd}") as file:
            return int(re.search(r"^flags:\s*(\d+)", file.read(),
                                 re.M).group(1), 8)

    def test_tcp_and_udp_under_one_name(self):
        """A TCP socket and a UDP socket have the same name, as HTTP/3 and DNS need it. The UDP
        socket stays as it was."""
        server = example("web_server")
        chain = (SBIND, "listen", "-H", "fd://", "--name", "x", "--", server,
                 "-H", "fd://x")
        found = {}
        for port, (name, command) in enumerate((
                ("named", (server, "-H", "fd://web")),
                ("every", (server, "-H", "fd://*")),
                ("single", (server, "-H", "fd://")), ("chain", chain)), 8081):
            self.unit(name + ".socket", "[Socket]\nListenStream=127.0.0.1:"
                      f"{port}\nListenDatagram=127.0.0.1:{port}\n"
                      "FileDescriptorName=web\n")
            self.service(name, *command)
            found[name] = f"tcp://127.0.0.1:{port}"
        p = self.manage(*found)
        for name, address in found.items():
            before = set(self.servers(p))
            with self.subTest(name):
                done = self.get(address)
                self.assertEqual(done.out, PAGE, (done, self.said()))
                pid, = set(self.servers(p)) - before
                passed = self.passed_to(pid)
                if name == "chain":      # it asked for the stream socket alone
                    self.assertEqual(passed["LISTEN_FDS"], "1")
                    continue
                self.assertEqual(passed["LISTEN_FDNAMES"], "web:web")
                self.assertEqual(
                    {fd: self.flags_of(pid, fd)
                     & (os.O_NONBLOCK | os.O_CLOEXEC) for fd in (3, 4)},
                    {3: os.O_NONBLOCK | os.O_CLOEXEC, 4: 0})
        self.stopped(p)

    def test_a_descriptor_store_over_a_restart(self):
        """The stored descriptors come back beside the listening socket."""
        server = example("web_server")
        found = {}
        for port, (name, host) in enumerate((
                ("single", "fd://"), ("every", "fd://*"),
                ("named", "fd://web")), 8081):
            self.unit(name + ".socket", "[Socket]\nListenStream=127.0.0.1:"
                      f"{port}\nFileDescriptorName=web\n")
            self.service(
                name, *PYTHON, self.write("keep.py", KEEP), server, "-H", host,
                more="Restart=always\nRestartSec=0\nNotifyAccess=all\n"
                     "FileDescriptorStoreMax=4\n")
            found[name] = f"tcp://127.0.0.1:{port}"
        p = self.manage(*found)
        for name, address in found.items():
            with self.subTest(name):
                before = set(self.servers(p))
                self.expect(self.get(address), 0, out=PAGE)
                first, = set(self.servers(p)) - before
                self.assertEqual(self.passed_to(first)["LISTEN_FDNAMES"],
                                 "web")
                os.kill(first, signal.SIGKILL)
                support.wait_until(
                    lambda: first not in self.servers(p)
                    and set(self.servers(p)) - before, "the restart")
                second, = set(self.servers(p)) - before
                done = self.get(address)     # once it is there altogether
                self.assertEqual(done.out, PAGE, (done, self.said()))
                passed = self.passed_to(second)
                self.assertEqual((passed["LISTEN_FDS"],
                                  passed["LISTEN_FDNAMES"]),
                                 ("2", "web:state"))
                with open(f"/proc/{second}/fd/4") as file:
                    self.assertEqual(file.read(), "kept")
        self.stopped(p)

    def test_the_hardened_unit_serves(self):
        """ProtectHome=yes is left out, because a user's manager receives messages below
        /run/user."""
        self.shipped("app.socket", "app.service", without=["ProtectHome=yes"])
        p = self.manage("app")
        self.expect(self.get("unix:///run/user/0/app.sock"), 0, out=PAGE)
        server, = self.servers(p)
        with open(f"/proc/{server}/status") as file:
            status = file.read()
        self.assertIn("NoNewPrivs:\t1\n", status)
        self.assertIn("CapBnd:\t0000000000000000\n", status)
        self.assertIn("Seccomp:\t2\n", status)
        self.assertNotEqual(os.readlink(f"/proc/{server}/ns/net"),
                            os.readlink(f"/proc/{self.first}/ns/net"))

    def test_a_session_has_a_process_for_each_client(self):
        self.shipped("session.socket", "session@.service",
                     without=["ProtectHome=yes"])
        self.manage("session")
        for _ in range(3):
            with support.connect(f"unix:///proc/{self.first}/root"
                                 "/run/user/0/session.sock") as client:
                client.settimeout(support.WAIT)
                self.assertEqual(client.recv(5, socket.MSG_WAITALL), b"hello")
                client.sendall(b"hello")
                self.assertEqual(client.recv(1), b"")

    # ---- Readiness -----------------------------------------------------------

    def leaves(self, name, unit):
        """The service makes a file of its own name."""
        self.unit(name + ".service", f"[Unit]\n{unit}\n[Service]\nType=oneshot"
                  f"\nExecStart=/usr/bin/touch {self.path(name)}\n")

    def test_a_service_has_started_once_it_says_so(self):
        """A service with Type=notify. Beside it there is another service that never says that it is
        ready. This other service fails in the end."""
        probe = support.peer("notify_probe")
        plain = "DefaultDependencies=no\n[Service]\nType=notify\n"
        self.unit("app.service", f"[Unit]\n{plain}StandardOutput=append:"
                  f"{self.path('out')}\nExecStart={probe} serve "
                  f"{self.path('go')}\n")
        self.unit("mute.service", f"[Unit]\nOnFailure=failed.service\n{plain}"
                  "TimeoutStartSec=1\nExecStart=/bin/sleep 60\n")
        for name in ("app", "mute"):
            self.leaves("after-" + name, "DefaultDependencies=no\n"
                        f"Requires={name}.service\nAfter={name}.service")
        self.leaves("failed", "DefaultDependencies=no")
        p = self.manage(services=("after-app", "after-mute"))
        support.wait_until(lambda: os.path.exists(self.path("failed")),
                           "the mute service to be given up")
        self.assertFalse(os.path.exists(self.path("after-app")))
        self.write("go", "")
        support.wait_until(lambda: os.path.exists(self.path("after-app")),
                           "what needs the service to be started")
        self.assertFalse(os.path.exists(self.path("after-mute")))
        self.stopped(p)
        with open(self.path("out")) as file:
            self.assertEqual(file.readline(), "ok\n")

    def test_a_descriptor_that_sbind_notify_stores(self):
        probe = support.peer("notify_probe")
        script = self.write("store", f"""#!/bin/sh
if [ -n "$LISTEN_FDS" ]; then
    echo "$LISTEN_FDNAMES" >{self.path("found")}.new
    cat <&3 >>{self.path("found")}.new
    mv {self.path("found")}.new {self.path("found")}
    exec sleep 60
fi
exec 5<{self.write("state", "kept over the restart")}
{probe} "FDSTORE=1
FDNAME=state" 5
sleep 0.2
exit 1
""")
        os.chmod(script, 0o755)
        self.unit("app.service", "[Unit]\nDefaultDependencies=no\n[Service]\n"
                  f"ExecStart={script}\nRestart=always\nRestartSec=0\n"
                  "NotifyAccess=all\nFileDescriptorStoreMax=1\n")
        p = self.manage(services=("app",))
        support.wait_until(lambda: os.path.exists(self.path("found")),
                           "the restart")
        with open(self.path("found")) as file:
            self.assertEqual(file.read(), "state\nkept over the restart")
        self.stopped(p)

    def test_a_connection_is_passed_by_mistake(self):
        """Accept=yes for a server that wants to listen: it is told so."""
        for name, command in (("server", (example("web_server"), "-H",
                                          "fd://")),
                              ("chain", (SBIND, "listen", "-H", "fd://", "--",
                                         "/bin/true"))):
            self.unit(name + ".socket", "[Socket]\nAccept=yes\nListenStream="
                      f"/run/user/0/{name}\n")
            self.service(name + "@", *command)
        p = self.manage("server", "chain")
        for count, name in enumerate(("server", "chain"), 1):
            self.get(f"unix:///run/user/0/{name}", "--max-time", "5")
            support.wait_until(
                lambda count=count: self.said().count("use Accept=no") >= count,
                "the server to say why")
        self.assertEqual(self.said().count(
            "(fd-not-listening); descriptor 3\n  fd://\n  hint: it is a "
            "connection, as Accept=yes passes them; use Accept=no, or connect "
            "to fd://\n"), 2, self.said())
        self.stopped(p)

    def test_a_connection_for_a_client_of_it(self):
        """With Accept=yes, sbind connect takes fd://."""
        self.write("greeting", "hello")
        self.unit("greeter.socket", "[Socket]\nAccept=yes\n"
                  "ListenStream=/run/user/0/greeter\n")
        self.service("greeter@", SBIND, "connect", "fd://",
                     more=f"StandardInput=file:{self.path('greeting')}\n")
        self.unit("lazy.socket", "[Socket]\n"
                  "ListenStream=/run/user/0/lazy\n")
        self.service("lazy", SBIND, "connect", "fd://")
        p = self.manage("greeter", "lazy")
        where = f"/proc/{self.first}/root/run/user/0/"
        with support.connect(f"unix://{where}greeter") as s:
            self.assertEqual(s.recv(16), b"hello")
        with support.connect(f"unix://{where}lazy"):
            support.wait_until(
                lambda: "(fd-not-connected); descriptor 3\n  fd://\n  hint: "
                "it is listening, as Accept=no passes them; use Accept=yes, or "
                "listen on fd://\n" in self.said(), "the client to say why")
        self.stopped(p)


if __name__ == "__main__":
    support.main()
