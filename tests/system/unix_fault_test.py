#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Socket files on systems that lack something: system calls, /proc, room, or rights.

Promises: P5 P15
"""
import os
import re
import socket

import support
from support import (CHMOD, FRESH, FRESH_ENTRY, PORTABLE, PUBLISH, PYTHON, RENAME,
                     SBIND, SWAPS, PathCase, mode_of, sbind, snapshot)

SECCOMP = support.from_environment("SBIND_SECCOMP")
LONG = "l" * 100                # with any directory too long for sun_path
SET_MODE = CHMOD if PORTABLE else "fchmod"      # the call that sets a usual mode

# A bad starter that does not clean up. The tests have to notice this.
LITTERS = r"""
import os, socket, sys
path = sys.argv[1]
try:
    s = socket.socket(socket.AF_UNIX)
    s.bind(path + ".new")
    s.listen()
    os.link(path + ".new", path, follow_symlinks=False)     # linkat
except OSError as e:
    print(e, file=sys.stderr)
    sys.exit(111)
"""


def refusing(rules, *argv):
    return (SECCOMP, rules, *argv)


class FaultCase(PathCase):
    def listening(self, *options, address=None):
        return (SBIND, "listen", *options, "-H", address or self.address,
                "--", "true")

    def left(self, status, err, *argv, look=snapshot, **more):
        """What has changed in the directory after a refusal."""
        before = look(self.dir)
        self.expect(support.run(*argv, **more), status, err=err)
        after = look(self.dir)
        return {name for name in before.keys() | after.keys()
                if before.get(name) != after.get(name)}

    def fails(self, err, *argv, **more):
        """Requires that this start fails with this error, and that everything is as it
        was."""
        self.assertEqual(self.left(111, err, *argv, **more), set())

    def puts_back(self, err, *argv):
        """Requires that this start fails, and that the stale socket, which was moved aside, gets
        its name back. Only the time of its last change shows that it was moved."""
        self.fails(err, *argv, look=lambda directory: {
            name: facts[:5] + facts[6:]
            for name, facts in snapshot(directory).items()})

    def works(self, *argv, **more):
        self.expect(support.run(*argv, **more), 0, err="")
        self.assertEqual(self.names(self.dir), ["s"])


class OldKernel(FaultCase):
    """System calls that do not exist, or are not allowed."""

    NEW = "renameat2=ENOSYS,openat2=ENOSYS,pidfd_open=ENOSYS,fchmodat2=ENOSYS"

    def test_a_fresh_a_stale_and_a_live_path(self):
        self.works(*refusing(self.NEW, *self.listening()))
        stale = os.lstat(self.sock).st_ino
        self.works(*refusing(self.NEW, *self.listening()))
        self.assertNotEqual(os.lstat(self.sock).st_ino, stale)
        self.hold("--replace")
        self.works(*refusing(self.NEW, *self.listening("--replace")))

    def test_what_a_killed_start_has_left_is_not_in_the_way(self):
        """This holds even without the lock."""
        self.hold()
        if PORTABLE:
            os.mkdir(self.path("d", FRESH_ENTRY), 0o700)
        for name in (FRESH, ".s.sbind-old"):
            support.stale_socket(self.path("d", name))
        self.works(*refusing(self.NEW, *self.listening("--replace")))
        self.assertEqual(self.names(self.dir), ["s"])

    def test_any_other_file_under_the_hidden_name_is_in_the_way(self):
        self.hold()
        self.write("d/.s.sbind-old", "precious")
        self.fails(r"\(path-occupied\)(.|\n)*NAME.sbind-old",
                   *refusing(self.NEW, *self.listening("--replace")))

    def test_a_file_system_that_cannot_swap_names(self):
        rules = "renameat2=EINVAL"
        self.works(*refusing(rules, *self.listening()))
        self.works(*refusing(rules, *self.listening("--mode", "0666"),),
                   umask=0o077)
        self.assertEqual(mode_of(self.sock), 0o666)

    def test_a_file_that_comes_before_the_last_step_is_left_alone(self):
        """On a system that cannot swap names, the file is looked at before its name is
        changed."""
        self.hold()
        p = self.held("connect:entry:2", *refusing(
            self.NEW, SBIND, "listen", "--replace", self.address))
        self.assertTrue(p.is_held)
        os.unlink(self.sock)
        self.write(self.sock, "precious")
        p.go_on()
        self.expect(p.wait(), 111, err="address-in-use")
        self.assertEqual(self.names(self.dir), ["s"])
        with open(self.sock, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")

    def test_it_serves_and_closes(self):
        p = self.start(*refusing(self.NEW, SBIND, "listen", self.address))
        p.listening()
        support.connect(self.address).close()
        self.expect(p.wait(), 0)
        self.assertEqual(self.names(self.dir), [])

    def test_who_listens_is_left_alone(self):
        self.hold()
        self.fails(r"\(address-in-use\)",
                   *refusing(self.NEW, *self.listening()))

    def test_one_call_that_is_refused_for_good(self):
        """A call fails every time. The error names the call, and nothing is left."""
        own = ("mkdirat",) if PORTABLE else ()
        for call in (*own, "socket", SET_MODE, "bind", "listen", "fchownat"):
            for error in ("EPERM", "ENOSYS", "EACCES", "ENOMEM", "EIO"):
                with self.subTest(call, error=error):
                    options = ("--owner", "0") if call == "fchownat" else ()
                    self.fails(rf"{call}: {error}\n", *refusing(
                        f"{call}={error}", *self.listening(*options)))
        # a name that the socket gets after it was bound
        later = self.listening(address=None if PORTABLE else
                               f"unix://{self.dir}/{'l' * 200}")
        for error in ("EPERM", "ENOSPC", "EIO"):
            if RENAME == "renameat2":
                self.fails(rf"renameat2: {error}\n", *refusing(
                    f"renameat2={error}", *later))
            self.fails(rf"linkat: {error}\n", *refusing(
                f"renameat2=ENOSYS,linkat={error}", *later))

    def test_over_a_stale_socket(self):
        support.stale_socket(self.sock)
        # With POSIX only, the stale socket is moved before the new one is bound.
        moved = ("mkdirat", "bind", SET_MODE, PUBLISH) if PORTABLE else ()
        for call in ("connect", "socket", SET_MODE, "bind", RENAME, *moved):
            with self.subTest(call):
                check = self.puts_back if call in moved else self.fails
                check(rf"{call}: EPERM\n", *refusing(
                    f"{call}=EPERM", *self.listening()))
        for rules in ("listen=EPERM", "listen=EPERM,renameat2=ENOSYS"):
            with self.subTest(rules):
                self.puts_back(r"listen: EPERM\n", *refusing(
                    rules, *self.listening()))

    def test_over_a_live_socket(self):
        self.hold()
        for call in (SET_MODE, "listen", RENAME):
            with self.subTest(call):
                self.fails(rf"{call}: EPERM\n", *refusing(
                    f"{call}=EPERM", *self.listening("--replace")))
        support.connect(self.address).close()

    def test_no_locks(self):
        """A lock file that could not be locked is not removed, because another process may have
        locked it."""
        for error in ("ENOLCK", "ENOSYS"):
            self.clear()
            self.assertEqual(
                self.left(111, f"flock: {error}\n", *refusing(
                    f"flock={error}", *self.listening())), {".s.sbind"})
        self.works(*self.listening())

    def test_what_cannot_be_removed_goes_with_the_next_start(self):
        support.stale_socket(self.sock)
        self.expect(support.run(*refusing("unlinkat=EPERM",
                                          *self.listening())), 111,
                    err="unlinkat: EPERM")
        own = [FRESH_ENTRY] if PORTABLE else []     # a directory
        self.assertEqual(self.names(self.dir),
                         [".s.sbind", *own, ".s.sbind-old", "s"])
        self.works(*self.listening())

    def test_this_finds_one_without_clean_up(self):
        self.assertEqual(
            self.left(111, "Errno 1", *refusing("linkat=EPERM", *PYTHON, "-c",
                                         LITTERS, self.sock)),
            {"s.new"})


class MountCase(FaultCase):
    def setUp(self):
        super().setUp()
        support.requires_root()
        support.requires("unshare")
        if support.run("unshare", "-m", "true").status != 0:
            support.unavailable("no mount namespaces")

    def mounted(self, script, *argv):
        """The words that start a program in a mount namespace of its own."""
        return ("unshare", "-m", "sh", "-euc", script + '; exec "$@"', "sh",
                *argv)


class NoProc(MountCase):
    def without(self, *argv):
        """The words that start a program without /proc. A sanitizer needs /proc, so for
        a sanitized program only the part that the library uses is missing."""
        with open(SBIND, "rb") as file:
            hidden = "/proc/$$/task/$$/fd" if b"__asan_init" in file.read() else "/proc"
        return self.mounted("mount -t tmpfs none " + hidden, *argv)

    def test_short_paths_work(self):
        self.works(*self.without(*self.listening()))
        stale = os.lstat(self.sock).st_ino
        self.works(*self.without(*self.listening()))
        self.assertNotEqual(os.lstat(self.sock).st_ino, stale)

    def test_who_listens_is_left_alone(self):
        self.hold()
        self.fails(r"\(address-in-use\)", *self.without(*self.listening()))

    def test_it_serves_and_is_connected_to(self):
        p = self.start(*self.without(SBIND, "listen", self.address))
        p.listening()
        self.expect(support.run(*self.without(SBIND, "connect", self.address),
                                input=b"hello"), 0)
        self.assertEqual(self.expect(p.wait(), 0).out, b"hello")
        self.assertEqual(self.names(self.dir), [])

    def test_long_paths_are_refused_and_never_truncated(self):
        address = "unix://" + self.path("d", LONG, "s")
        os.mkdir(self.path("d", LONG))
        hint = "sun_path" if PORTABLE else "/proc"
        for words in (self.listening(address=address),
                      (SBIND, "connect", address)):
            if words[1] == "connect" and not PORTABLE:
                self.start(SBIND, "listen", address).listening()
            before = self.names(self.path("d", LONG))
            self.assertLessEqual(
                self.left(111, rf"\(path-too-long\)(.|\n)*{hint}",
                          *self.without(*words)), {LONG})   # its mtime
            self.assertEqual(self.names(self.path("d", LONG)), before)

    def test_a_relative_path_to_the_same_file_works(self):
        """Without /proc, a relative path is the remedy for a path that is too long."""
        os.mkdir(self.path("d", LONG))
        p = self.start(*self.without(SBIND, "listen", "unix://s"),
                       cwd=self.path("d", LONG))
        self.assertEqual(p.listening(), ["unix://s"])
        self.assertEqual(self.names(self.path("d", LONG)), ["s"])
        self.expect(support.run(*self.without(SBIND, "connect", "unix://s"),
                                input=b"hello", cwd=self.path("d", LONG)), 0)
        self.assertEqual(self.expect(p.wait(), 0).out, b"hello")

    def test_a_long_stale_path_is_refused(self):
        directory = self.path("d", LONG)
        os.mkdir(directory)
        fd = os.open(directory, os.O_PATH)
        support.stale_socket(f"/proc/self/fd/{fd}/s")
        os.close(fd)
        before = snapshot(directory)
        self.assertLessEqual(self.left(
            111, r"\(path-too-long\)", *self.without(*self.listening(
                address=f"unix://{directory}/s"))), {LONG})   # its mtime
        self.assertEqual(snapshot(directory), before)

    def test_a_mode_that_the_umask_narrows(self):
        argv = self.without(*self.listening("--mode", "0666"))
        done = support.run(*argv, umask=0o077)
        if done.status == 0:
            self.assertEqual(mode_of(self.sock), 0o666)
            self.clear()
        if PORTABLE:                    # where the mode is set by the name
            self.expect(done, 0)
            return
        self.fails(r"fchmodat2: ENOSYS\n(.|\n)*hint: this mode needs /proc, or Linux 6.6",
                   *refusing("fchmodat2=ENOSYS", *argv), umask=0o077)


class NoRoom(MountCase):
    """Socket files on a full file system. The file system is mounted only in a namespace, so the
    files are listed in this namespace, before and after."""

    SHOW = ('show() { for f in $(ls -A $D); do stat -c "%n %i %a %u %s %Y" '
            '$D/$f; done; }; ')

    def changes(self, mount, begin, *argv, clean="true"):
        """The error, the status, and the files before and after."""
        script = (f"D={self.dir}; {self.SHOW} mount -t tmpfs {mount} none $D;"
                  f" {begin}; show; echo -; "
                  '"$@" || echo status $?; echo -; show; ' + clean)
        done = self.expect(support.run("unshare", "-m", "sh", "-euc", script,
                                       "sh", *argv), 0)
        before, status, after = done.out.decode().split("-\n")
        return done.err.decode(), status, before, after

    def full(self, error, inodes, *argv):
        err, status, before, after = self.changes(
            f"-o nr_inodes={inodes},mode=755", "true", *argv)
        self.assertRegex(err, error)
        self.assertEqual((status, before), ("status 111\n", after))

    def test_no_inodes(self):
        long = f"unix://{self.dir}/{'l' * 200}"
        self.full("openat: ENOSPC", 1, *self.listening())
        if PORTABLE:
            for inodes, call in ((2, "mkdirat"), (3, "bind"), (4, PUBLISH)):
                if call != "renameat2":         # which needs no inode
                    self.full(call + ": ENOSPC", inodes, *self.listening())
        else:
            self.full("bind: ENOSPC", 2, *self.listening())
            self.full("linkat: ENOSPC", 3, *refusing(
                "renameat2=ENOSYS", *self.listening(address=long)))
        err, status, _, after = self.changes(
            f"-o nr_inodes={5 if PORTABLE else 3},mode=755", "true",
            *self.listening())
        self.assertEqual((err, status), ("", ""))
        self.assertEqual(len(after.splitlines()), 1)

    def test_closing_when_there_is_no_inode_for_the_lock(self):
        """If there is no room for a lock file, no other process can start either, so
        the file is removed without a lock."""
        close = (f'{SBIND} listen {self.address} & '
                 f'until [ -S {self.sock} ]; do sleep 0.01; done; '
                 f'while touch $D/f$((n=n+1)) 2>/dev/null; do :; done; '
                 f'{SBIND} connect {self.address} </dev/null; wait; '
                 f'rm -f $D/f*')
        err, _, _, after = self.changes("-o nr_inodes=5,mode=755", close,
                                        "true")
        self.assertIn("listening on", err)
        self.assertNotIn("system", err)
        self.assertEqual(after, "")

    def test_a_stale_socket_and_no_inode_for_another(self):
        ours = f"{SBIND} listen -H {self.address} -- true"
        other = ("python3 -c 'import socket; "
                 f"socket.socket(socket.AF_UNIX).bind(\"{self.sock}\")'")
        cases = ((3, "bind", ours), (2, "openat", other))
        if PORTABLE:
            cases = ((4, "bind", other), (3, "mkdirat", other), *cases[1:])
        if PORTABLE and not SWAPS:      # a rename needs no inode, a link does
            cases += ((5, "linkat", ours),)
        for inodes, call, begin in cases:
            err, status, before, after = self.changes(
                f"-o nr_inodes={inodes},mode=755", begin, *self.listening())
            self.assertRegex(err, call + ": ENOSPC")
            self.assertEqual((status, before), ("status 111\n", after))
            self.assertEqual(len(after.splitlines()), 1)

    def test_this_finds_one_without_clean_up(self):
        _, status, before, after = self.changes(
            "-o nr_inodes=2,mode=755", "true", *PYTHON, "-c", LITTERS,
            self.sock)
        self.assertEqual(status, "status 111\n")
        self.assertNotEqual(before, after)

    def test_read_only(self):
        for begin in ("true", f"{SBIND} listen -H {self.address} -- true"):
            err, status, before, after = self.changes(
                "-o mode=755", begin + "; mount -o remount,ro $D",
                *self.listening())
            self.assertRegex(err, "openat: EROFS")
            self.assertEqual((status, before), ("status 111\n", after))


class NoRight(FaultCase):
    def setUp(self):
        super().setUp()
        support.requires_root()

    def attribute(self, change, path):
        support.requires("chattr")
        if support.run("chattr", change, path).status != 0:
            support.unavailable("this file system has no attributes")

    def test_an_immutable_directory(self):
        support.stale_socket(self.path("d", "old"))
        self.attribute("+i", self.dir)
        try:
            for address in (self.address, f"unix://{self.dir}/old"):
                self.fails("openat: EPERM", *self.listening(address=address))
        finally:
            self.attribute("-i", self.dir)

    def test_closing_says_when_the_file_cannot_be_removed(self):
        p = self.listen(self.address)
        p.listening()
        self.attribute("+i", self.dir)
        try:
            support.connect(self.address).close()
            done = p.wait()
        finally:
            self.attribute("-i", self.dir)
        self.assertRegex(done.err.decode(), "openat: EPERM")
        self.works(*self.listening())

    def test_an_immutable_lock_file(self):
        with open(self.lock, "wb"):
            pass
        self.attribute("+i", self.lock)
        try:
            self.fails(r"openat: EPERM(.|\n)*\.NAME\.sbind",
                       *self.listening())
        finally:
            self.attribute("-i", self.lock)

    def test_a_directory_where_we_may_not_write(self):
        os.chmod(self.directory, 0o755)
        os.chmod(self.dir, 0o755)
        self.fails("openat: EACCES", "setpriv", "--reuid=65534",
                   "--regid=65534", "--clear-groups", *self.listening())

    def test_a_file_that_is_there_is_the_better_reason(self):
        """This user may not write to the directory. If a file at the path is a reason
        to refuse as well, the error is about that file."""
        os.chmod(self.directory, 0o755)
        os.chmod(self.dir, 0o755)
        as_nobody = ("setpriv", "--reuid=65534", "--regid=65534",
                     "--clear-groups", *self.listening())
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(self.sock)
            s.listen()
            self.fails(r"\(path-not-ours\)", *as_nobody)
            os.chown(self.sock, support.NOBODY, support.NOBODY)
            self.fails(r"\(address-in-use\)", *as_nobody)
        self.fails("openat: EACCES", *as_nobody)     # it is stale now
        os.unlink(self.sock)
        open(self.sock, "wb").close()
        self.fails(r"\(path-occupied\)", *as_nobody)

    def test_files_of_another_user_that_are_there_first(self):
        """Any user can make files in /tmp. sbind does not take away a name from another user in
        /tmp."""
        os.chmod(self.directory, 0o755)
        os.chmod(self.dir, 0o1777)
        for name, error in (("s", r"\(path-not-ours\)"),
                            (".s.sbind", r"\(path-not-ours\)(.|\n)*\.sbind")):
            with self.subTest(name):
                self.clear()
                if name == ".s.sbind":
                    with open(self.path("d", name), "wb"):
                        pass
                else:
                    support.stale_socket(self.path("d", name))
                os.chown(self.path("d", name), support.NOBODY, support.NOBODY)
                os.chmod(self.path("d", name), 0o666)
                self.fails(error, *self.listening())

    def test_a_file_that_has_a_hidden_name(self):
        for name, options, begin in (
                (".s.sbind-old", (), support.stale_socket),
                (FRESH_ENTRY, ("--replace",), lambda path: self.hold())):
            with self.subTest(name):
                self.clear()
                begin(self.sock)
                with open(self.path("d", name), "wb") as file:
                    file.write(b"precious")
                self.fails(rf"\(path-occupied\)(.|\n)*{name[2:]}",
                           *self.listening(*options))

    def test_a_socket_of_another_user_that_has_a_hidden_name(self):
        os.chmod(self.directory, 0o755)
        os.chmod(self.dir, 0o1777)
        for name in (".s.sbind-old", FRESH_ENTRY):
            support.stale_socket(self.path("d", name))
            os.chown(self.path("d", name), support.NOBODY, support.NOBODY)
        with open(self.lock, "wb"):
            pass
        os.chmod(self.lock, 0o600)
        if PORTABLE:                    # where each start needs that name (P9)
            self.assertEqual(self.left(
                111, r"\(path-occupied\)(.|\n)*NAME.sbind-d",
                *self.listening()), {".s.sbind"})
            return
        p = self.start(SBIND, "listen", self.address)
        p.listening()
        self.assertEqual(self.names(self.dir),
                         [".s.sbind-new", ".s.sbind-old", "s"])


if __name__ == "__main__":
    support.main()
