#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A program resolves host names itself. Does the library leave the system's resolver alone? Does it
connect to the IP addresses that the program gives?

Promises: P25
"""
import re
import socket

import support
from support import activated

PROBE = support.peer("answers_probe")
NAME = "tcp://name.invalid"         # RFC 6761 6.4: no resolver knows it
# To resolve a name, glibc reads these files, or asks name servers.
RESOLVING = re.compile(rb"nsswitch|/etc/hosts|resolv\.conf|nscd|htons\(53\)")


class Answers(support.Case):
    def serve(self, address):
        """A port at which every client gets "hello"."""
        p = self.listen("-H", address, "--", *activated("serve"))
        return support.port_of(p.listening()[0])

    def connect(self, port, *answers):
        return support.run(PROBE, f"{NAME}:{port}", *answers)

    def traced(self, port, *answers):
        """Runs the probe as well, and returns the system calls that it made."""
        support.requires("strace")
        log = self.path("strace")
        done = support.run("strace", "-f", "-qq", "-s", "200", "-o", log, PROBE,
                           f"{NAME}:{port}", *answers,
                           env=support.environment(asan="detect_leaks=0"))
        with open(log, "rb") as file:
            return done, file.read()

    def test_the_answers_are_connected_to(self):
        port = self.serve("tcp://127.0.0.1:0")
        for answers in (("127.0.0.1",), ("127.0.0.1", "127.0.0.1"),
                        ("127.0.0.2", "127.0.0.1"), ("::1", "127.0.0.1"),
                        ("0.0.0.0", "224.0.0.1", "127.0.0.1")):
            with self.subTest(answers):
                self.expect(self.connect(port, *answers), 0, out="hello")

    def test_every_answer_that_failed_is_told(self):
        with socket.socket() as s:          # bound, but nobody listens
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
            done = self.connect(port, "127.0.0.1", "127.0.0.1", "0.0.0.0")
        self.expect(done, 1)
        line = done.out.decode()
        self.assertEqual(line.count(f"tcp://127.0.0.1:{port}: connect: "
                                    "ECONNREFUSED"), 1, line)
        self.assertIn(f"tcp://0.0.0.0:{port}: ", line)

    def test_the_resolver_is_not_asked(self):
        port = self.serve("tcp://127.0.0.1:0")
        done, calls = self.traced(port, "127.0.0.1")
        self.expect(done, 0, out="hello")
        self.assertIn(b"connect(", calls)
        self.assertIsNone(RESOLVING.search(calls), calls)

    def test_without_answers_it_is(self):
        """The test above would notice a connection."""
        done, calls = self.traced(1)
        self.expect(done, 1)
        self.assertIn(b"not-resolved", done.out)
        self.assertIsNotNone(RESOLVING.search(calls), calls)


if __name__ == "__main__":
    support.main()
