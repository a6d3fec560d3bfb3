#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""sbind listen as a launcher: root opens the sockets, and the command that gets them runs as
another user, with no way back to root. If a step fails, nothing is left.

Promises: P17 P26 P27 P37
"""
import contextlib
import fcntl
import json
import os
import pwd
import re
import resource
import shutil
import signal
import socket
import subprocess

import daemons
import support
from daemons import Daemon
from support import SBIND, example, sbind

NOBODY = pwd.getpwnam("nobody")
STRANGER = 2 ** 31 + 4711                   # no user database has it
CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapAmb")
PAGE = b"Hello from sbind\n"
# A copy of the program that every user can run, whichever user runs this test.
PYTHON = ("/usr/bin/python3", "-I", "-S", "-B", "-c")

# A program that has capabilities in every set that exec could pass on. One of these capabilities
# allows the program to become root again.
MANY = "+chown,+dac_override,+setuid,+setgid,+net_admin"
CAPABLE = ("setpriv", "--inh-caps", MANY, "--ambient-caps", MANY)

# A bad launcher: the saved ids stay root's until exec.
CARELESS = r"""
import os, pwd, sys
user = pwd.getpwnam("nobody")
os.initgroups("nobody", user.pw_gid)
os.setresgid(user.pw_gid, user.pw_gid, -1)
os.setresuid(user.pw_uid, user.pw_uid, -1)
os.execvp(sys.argv[1], sys.argv[1:])
"""

# Tries every way back to root, and prints those that work.
WAYS_BACK = r"""
import os
def works(call, *ids):
    try:
        call(*ids)
        return True
    except PermissionError:
        return False
ways = {"seteuid": (os.seteuid, 0), "setuid": (os.setuid, 0),
        "setreuid": (os.setreuid, 0, 0), "setresuid": (os.setresuid, -1, 0, -1),
        "setgid": (os.setgid, 0), "setegid": (os.setegid, 0),
        "setgroups": (os.setgroups, [0])}
print(*sorted(name for name, way in ways.items() if works(*way)))
"""


# keyctl(2) and add_key(2), which Python lacks.
KEYS = r"""
import ctypes, errno, os, sys
ADD_KEY, KEYCTL = {"x86_64": (248, 250), "aarch64": (217, 219)}[
    os.uname().machine]
SESSION, GET_ID, JOIN, READ = -3, 0, 1, 11
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    done = libc.syscall(*arguments)
    if done < 0:
        sys.exit(errno.errorcode[ctypes.get_errno()])
    return done
"""

# Becomes a program with a key in its session keyring.
WITH_KEY = KEYS + r"""
call(KEYCTL, JOIN, None)
os.environ["KEY"] = str(call(ADD_KEY, b"user", b"sbind-test", b"secret", 6,
                             SESSION))
os.environ["KEYRING"] = str(call(KEYCTL, GET_ID, SESSION, 0))
os.execvp(sys.argv[1], sys.argv[1:])
"""

READ_KEY = KEYS + r"""
print("the same" if str(call(KEYCTL, GET_ID, SESSION, 0)) ==
      os.environ["KEYRING"] else "another", flush=True)
text = ctypes.create_string_buffer(6)
call(KEYCTL, READ, int(os.environ["KEY"]), text, 6)
print(text.raw.decode())
"""

# Types a line into the terminal that is its standard input. The next program that reads from the
# terminal gets the line.
TYPE = r"""
import errno, fcntl, os, termios
try:
    os.close(os.open("/dev/tty", os.O_RDWR))
    print("terminal")
except OSError as error:
    print(errno.errorcode[error.errno])
try:
    for character in b"evil\n":
        fcntl.ioctl(0, termios.TIOCSTI, bytes([character]))
    print("typed")
except OSError as error:
    print(errno.errorcode[error.errno])
