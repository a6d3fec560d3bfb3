#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Do sbind listen and sbind connect refuse what sbind check refuses, and do they then
open nothing?

Promises: P50
"""
import os
import re
import socket

import support
from support import SBIND

RULES = (("--absolute",), ("--no-abstract",), ("--loopback",), ("--numeric",),
         ("--local-pipe",), ("--portable",), ("--no-wildcard",),
         ("--passed-only",), ("--no-mptcp",), ("--strict",), ("--within=/nowhere",),
         ("--scheme=tcp",), ("--scheme=unix,fd",), ("--strict", "--loopback"))
ADDRESSES = ("tcp://127.0.0.1:0", "tcp://0.0.0.0:0", "tcp://[::1]:0",
             "tcp://*:0", "tcp://[fe80::1%none]:0", "unix://a/b",
             "unix:///nowhere/b", "unix://@sbind-strict", "fd://", "fd://3",
             "fd://web", "npipe://x", "npipe:////srv/pipe/x")

# The names of the statuses that say that a policy refuses an address.
REFUSALS = set(re.findall(r', 4\d\d, "([^"]+)"', support.source(
    "include/sbind/status.h").read_text()))
assert {"wildcard", "mptcp-not-allowed"} < REFUSALS


def why(done):
    """The name in brackets in the error, or ""."""
    text = done.err.decode()
    return text[text.find("(") + 1:text.find(")")] if "(" in text else ""


class Strict(support.Case):
    def said(self, *argv):
        return support.run(SBIND, *argv, env=support.environment())

    def test_listen_and_connect_refuse_what_check_refuses(self):
        refused = 0
        for rules in RULES:
            for address in ADDRESSES:
                with self.subTest(rules=rules, address=address):
                    wanted = self.said("check", *rules, "--", address)
                    listen = self.said("listen", *rules, "-H", address, "--",
                                       "true")
                    connect = self.said("connect", *rules, address)
                    if wanted.status == 0:
                        self.assertNotIn(why(listen), REFUSALS)
                        self.assertNotIn(why(connect), REFUSALS)
                        continue
                    refused += 1
                    self.assertEqual(listen.status, wanted.status, listen)
                    self.assertEqual(why(listen), why(wanted))
                    self.assertEqual(connect.status, wanted.status, connect)
                    self.assertEqual(why(connect), why(wanted))
        self.assertGreater(refused, 40)

    def test_without_a_rule_it_is_opened(self):
        """Without a rule, the same command lines succeed. Otherwise the test above could not
        fail."""
        for address in ("tcp://0.0.0.0:0", "unix://@sbind-strict"):
            self.expect(self.said("listen", "-H", address, "--", "true"), 0)

    def test_a_name_is_judged_by_what_it_means(self):
        within = self.with_hosts(near=("127.0.0.1",), far=("192.0.2.1",),
                                 any=("0.0.0.0",))
        for name, rule, status in (("near", "--loopback", 0),
                                   ("near", "--no-wildcard", 0),
                                   ("far", "--loopback", 1),
                                   ("any", "--no-wildcard", 1),
                                   ("near", "--numeric", 1)):
            with self.subTest(name=name, rule=rule):
                done = support.run(*within, SBIND, "listen", rule, "-H",
                                   f"tcp://{name}:0", "--", "true",
                                   env=support.environment())
                self.expect(done, status)

    def test_what_is_passed_is_judged_too(self):
        for address, rules, wanted in (
                ("127.0.0.1", ("--strict",), ""),
                ("127.0.0.1", ("--loopback", "--scheme=fd"), ""),
                ("0.0.0.0", ("--strict",), "wildcard"),
                ("0.0.0.0", ("--loopback",), "not-loopback")):
            with self.subTest(address=address, rules=rules), \
                    socket.socket() as s:
                s.bind((address, 0))
                s.listen()
                done = support.run(
                    "sh", "-c", 'eval "exec 3<&$1"; shift; LISTEN_PID=$$ '
                    'LISTEN_FDS=1 exec "$@"', "sh", str(s.fileno()), SBIND,
                    "listen", *rules, "-H", "fd://3", "--", "true",
                    pass_fds=(s.fileno(),), env=support.environment())
                self.assertEqual(why(done), wanted, done)
                self.assertEqual(done.status, 1 if wanted else 0, done)

    def test_a_descriptor_that_was_not_passed(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            fd = s.fileno()
            for rules, status in (((), 0), (("--passed-only",), 1)):
                done = support.run(SBIND, "listen", *rules, "-H", f"fd://{fd}",
                                   "--", "true", pass_fds=(fd,),
                                   env=support.environment())
                self.expect(done, status)

    def test_a_connection_that_was_passed_is_taken(self):
        """Also refuses descriptors that were not passed."""
        for rule in ("--passed-only", "--strict"):
            for number, status in ((3, 0), (4, 1)):
                with self.subTest(rule=rule, number=number):
                    ours, theirs = socket.socketpair()
                    with ours, theirs:
                        ours.sendall(b"hello")
                        ours.shutdown(socket.SHUT_WR)
                        done = support.run(
                            "sh", "-c", 'eval "exec 3<&$1 4<&$1"; shift; '
                            'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh",
                            str(theirs.fileno()), SBIND, "connect", rule,
                            f"fd://{number}", pass_fds=(theirs.fileno(),),
                            env=support.environment())
                        self.expect(done, status,
                                    out="" if status else "hello")
                        self.assertEqual(why(done),
                                         "fd-not-passed" if status else "")

    def test_a_listener_that_was_passed_serves_one_client(self):
        """Runs sbind listen without a command, on a listener that was not passed. sbind refuses
        this."""
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            for number, status in ((3, 0), (4, 1)):
                with self.subTest(number=number), \
                        socket.create_connection(s.getsockname()) as client:
                    client.shutdown(socket.SHUT_WR)
                    done = support.run(
                        "sh", "-c", 'eval "exec 3<&$1 4<&$1"; shift; '
                        'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh",
                        str(s.fileno()), SBIND, "listen", "--passed-only",
                        f"fd://{number}", pass_fds=(s.fileno(),), input=b"hello",
                        env=support.environment())
                    self.expect(done, status)
                    self.assertEqual(client.recv(9) if status == 0 else b"",
                                     b"" if status else b"hello")

    def test_the_directory_is_said(self):
        done = self.said("listen", "--within=/run/app", "unix:///tmp/x")
        self.expect(done, 1, out="", err="  the directory: /run/app\n")
        self.assertFalse(os.path.exists("/tmp/x"))

    def test_a_rule_is_given_once(self):
        for subcommand in ("check", "listen", "connect"):
            for rule in ("--strict", "--within=/run", "--scheme=tcp"):
                done = self.said(subcommand, rule, rule, "tcp://127.0.0.1:1")
                self.expect(done, 2, out="",
                            err=rule.split("=", maxsplit=1)[0] + " is given twice")
            self.expect(self.said(subcommand, "--scheme=x", "tcp://127.0.0.1:1"),
                        2, out="", err="--scheme takes a list of")


if __name__ == "__main__":
    support.main()
