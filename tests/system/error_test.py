#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does an error of opening name the address, the call, its errno, a remedy, and the process that
is in the way? The test compares every octet.

Promises: P29 P30
"""
import os
import socket
import threading
import time

import support
from support import (CHMOD, FRESH_ENTRY, LOST_BY_RENAME, PORTABLE, RENAME, SBIND,
                     sbind)

NOBODY = 65534
STRANGER = 4711                      # neither root nor nobody


def comm(pid="self"):
    with open(f"/proc/{pid}/comm") as file:
        return file.read().strip()


class ErrorCase(support.Case):
    def report(self, address, *lines, words=("listen",), prefix=(), status=111,
               **more):
        """Requires this text on standard error. {} in a line stands for the address."""
        more.setdefault("env", support.environment(asan="detect_leaks=0"))
        done = self.expect(support.run(*prefix, SBIND, *words, address,
                                       **more), status, out="")
        wanted = "\n".join(("sbind: " + lines[0], "  " + address, *lines[1:]))
        self.assertEqual(done.err.decode(), wanted + "\n")

    def as_nobody(self):
        support.requires_root()
        support.requires("setpriv")
        return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
                "--clear-groups")


class WhatToDo(ErrorCase):
    def test_paths(self):
        os.mkdir(self.path("d"))
        os.mkdir(self.path("open"))
        os.chmod(self.path("open"), 0o777)
        self.write("file", "x")
        os.symlink("file", self.path("link"))
        os.symlink("loop", self.path("loop"))
        system = "the system refused (system); "
        for name, *lines in (
                ("no/such", system + "open: ENOENT",
                 "  hint: the directory of this path does not exist; create "
                 "it first"),
                ("file/s", system + "open: ENOTDIR",
                 "  hint: a part of this path is a file, not a directory"),
                ("loop/s", system + "open: ELOOP",
                 "  hint: a symbolic link of this path is not followed, or "
                 "leads in a circle; see: namei -l PATH"),
                ("x" * 256, "the path or name is longer than the system allows "
                 "(path-too-long)",
                 "  hint: the last component has at most 255 octets"),
                ("x" * 256 + "/s", "the path or name is longer than the system "
                 "allows (path-too-long); open: ENAMETOOLONG",
                 "  hint: each part of a path has at most 255 octets, on some "
                 "file systems fewer"),
                ("file", "there is a file that is not a socket at this path "
                 "(path-occupied)", "  hint: the file was left as it is; "
                 "move it away, or use another path"),
                ("link", "there is a file that is not a socket at this path "
                 "(path-occupied)", "  hint: a symbolic link is there, and is "
                 "not followed; remove it, or use the path that it leads to"),
                ("open", "there is a file that is not a socket at this path "
                 "(path-occupied)", "  hint: a directory is there; Docker "
                 "makes one when it mounts a path that does not exist. Remove "
                 "it"),
                ("open/s", "other users can replace files in the directory of "
                 "this path (unsafe-directory)", "  hint: everybody can "
                 "write to the directory: take that right away, make it sticky "
                 "(chmod +t), or accept it with any_directory "
                 "(--any-directory)")):
            with self.subTest(name[:20]):
                address = "unix://" + self.path(name)
                if len(address) <= 80:
                    self.report(address, *lines)
                else:
                    done = sbind("listen", address)
                    got = done.err.decode().split("\n")
                    self.assertEqual([got[0], got[2]],
                                     ["sbind: " + lines[0], lines[1]])

    def test_what_belongs_to_others(self):
        os.chmod(self.directory, 0o1777)
        support.stale_socket(self.path("s"))
        self.report("unix://" + self.path("s"),
                    "the file at this path belongs to another user "
                    "(path-not-ours)", "  hint: the file was left as it is; "
                    "remove it as its owner, or use another path",
                    prefix=self.as_nobody())
        os.chmod(self.directory, 0o755)
        self.report("unix://" + self.path("new"),
                    "the system refused (system); openat: EACCES",
                    "  hint: this user cannot make or open the lock file "
                    ".NAME.sbind in the directory of the socket; a start holds "
                    "it for a moment", prefix=self.as_nobody())

    def test_directories_that_are_not_safe(self):
        support.requires_root()
        unsafe = ("other users can replace files in the directory of this path "
                  "(unsafe-directory)")
        for name, mode, uid, hint in (
                ("group", 0o775, 0, "the group of the directory can write to "
                 "it: take that right away, make it sticky (chmod +t), or "
                 "accept it with any_directory (--any-directory)"),
                ("every", 0o757, 0, "everybody can write to the directory: "
                 "take that right away, make it sticky (chmod +t), or accept "
                 "it with any_directory (--any-directory)"),
                ("other", 0o755, NOBODY, "the directory belongs to another "
                 "user; any_directory (--any-directory) accepts it all the "
                 "same"),
                ("sticky", 0o1777, NOBODY, "the directory belongs to another "
                 "user; any_directory (--any-directory) accepts it all the "
                 "same")):
            os.mkdir(self.path(name))
            os.chmod(self.path(name), mode)
            os.chown(self.path(name), uid, -1)
            with self.subTest(name):
                self.report("unix://" + self.path(name, "s"), unsafe,
                            "  hint: " + hint)
                self.expect(sbind("listen", "--any-directory", "-H", "unix://" +
                                  self.path(name, "s"), "--", "true"), 0)
        os.mkdir(self.path("d"))
        os.symlink("d", self.path("link"))
        os.chown(self.path("link"), NOBODY, -1, follow_symlinks=False)
        self.report("unix://" + self.path("link", "s"), unsafe,
                    "  hint: the directory is a symbolic link of another user; "
                    "any_directory (--any-directory) follows it all the same")

    def test_what_is_at_the_path_or_beside_it(self):
        address = "unix://" + self.path("s")
        occupied = ("there is a file that is not a socket at this path "
                    "(path-occupied)")
        support.stale_socket(self.path("s"))
        self.report(address, "the address is in use (address-in-use)",
                    "  hint: there is a socket file already; if no process "
                    "listens on it, remove it", words=("listen", "--refuse"))
        self.write(".s.sbind-old", "x")
        self.report(address, occupied, "  hint: it has the hidden name "
                    ".NAME.sbind-old, which a start needs for a moment; remove "
                    "it")
        os.mkfifo(self.path(".s.sbind"))
        self.report(address, "the file at this path belongs to another user "
                    "(path-not-ours)", "  hint: the lock file .NAME.sbind "
                    "beside the socket is not a file of this user; remove it")
        os.unlink(self.path(".s.sbind"))
        os.unlink(self.path(".s.sbind-old"))
        p = self.listen(address)
        p.listening()
        self.write(FRESH_ENTRY, "x")
        self.report(address, occupied, "  hint: " + (
            "it has the hidden name .NAME.sbind-d, which a start needs for a "
            "moment; remove it" if PORTABLE else
            "it has the hidden name .NAME.sbind-new, which a start needs for a "
            "moment; remove it"), words=("listen", "--replace"))

    def test_what_the_file_system_cannot_do(self):
        address = "unix://" + self.path("s")
        system = "the system refused (system)"
        for fault, options, line, hint in (
                (CHMOD + ":error=EPERM", ("--mode", "0642"),
                 f"{system}; {CHMOD}: EPERM", "this file system does not let the "
                 "mode be set; use a path on another one"),
                (CHMOD + ":retval=0", ("--mode", "0642"), system,
                 "the file system does not keep the owner or mode of a socket "
                 "file; use another directory"),
                ("bind:error=EPERM", (), system + "; bind: EPERM",
                 "this file system has no sockets, or the directory cannot be "
                 "changed"),
                ("flock:error=ENOLCK", (), system + "; flock: ENOLCK",
                 "this file system has no locks; use a path on another one")):
            with self.subTest(fault):
                self.report(address, line, "  hint: " + hint,
                            words=("listen", *options), umask=0o077,
                            prefix=support.injecting(fault))
                # if locks do not work here, another process may have locked the file, so the file
                # stays
                self.assertEqual(os.listdir(self.directory),
                                 [".s.sbind"] if "flock" in fault else [])

    def test_a_renamed_socket_that_cannot_be_reached(self):
        address = "unix://" + self.path("s")
        p = self.listen(address)
        p.listening()
        self.report(address, "the system refused (system)",
                    "  hint: " + LOST_BY_RENAME, words=("listen", "--replace"),
                    prefix=support.injecting(
                        "connect:error=ECONNREFUSED:when=2"))

    def test_a_name_that_is_lost_while_starting(self):
        """sbind looks at several files. In each start, the call for another one of these files
        fails. In one start this file is the socket, so the socket seems to be gone."""
        look = "newfstatat" if PORTABLE else "openat"
        hint = ("\n  hint: the path led to another directory, or another process "
                "removed the socket, while this one started\n")
        said = [support.run(*support.injecting(
            f"{look}:error=ENOENT:when={n}"), SBIND, "listen", "-H",
            "unix://" + self.path("s"), "--", "true", env=support.environment(
                asan="detect_leaks=0")).err.decode() for n in range(2, 12)]
        self.assertTrue(any(hint in text for text in said), said)

    def test_a_file_that_comes_while_starting(self):
        support.stale_socket(self.path("s"))
        self.write("file", "precious")
        p = self.start(*support.injecting(RENAME + ":delay_enter=600000:when=1"),
                       SBIND, "listen", "unix://" + self.path("s"),
                       env=support.environment(asan="detect_leaks=0"))
        support.wait_until(lambda: os.path.exists(self.path(".s.sbind")),
                           "the starter")
        time.sleep(0.2)                  # until it has looked at the socket
        os.rename(self.path("file"), self.path("s"))
        done = self.expect(p.wait(), 111, out="")
        self.assertEqual(
            done.err.decode(), "sbind: the address is in use (address-in-use)\n"
            f"  unix://{self.path('s')}\n  hint: another process put a file at "
            "this path while this one started; it was left as it is\n")
        with open(self.path("s")) as file:
            self.assertEqual(file.read(), "precious")

    def test_a_path_that_is_mounted_on(self):
        support.requires_root()
        support.requires("unshare", "mount")
        support.stale_socket(self.path("other"))
        self.write("s", "")
        mount = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
        self.report("unix://" + self.path("s"), "the system refused (system); "
                    f"{RENAME}: EBUSY", "  hint: something is mounted on this "
                    "path; unmount it, or use another path", prefix=(
                        "unshare", "--mount", "sh", "-c", mount, "sh",
                        self.path("other"), self.path("s")))

    def test_localhost_is_missing(self):
        support.requires_root()
        support.requires("unshare", "mount")
        self.write("hosts", "")
        done = support.run(
            "unshare", "--mount", "--net", "sh", "-c",
            'mount --bind "$1" /etc/hosts && shift && exec "$@"', "sh",
            self.path("hosts"), SBIND, "listen", "tcp://localhost:0")
        self.expect(done, 111, out="")
        self.assertRegex(
            done.err.decode(), r"\Asbind: the host name was not resolved "
            r"\(not-resolved\); getaddrinfo: EAI_(AGAIN|NONAME)\n"
            r"  tcp://localhost:0\n  hint: /etc/hosts does not have localhost; "
            r"add it, or write the IP address\n\Z")

    def test_descriptors(self):
        with socket.socket() as bound, socket.socket(
                type=socket.SOCK_DGRAM) as datagram, open(
                    "/dev/null") as file, socket.create_server(
                        ("127.0.0.1", 0)) as server, socket.create_connection(
                            server.getsockname()) as connection:
            bound.bind(("127.0.0.1", 0))
            for fd, words, *lines in (
                    (900, "listen", "the descriptor is not open (fd-closed); "
                     "descriptor 900; getsockopt SO_TYPE: EBADF",
                     "  hint: the starter of this program has to open the "
                     "descriptor and pass it on"),
                    (65536, "listen", "descriptors above 65535 are not adopted "
                     "(fd-too-high); descriptor 65536",
                     "  hint: pass the socket under a lower number; dup2 gives it "
                     "one"),
                    (file.fileno(), "listen", "the descriptor is not a socket "
                     "(fd-not-socket); descriptor {}; getsockopt SO_TYPE: "
                     "ENOTSOCK", "  hint: pass a listening socket to a server, a "
                     "connected socket to a client"),
                    (datagram.fileno(), "listen", "the socket is not a stream "
                     "socket (fd-not-stream); descriptor {}",
                     "  hint: pass a stream socket, as ListenStream= makes "
                     "it"),
                    (bound.fileno(), "listen", "the socket is not listening "
                     "(fd-not-listening); descriptor {}",
                     "  hint: the starter of this program has to call listen on it "
                     "first"),
                    (connection.fileno(), "listen", "the socket is not "
                     "listening (fd-not-listening); descriptor {}",
                     "  hint: it is a connection, as Accept=yes passes them; "
                     "use Accept=no, or connect to fd://"),
                    (server.fileno(), "connect", "the socket is not connected "
                     "(fd-not-connected); descriptor {}",
                     "  hint: it is listening, as Accept=no passes them; use "
                     "Accept=yes, or listen on fd://"),
                    (bound.fileno(), "connect", "the socket is not connected "
                     "(fd-not-connected); descriptor {}",
                     "  hint: the starter of this program has to connect the "
                     "socket first")):
                with self.subTest(lines[0]):
                    self.report(f"fd://{fd}", lines[0].format(fd), lines[1],
                                words=(words,),
                                pass_fds=(fd,) if fd < 900 else ())

    def test_sockets_that_are_meant_for_another_process(self):
        """The error names the variable that decided, and the hint says what a wrapper has
        to do."""
        passed = {"LISTEN_FDS": "1", "LISTEN_PID": "1"}
        self.report("fd://", "no sockets were passed to this process "
                    "(not-activated)", "  hint: LISTEN_PID names another "
                    "process; a wrapper has to set it for this one, and to "
                    "set or unset LISTEN_PIDFDID",
                    env=support.environment(**passed))
        if support.pidfdid(os.getpid()) is None:
            support.unavailable("this system has no ids of pidfds")
        wrapper = ("sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh")
        self.report("fd://", "no sockets were passed to this process "
                    "(not-activated)", "  hint: LISTEN_PIDFDID names another "
                    "process; a wrapper that sets LISTEN_PID has to set or "
                    "unset LISTEN_PIDFDID too", prefix=wrapper,
                    env=support.environment(**passed, LISTEN_PIDFDID="77"))

    def test_a_descriptor_that_is_asked_for_twice(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.bind("\0" + support.abstract_name(self))
            s.listen()
            fd = s.fileno()
            done = self.expect(sbind("listen", "-H", f"fd://{fd}", "-H",
                                     f"fd://{fd}", "--", "true",
                                     pass_fds=(fd,)), 111, out="")
        self.assertEqual(
            done.err.decode(), "sbind: this process has adopted the descriptor "
            f"already (fd-taken); descriptor {fd}\n  fd://{fd}\n  hint: use "
            "the listener or stream that it became, or close that first\n")

    def test_connecting(self):
        self.report("unix://" + self.path("s"),
                    "the system refused (system); connect: ENOENT",
                    "  hint: there is no socket at this path; start the server "
                    "first", words=("connect",))
        for make, hint in (
                (os.mkdir, "this path is a directory, not a socket"),
                (lambda path: self.write("no-socket", ""),
                 "the file at this path is not a socket")):
            make(self.path("no-socket"))
            self.report("unix://" + self.path("no-socket"), "the system "
                        "refused (system); connect: ECONNREFUSED",
                        "  hint: " + hint, words=("connect",))
            if os.path.isdir(self.path("no-socket")):
                os.rmdir(self.path("no-socket"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.bind(self.path("datagrams"))
            self.report("unix://" + self.path("datagrams"), "the system "
                        "refused (system); connect: EPROTOTYPE", "  hint: the "
                        "server's socket is not a stream socket, but of "
                        "another type", words=("connect",))
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(self.path("full"))
            s.listen(0)
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(self.path("full"))
                self.report("unix://" + self.path("full"), "the deadline has "
                            "passed (timed-out)", "  hint: the server's queue "
                            "is full: it accepts too slowly, or hangs",
                            words=("connect", "--timeout", "100"))
        support.stale_socket(self.path("s"))
        self.report("unix://" + self.path("s"),
                    "the system refused (system); connect: ECONNREFUSED",
                    "  hint: the server has ended, and its socket file is left; "
                    "start it again", words=("connect",))


class InUseCase(ErrorCase):
    IN_USE = "the address is in use (address-in-use)"
    HINT = "  hint: stop what uses it, or use another address"

    def myself(self, what="listener"):
        return f"  {what}: process {os.getpid()} ({comm()})"

    def server(self, family, address):
        s = socket.socket(family)
        self.addCleanup(s.close)
        s.bind(address)
        s.listen()
        s.setblocking(False)
        return s


class Listener(InUseCase):
    """The error names the process that is in the way. That process does not notice the attempt."""

    def check_unnoticed(self, s):
        with self.assertRaises(BlockingIOError):
            s.accept()

    def test_tcp(self):
        s = self.server(socket.AF_INET, ("127.0.0.1", 0))
        port = s.getsockname()[1]
        for host in ("127.0.0.1", "0.0.0.0", "*"):
            self.report(f"tcp://{host}:{port}", self.IN_USE +
                        "; bind: EADDRINUSE", self.HINT, self.myself())
        self.check_unnoticed(s)

    def test_tcp_that_is_not_in_the_way_is_not_named(self):
        other = self.server(socket.AF_INET, ("127.0.0.2", 0))
        port = other.getsockname()[1]
        p = self.listen("-H", f"tcp://127.0.0.1:{port}", "--", "sleep", "60")
        p.listening()
        self.report(f"tcp://127.0.0.1:{port}", self.IN_USE +
                    "; bind: EADDRINUSE", self.HINT,
                    f"  listener: process {p.pid} (sleep)")

    def sharing(self, family, address):
        """The port has several servers."""
        s = socket.socket(family)
        self.addCleanup(s.close)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        s.bind(address)
        s.listen()
        return s.getsockname()[1]

    def test_of_two_families_the_one_in_the_way_is_named(self):
        support.requires_ipv6()
        port = self.sharing(socket.AF_INET6, ("::", 0))     # and IPv4
        p = self.listen("--reuse-port", "-H", f"tcp://[::1]:{port}", "--",
                        "sleep", "60")
        p.listening()
        self.report(f"tcp://127.0.0.1:{port}", self.IN_USE +
                    "; bind: EADDRINUSE", self.HINT, self.myself())

    def test_many_sockets_of_one_process(self):
        port = self.sharing(socket.AF_INET, ("127.0.0.1", 0))
        for _ in range(9):
            self.sharing(socket.AF_INET, ("127.0.0.1", port))
        self.report(f"tcp://127.0.0.1:{port}", self.IN_USE +
                    "; bind: EADDRINUSE", self.HINT, self.myself())

    def test_ipv6(self):
        support.requires_ipv6()
        s = self.server(socket.AF_INET6, ("::1", 0))
        port = s.getsockname()[1]
        for host in ("[::1]", "[::]", "*"):
            self.report(f"tcp://{host}:{port}", self.IN_USE +
                        "; bind: EADDRINUSE", self.HINT, self.myself())
        dual = self.server(socket.AF_INET6, ("::", 0))
        port = dual.getsockname()[1]
        self.report(f"tcp://127.0.0.1:{port}", self.IN_USE +
                    "; bind: EADDRINUSE", self.HINT, self.myself())
        self.check_unnoticed(s)

    def test_a_socket_file_whatever_it_is_called(self):
        path = self.path("s")
        s = self.server(socket.AF_UNIX, self.path("first-name"))
        os.rename(self.path("first-name"), path)
        self.report("unix://" + path, self.IN_USE, self.HINT, self.myself())
        self.check_unnoticed(s)

    def test_one_of_ours(self):
        p = self.listen("-H", "unix://" + self.path("s"), "--", "sleep", "60")
        p.listening()
        self.server(socket.AF_UNIX, self.path("other"))
        self.report("unix://" + self.path("s"), self.IN_USE, self.HINT,
                    f"  listener: process {p.pid} (sleep)")

    def test_the_command_itself_by_another_address(self):
        port = support.free_port()
        done = self.expect(sbind(
            "listen", "-H", f"tcp://*:{port}", "-H", f"tcp://127.0.0.1:{port}",
            "--", "true"), 111, err="address-in-use")
        self.assertRegex(done.err.decode(), r"listener: process \d+ "
                         r"\(this command, by another -H\)\n\Z")

    def test_one_that_is_starting_is_told_by_the_lock(self):
        path = self.path("s")
        lock = self.path(".s.sbind")
        holder = self.start("flock", lock, "sleep", "60")
        support.wait_until(
            lambda: support.run("flock", "-n", lock, "true").status,
            "the lock")
        self.report("unix://" + path, self.IN_USE,
                    "  hint: another process has been starting or closing here "
                    "for a second; see its lock file .NAME.sbind")
        holder.kill()

    def test_abstract(self):
        name = support.abstract_name(self)
        s = self.server(socket.AF_UNIX, "\0" + name)
        for other in (name + "-2", name[:-1] + "#"):
            self.listen("-H", f"unix://@{other}", "--", "sleep",
                        "60").listening()
        self.report("unix://@" + name, self.IN_USE + "; bind: EADDRINUSE",
                    self.HINT, self.myself())
        self.check_unnoticed(s)

    def test_several_processes(self):
        s = self.server(socket.AF_INET, ("127.0.0.1", 0))
        address = "tcp://127.0.0.1:%d" % s.getsockname()[1]
        holders = [self.start("sleep", "60", pass_fds=(s.fileno(),))
                   for _ in range(3)]
        for p in holders:
            support.wait_until(lambda p=p: comm(p.pid) == "sleep", "sleep")
        pids = sorted([os.getpid()] + [p.pid for p in holders])
        named = ", ".join(f"{pid} ({comm(pid)})" for pid in pids[:3])
        self.report(address, self.IN_USE + "; bind: EADDRINUSE", self.HINT,
                    f"  listener: process {named} and 1 more")

    def test_a_name_cannot_write_to_the_terminal(self):
        s = self.server(socket.AF_UNIX, "\0" + support.abstract_name(self))
        before = comm()

        def rename(name):
            with open("/proc/self/task/%d/comm" % os.getpid(), "wb") as file:
                file.write(name)
        self.assertIs(threading.current_thread(), threading.main_thread())
        rename(b"a\x1b[31m\xff\x7f)")
        self.addCleanup(rename, before.encode())
        self.report("unix://@" + support.abstract_name(self),
                    self.IN_USE + "; bind: EADDRINUSE", self.HINT,
                    f"  listener: process {os.getpid()} (a\\x1b[31m\\xff\\x7f))")
        s.close()

    def test_who_may_not_look_is_told_whose_it_is(self):
        prefix = self.as_nobody()
        name = support.abstract_name(self)
        os.seteuid(STRANGER)                # whose sockets they become
        try:
            s = self.server(socket.AF_INET, ("127.0.0.1", 0))
            self.server(socket.AF_UNIX, "\0" + name)
        finally:
            os.seteuid(0)
        for address in ("tcp://127.0.0.1:%d" % s.getsockname()[1],
                        "unix://@" + name):
            self.report(address, self.IN_USE + "; bind: EADDRINUSE", self.HINT,
                        f"  listener: a process of user {STRANGER} that "
                        "this user cannot see", prefix=prefix)


if __name__ == "__main__":
    support.main()