"""


def status_of(text):
    """The lines of /proc/PID/status, words split."""
    return {name: words.split() for name, _, words in
            (line.partition(":\t") for line in text.splitlines())}


class LauncherCase(support.Case):
    def setUp(self):
        super().setUp()
        support.requires_root()
        support.requires("setpriv", PYTHON[0])
        os.chmod(self.directory, 0o755)      # others read, and cannot write
        self.address = "unix://" + self.path("s")

    def launch(self, *options, before=(), command=("cat", "/proc/self/status"),
               status=0, **more):
        """Runs sbind listen with these options. Returns what the command writes."""
        done = self.expect(support.run(
            *before, SBIND, "listen", "-H", self.address, *options, "--",
            *command, env=support.environment(asan="detect_leaks=0"), **more),
            status)
        if os.path.lexists(self.path("s")):
            os.unlink(self.path("s"))
        return done.out.decode()

    def status(self, *options, **more):
        return status_of(self.launch(*options, **more))

    def is_nothing_but(self, status, uid, gid, groups):
        self.assertEqual(status["Uid"], [str(uid)] * 4)
        self.assertEqual(status["Gid"], [str(gid)] * 4)
        self.assertEqual(sorted(map(int, status["Groups"])), sorted(groups))
        for which in CAPABILITIES:
            self.assertEqual(int(status[which][0], 16), 0, which)


class Identity(LauncherCase):
    def test_user_and_groups_are_those_of_the_user_database(self):
        groups = set(os.getgrouplist("nobody", NOBODY.pw_gid))
        for who in ("nobody", str(NOBODY.pw_uid)):
            status = self.status("--user", who, extra_groups=[0, 4])
            self.is_nothing_but(status, NOBODY.pw_uid, NOBODY.pw_gid, groups)

    def test_groups_are_those_that_are_given(self):
        for options, gid, groups in (
                (("--supplementary-groups", "7,adm,5"), NOBODY.pw_gid,
                 [4, 5, 7]),
                (("--supplementary-groups", ""), NOBODY.pw_gid, []),
                (("--primary-group", "adm"), 4,
                 set(os.getgrouplist("nobody", 4))),
                (("--primary-group", "7", "--supplementary-groups", "5"), 7,
                 [5])):
            for words in ((*options, "--user", "nobody"),
                          ("--user", "nobody", *options)):
                with self.subTest(words):
                    self.is_nothing_but(self.status(*words, extra_groups=[0]),
                                        NOBODY.pw_uid, gid, groups)

    def test_a_user_that_the_database_does_not_have_needs_a_group(self):
        status = self.status("--user", str(STRANGER), "--primary-group", "77",
                             extra_groups=[0, 4])
        self.is_nothing_but(status, STRANGER, 77, [])
        self.launch("--user", str(STRANGER), status=2)
        self.assertEqual(self.names(), [])

    def test_without_user_nothing_changes(self):
        status = self.status(extra_groups=[0, 4])
        self.assertEqual(status["Uid"], ["0"] * 4)
        self.assertEqual(status["Groups"], ["0", "4"])
        self.assertNotEqual(int(status["CapEff"][0], 16), 0)
        self.assertEqual(status["NoNewPrivs"], ["0"])

    def test_root_may_stay_root(self):
        status = self.status("--user", "root", "--supplementary-groups", "",
                             before=CAPABLE)
        self.assertEqual((status["Uid"], status["Groups"]), (["0"] * 4, []))
        for which in ("CapEff", "CapInh"):
            self.assertNotEqual(int(status[which][0], 16), 0, which)

    def test_the_process_and_the_sockets_are_the_same(self):
        p = self.listen("-H", self.address, "-H", "tcp://127.0.0.1:0",
                        "--name", "web", "--name", "admin", "--user", "nobody",
                        "--", *PYTHON, support.ACTIVATED, "wait")
        got = json.loads(support.wait_until(
            lambda: p.out.endswith(b"\n") and p.out, "the command"))
        self.assertEqual(got["pid"], p.pid)
        self.assertEqual(got["fds"], [0, 1, 2, 3, 4])
        self.assertEqual(got["environment"].pop("LISTEN_PIDFDID", None),
                         support.pidfdid(p.pid))
        self.assertEqual(got["environment"], {
            "LISTEN_PID": str(p.pid), "LISTEN_FDS": "2",
            "LISTEN_FDNAMES": "web:admin"})
        self.assertEqual(os.listdir(f"/proc/{p.pid}/task"), [str(p.pid)])
        self.assertEqual(got["ids"], [NOBODY.pw_uid] * 3 + [NOBODY.pw_gid] * 3)

    def test_usage(self):
        for words in (("--user", "no-such-user"), ("--user", ""),
                      ("--user", "4294967295"), ("--user", "-1"),
                      ("--user", "nobody", "--primary-group", "no-such-group"),
                      ("--user", "nobody", "--supplementary-groups", "4,"),
                      ("--user", "nobody", "--supplementary-groups", "4,x y"),
                      ("--primary-group", "4"),
                      ("--supplementary-groups", "4")):
            with self.subTest(words):
                self.launch(*words, status=2)
        for option in (("--no-new-privs",), ("--user", "nobody")):
            self.expect(sbind("listen", *option, self.address), 2, out="",
                        err="are for a command")
        self.assertEqual(self.names(), [])     # nothing was opened


class Privileges(LauncherCase):
    def test_no_capability_is_left_not_even_an_ambient_one(self):
        cat = ("cat", "/proc/self/status")
        careless = status_of(self.expect(support.run(
            *CAPABLE, *PYTHON, CARELESS, *cat), 0).out.decode())
        self.assertNotEqual(int(careless["CapAmb"][0], 16), 0,
                            "this test cannot fail any more")
        self.assertNotEqual(int(careless["CapEff"][0], 16), 0)

        status = self.status("--user", "nobody", before=CAPABLE)
        self.is_nothing_but(status, NOBODY.pw_uid, NOBODY.pw_gid,
                            set(os.getgrouplist("nobody", NOBODY.pw_gid)))

    def test_nor_one_that_setuid_is_told_to_keep(self):
        status = self.status("--user", "nobody", before=(
            *CAPABLE, "--securebits", "+no_setuid_fixup"))
        self.is_nothing_but(status, NOBODY.pw_uid, NOBODY.pw_gid,
                            set(os.getgrouplist("nobody", NOBODY.pw_gid)))

    def test_there_is_no_way_back_to_root(self):
        ways = (*PYTHON, WAYS_BACK)
        self.assertEqual(self.launch(command=ways).split(), [
            "setegid", "seteuid", "setgid", "setgroups", "setresuid",
            "setreuid", "setuid"])
        self.assertEqual(self.launch("--user", "nobody", command=ways), "\n")
        self.assertEqual(self.launch("--user", "nobody", before=CAPABLE,
                                     command=ways), "\n")

    def test_no_new_privs(self):
        for options in ((), ("--user", "nobody")):
            for more in ((), ("--no-new-privs",)):
                status = self.status(*options, *more)
                self.assertEqual(status["NoNewPrivs"], [str(len(more))])

    def test_a_set_user_id_program_is_of_no_use_without_new_privileges(self):
        program = self.path("su-id")
        shutil.copy(shutil.which("id"), program)
        os.chmod(program, 0o4755)
        command = (program, "-u")
        words = ("--user", "nobody")
        if self.launch(*words, command=command) != "0\n":
            support.lacking("/tmp allows no set-user-id programs")
        self.assertEqual(self.launch(*words, "--no-new-privs",
                                     command=command), f"{NOBODY.pw_uid}\n")

    def test_the_order_is_safe(self):
        """The order of steps: sockets first, groups before ids, a check that there is
        no way back, and only then the program."""
        lines = support.trace(
            "bind,listen,keyctl,setgroups,setresgid,setresuid,capset,prctl,"
            "execve",
            SBIND, "listen", "-H", self.address, "--user", str(STRANGER),
            "--primary-group", "77", "--no-new-privs", "--", "/bin/true",
            directory=self.directory)
        own = [line for line in lines[1:] if "PR_CAPBSET_READ" not in line]
        first = [line.split("(")[0] for line in own]
        self.assertEqual(first[:12], [
            "bind", "listen", "keyctl", "keyctl", "setgroups", "setresgid", "setresuid", "capset",
            "setresuid", "prctl", "prctl", "execve"], lines)
        wanted = ("setgroups(0, ", "setresgid(77, 77, 77)",
                  "setresuid({0}, {0}, {0})".format(STRANGER),
                  "capset(", "setresuid(-1, 0, -1)",
                  "prctl(PR_SET_NO_NEW_PRIVS, 1", "prctl(PR_GET_NO_NEW_PRIVS")
        for line, begin in zip(own[4:], wanted):
            self.assertTrue(line.startswith(begin), (line, begin))
        self.assertIn("= -1 EPERM", own[8])


class Unprivileged(LauncherCase):
    """A process without capabilities can only keep its user. For any other user, the error says
    which capability is missing."""

    NOBODY = ("setpriv", "--reuid=65534", "--regid=65534")

    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o1777)

    def refused(self, before, call, hint, *options):
        done = support.run(*before, SBIND, "listen", "-H", self.address,
                           *options, "--", "echo", "it runs",
                           env=support.environment(asan="detect_leaks=0"))
        self.expect(done, 111, out="", err=f"^sbind: {call}: Operation not "
                    f"permitted\n  hint: {hint}\n$")
        self.assertEqual(self.names(), [])

    def test_the_user_that_one_is_already(self):
        """The primary group gives the same rights whether or not it is also among the
        supplementary groups."""
        for groups in ("--clear-groups", "--groups=65534"):
            for options in ((), ("--supplementary-groups", "")):
                status = self.status("--user", "nobody", *options,
                                     before=(*self.NOBODY, groups))
                self.assertEqual(status["Uid"], [str(NOBODY.pw_uid)] * 4)
                self.assertEqual(status["Gid"], [str(NOBODY.pw_gid)] * 4)
        for given in ("4,5", "5,4", "65534,5,4"):
            status = self.status("--user", "nobody", "--supplementary-groups",
                                 given, before=(*self.NOBODY, "--groups=5,4"))
            self.is_nothing_but(status, NOBODY.pw_uid, NOBODY.pw_gid, [4, 5])

    def test_other_groups_need_a_capability(self):
        hint = ("this process has other groups than that user; to change them "
                "needs CAP_SETGID")
        for own, options in (("4", ()),
                             ("4", ("--supplementary-groups", "5")),
                             ("4", ("--supplementary-groups", "4,5")),
                             ("4,5", ("--supplementary-groups", "5"))):
            self.refused((*self.NOBODY, f"--groups={own}"), "setgroups", hint,
                         "--user", "nobody", *options)
        self.refused((*self.NOBODY, "--clear-groups"), "setgroups", hint,
                     "--user", "root", "--supplementary-groups", "4")

    def test_another_group_and_another_user_need_a_capability(self):
        nobody = (*self.NOBODY, "--clear-groups")
        none = ("--supplementary-groups", "")
        self.refused(nobody, "setresgid", "to change the group needs CAP_SETGID",
                     "--user", "nobody", "--primary-group", "4", *none)
        self.refused(nobody, "setresuid", "to become another user needs "
                     "CAP_SETUID", "--user", "root", "--primary-group",
                     "65534", *none)
        self.refused((*nobody, "--inh-caps", "-all,+setuid", "--ambient-caps",
                      "-all,+setuid"), "setresgid",
                     "to change the group needs CAP_SETGID",
                     "--user", "nobody", "--primary-group", "4", *none)
        self.refused((*nobody, "--inh-caps", "-all,+setgid", "--ambient-caps",
                      "-all,+setgid"), "setresuid",
                     "to become another user needs CAP_SETUID",
                     "--user", "root", "--primary-group", "65534", *none)

    def test_a_user_namespace(self):
        """The user namespace has one user, and does not allow groups to be changed."""
        support.requires("unshare")
        inside = ("setpriv", "--clear-groups", "unshare", "--user",
                  "--map-root-user")
        if support.run(*inside, "true").status != 0:
            support.lacking("no user namespace can be made here")
        self.refused(inside, "setgroups", "the user namespace of this process, "
                     "or a filter, forbids it", "--user", "root",
                     "--supplementary-groups", "4")
        done = support.run(*inside, SBIND, "listen", "-H", self.address,
                           "--user", "nobody", "--primary-group", "0",
                           "--supplementary-groups", "", "--", "true")
        self.expect(done, 111, err="^sbind: setresuid: Invalid argument\n"
                    "  hint: the user namespace of this process lacks that id")


class Inherited(LauncherCase):
    """What the command must not inherit from the shell that starts the launcher."""

    def setUp(self):
        super().setUp()
        support.requires("setsid")

    # ---- the session keyring

    def test_a_key_of_the_session_cannot_be_read(self):
        more = {"before": (*PYTHON, WITH_KEY), "command": (*PYTHON, READ_KEY)}
        self.assertEqual(self.launch(**more), "the same\nsecret\n")
        for user in ("nobody", "root"):
            self.assertEqual(self.launch("--user", user, status=1, **more),
                             "another\n")

    def test_a_system_that_forbids_keyrings(self):
        """A system call filter that stays for ever: the command cannot make these calls
        either."""
        support.requires("strace")
        for error in ("ENOSYS", "EPERM"):
            self.launch("--user", "nobody", command=("true",), before=(
                "strace", "-f", "-qq", "-o", "/dev/null", "-e",
                "inject=keyctl:error=" + error))

    # ---- the terminal

    def in_terminal(self, *options, before=(), command=(*PYTHON, TYPE)):
        """A shell leads a session on a terminal. It runs sbind listen, and then reads a line.
        Returns what shell and command print."""
        master, slave = os.openpty()
        self.addCleanup(os.close, master)
        with open(slave, "rb", buffering=0) as terminal:
            p = self.start(
                "setsid", "--ctty", "sh", "-c",
                '"$@"; echo "status $?"; read -r line; echo "read $line"',
                "sh", *before, SBIND, "listen", "-H", "tcp://127.0.0.1:0",
                *options, "--", *command, stdin=terminal,
                env=support.environment(asan="detect_leaks=0"))
        return p, master

    def says(self, p, master):
        support.wait_until(lambda: b"status" in p.out, "the command to end")
        os.write(master, b"ours\n")
        done = p.wait()
        return done.out.decode().split("\n")[:-1], done.err.decode()

    def test_the_command_cannot_type_for_the_shell(self):
        with contextlib.suppress(OSError):
            with open("/proc/sys/dev/tty/legacy_tiocsti") as file:
                if file.read() == "0\n":
                    support.unavailable("this kernel has no TIOCSTI")
        out, _ = self.says(*self.in_terminal(command=(
            *PYTHON, CARELESS, *PYTHON, TYPE)))
        self.assertEqual(out, ["terminal", "typed", "status 0", "read evil"],
                         "this test cannot fail any more")
        for user in ("nobody", "root"):
            out, err = self.says(*self.in_terminal(
                "--user", user, before=("setpriv", "--bounding-set",
                                        "-sys_admin", "--inh-caps",
                                        "-sys_admin")))
            self.assertEqual(out, ["ENXIO", "EPERM", "status 0",
                                   "read ours"], (user, err))

    def test_a_terminal_that_dev_lacks(self):
        """In a container there may be no /dev/tty. Then standard input or standard
        error is the terminal."""
        support.requires("strace")
        for stream, words in ((0, '"$@"'), (2, '"$@" 2>&0 </dev/null')):
            typing = TYPE.replace("ioctl(0,", f"ioctl({stream},")
            for error in ("ENOENT", "ENODEV", "EACCES", "EPERM"):
                out, err = self.says(*self.in_terminal(
                    "--user", "nobody", command=(*PYTHON, typing), before=(
                        "sh", "-c", words, "sh", "strace", "-f", "-qq", "-o",
                        "/dev/null", "-P", "/dev/tty", "-e",
                        "inject=open,openat:error=" + error)))
                self.assertEqual(out, [error, "EPERM", "status 0",
                                       "read ours"], (stream, err))

    def test_control_c_still_ends_the_command(self):
        p, master = self.in_terminal("--user", "nobody", command=(
            "sh", "-c", "echo $$; exec sleep 60"))
        pid = int(support.wait_until(
            lambda: b"\n" in p.out and p.out, "the command"))
        os.write(master, b"\x03")
        p.wait()
        support.wait_until(lambda: not os.path.exists(f"/proc/{pid}"),
                           "the command to end")

    def test_a_session_leader_keeps_its_terminal(self):
        """Afterwards no other program of the session may read from the terminal. To give up the
        terminal would end the session."""
        master, slave = os.openpty()
        self.addCleanup(os.close, master)
        with open(slave, "rb", buffering=0) as terminal:
            p = self.start("setsid", "--ctty", SBIND, "listen", "-H",
                           "tcp://127.0.0.1:0", "--user", "nobody", "--",
                           *PYTHON, TYPE, stdin=terminal)
        self.assertEqual(p.wait().out.split(b"\n")[0], b"terminal", p.err)

    def test_a_terminal_that_cannot_be_given_up(self):
        support.requires("strace")
        for fault, text in (
                ("ioctl:error=EIO", "ioctl TIOCNOTTY: " + support.says("Input/output error")),
                ("ioctl:retval=0", "ioctl TIOCNOTTY: no error, and no effect"),
                ("open,openat:error=EMFILE -P /dev/tty",
                 "open /dev/tty: " + support.says("Too many open files"))):
            fault, *where = fault.split()
            out, err = self.says(*self.in_terminal(
                "--user", "nobody", before=(
                    "strace", "-f", "-qq", "-o", "/dev/null", *where, "-e",
                    "inject=" + fault)))
            self.assertEqual(out, ["status 111", "read ours"], fault)
            self.assertIn(f"sbind: {text}\n", err)


class Failing(LauncherCase):
    """If a step fails, or succeeds without effect, the status is 111, and the command does not
    run. The socket file is removed, although only root could remove it."""
    words = ("--user", "nobody", "--no-new-privs")

    def fails(self, inject, err, before=()):
        support.requires("strace")
        with self.subTest(inject, before=before):
            done = support.run(
                *before, "strace", "-f", "-qq", "-o", "/dev/null", "-e",
                "inject=" + inject, SBIND, "listen", "-H", self.address, "-H",
                "tcp://127.0.0.1:0", *self.words, "--", "echo", "it runs",
                env=support.environment(asan="detect_leaks=0"),
                extra_groups=[4])
            self.expect(done, 111, out="", err=err)
            self.assertEqual(self.names(), [])

    def test_a_call_that_is_refused(self):
        for call, error, text in (
                ("setgroups", "EPERM", "Operation not permitted"),
                ("setgroups", "ENOMEM", support.says("Cannot allocate memory")),
                ("setresgid", "EPERM", "Operation not permitted"),
                ("setresuid", "EAGAIN", "Resource temporarily unavailable"),
                ("capset", "EPERM", "Operation not permitted"),
                ("keyctl", "EDQUOT", "Disk quota exceeded"),
                ("prctl", "EINVAL", "Invalid argument")):
            self.fails(f"{call}:error={error}",
                       rf"^sbind: {call}(\(PR_SET_NO_NEW_PRIVS\))?: {text}\n"
                       r"(  hint: the user namespace .*\n)?$")

    def test_a_call_that_lies(self):
        for call in ("setgroups", "setresgid", "setresuid", "keyctl",
                     "prctl"):
            self.fails(f"{call}:retval=0",
                       rf"^sbind: {call}(\(PR_SET_NO_NEW_PRIVS\))?: no error, "
                       r"and no effect\n$")
        self.fails("capset:retval=0", "^sbind: capset: no error, and no effect",
                   before=CAPABLE)

    def test_what_cannot_be_verified_has_no_effect(self):
        for fault, step in (("getgroups:error=EIO", "setgroups"),
                            ("getgroups:error=EIO:when=2", "setgroups"),
                            ("getresgid:error=EIO", "setresgid"),
                            ("getresuid:error=EIO", "setresuid"),
                            ("capget:error=EIO", "capset")):
            self.fails(fault, f"^sbind: {step}: no error, and no effect")

    def test_each_id_has_to_be_the_users(self):
        """A process has a real, an effective and a saved id. In this test the system says that one
        of these three ids is still root's."""
        for which in ("uid", "gid"):
            for number in (1, 2, 3):
                self.fails(f"getres{which}:poke_exit=@arg{number}=00000000",
                           f"^sbind: setres{which}: no error, and no effect")

    def test_a_command_that_cannot_be_prepared(self):
        self.fails("dup2:error=EBUSY", "^sbind: dup2: Device or resource busy")
        self.fails("clone3,clone:error=EAGAIN",
                   "^sbind: pthread_create: Resource temporarily unavailable")

    def test_no_room_for_descriptors(self):
        """The error names the soft limit, and not the hard one. There are two cases. The limit
        leaves no number above the passed descriptors, or it leaves some, and all of them are
        taken."""
        for most, sockets, error in ((4, 1, "Invalid argument"),
                                     (6, 2, support.says("Too many open files"))):
            words = ("-H", "tcp://127.0.0.1:0") * sockets
            done = support.run(SBIND, "listen", *words, "--", "echo",
                               "it runs", preexec_fn=lambda most=most:
                               resource.setrlimit(resource.RLIMIT_NOFILE,
                                                  (most, most + 1)))
            self.expect(done, 111, out="", err="^sbind: fcntl "
                        rf"F_DUPFD_CLOEXEC: {error}; at most {most} " +
                        re.escape("descriptors can be open (RLIMIT_NOFILE, "
                                  "ulimit -n)\n") + "$")

    def test_no_room_for_their_places(self):
        """Two sockets are passed to sbind under numbers above the limit. The command expects them
        as 3 and 4, but the limit allows only 3."""
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            fds = [fcntl.fcntl(s, fcntl.F_DUPFD_CLOEXEC, 20) for _ in "ab"]
        for fd in fds:
            self.addCleanup(os.close, fd)
        done = support.run(
            SBIND, "listen", *(f"-Hfd://{fd}" for fd in fds), "--", "echo",
            "it runs", pass_fds=fds, preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_NOFILE, (4, 5)),
            env=support.environment(asan="detect_leaks=0")) # takes descriptors
        self.expect(done, 111, out="", err="^sbind: dup2: Bad file descriptor; "
                    r"at most 4 descriptors can be open \(RLIMIT_NOFILE, ")

    def test_a_way_back(self):
        self.fails("setresuid:retval=0:when=2",
                   "sbind: setresuid: there is a way back to root")

    def test_a_command_that_cannot_be_run(self):
        for command, status, error in (
                (self.path("none"), 127, "No such file"),
                (self.write("text", "no program"), 126, "Permission denied")):
            done = support.run(SBIND, "listen", "-H", self.address,
                               *self.words, "--", command)
            self.expect(done, status, out="", err=f"^sbind: {command}: {error}")
            self.assertFalse(os.path.lexists(self.path("s")))


# ---- Daemons ----------------------------------------------------------------

class Network:
    """A network of the test's own. It exists until close(), or until the end of this process."""

    def __init__(self):
        support.requires("unshare", "nsenter", "ip")
        self.popen = subprocess.Popen(
            ("unshare", "-n", "--", "sh", "-c",
             "ip link set lo up && echo up && exec cat"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.up = self.popen.stdout.readline() == b"up\n"
        self.enter = ("nsenter", "-t", str(self.popen.pid), "-n", "--")

    def close(self):
        self.popen.communicate()


class Daemons(LauncherCase):
    """Daemons that serve on port 80 of a network of the test's own, and never as root."""

    def setUp(self):
        super().setUp()
        support.requires("curl")
        support.requires_ipv6()
        self.where = ("tcp://127.0.0.1:80", "tcp://[::1]:80", self.address)
        self.network = Network()
        self.addCleanup(self.network.close)
        if not self.network.up:
            support.lacking("no network of its own can be made here")

    def program(self, name):
        """A copy of the program that other users can reach, wherever the build directory is."""
        return shutil.copy(example(name), self.path(name))

    def started(self, daemon, *user, where=None):
        """Starts the daemon on the addresses, as this user."""
        words = [w for address in where or self.where
                 for w in ("-H", address)]
        p = self.start(*self.network.enter, SBIND, "listen", "-v", *words,
                       "--name", "web", "--no-new-privs", "--user", *user,
                       "--", *daemon.command,
                       env=support.environment(**daemon.variables))
        p.listening(len(words) // 2)
        return p

    def is_unprivileged(self, p, uid, gid, least):
        groups = (set(os.getgrouplist("nobody", gid)) if uid == NOBODY.pw_uid
                  else [])
        family = support.wait_until(
            lambda: len(support.family(p.pid)) >= least
            and support.family(p.pid), f"{least} processes of {p.argv}")
        for pid in family:
            with open(f"/proc/{pid}/status") as file:
                status = status_of(file.read())
            self.is_nothing_but(status, uid, gid, groups)
            self.assertEqual(status["NoNewPrivs"], ["1"])
            self.assertEqual(os.stat(f"/proc/{pid}").st_uid, uid)

    def serves(self, daemon, user=("nobody",), uid=NOBODY.pw_uid,
               gid=NOBODY.pw_gid, where=None):
        p = self.started(daemon, *user, where=where)
        for address in where or self.where:
            with self.subTest(address):
                done = support.curl(address, within=self.network.enter)
                self.assertEqual(done.out, daemon.page, (done, p.err))
        self.is_unprivileged(p, uid, gid, daemon.processes)
        p.kill(signal.SIGTERM)

    def test_nobody_may_listen_on_port_80(self):
        """If this user could listen on port 80, the rest of the test would prove nothing."""
        done = support.run(
            *self.network.enter, "setpriv", "--reuid=65534", "--regid=65534",
            "--clear-groups", self.program("web_server"), "-H", self.where[0],
            env=support.environment(asan="detect_leaks=0"))
        self.expect(done, 1, err="bind: EACCES")

    def test_the_example_web_server(self):
        server = self.program("web_server")
        self.serves(Daemon(server, "-H", "fd://*", page=PAGE))
        self.serves(Daemon(server, "-H", "fd://web", page=PAGE),
                    (str(STRANGER), "--primary-group", "77"), STRANGER, 77)

    def test_gunicorn(self):
        self.serves(daemons.gunicorn(self))

    def test_uvicorn(self):
        for address in self.where:           # it takes one socket
            self.serves(daemons.uvicorn(self), where=[address])

    def test_haproxy(self):
        self.serves(daemons.haproxy(self))


if __name__ == "__main__":
    support.main()
