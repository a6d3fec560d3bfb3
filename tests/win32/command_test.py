#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""sbind.exe: every subcommand, and what it refuses."""
import json
import socket
import struct
import subprocess

import support

OCTETS = bytes(range(256)) * 2000 # with newlines, ends of text and NULs


class Command(support.Case):
    def sbind(self, *argv, **more):
        return self.run_program(*support.sbind(*argv), **more)

    def test_parse(self):
        done = self.expect(self.sbind(
            "parse", r"\\.\pipe\app", "npipe://\u00e4",
            env=support.system.environment(LC_ALL="C.UTF-8")), 0, err="")
        self.assertEqual(done.out.decode(),
                         "npipe://app\n  scheme  npipe\n  server  .\n"
                         "  name    app\nnpipe://\\xc3\\xa4\n  scheme  npipe\n"
                         "  server  .\n  name    \\xc3\\xa4\n")

    def test_explain(self):
        for text, *wanted in (
                ("tcp://", "the program's default address; sbind listen has "
                 "none"),
                ("tcp://localhost:80", 'getaddrinfo("localhost"), then listens '
                 "on each answer, or on none"),
                ("tcp://[fe80::1%eth0]:0",
                 "listens on this IPv6 address alone",
                 'if_nametoindex("eth0"): the zone has to be an interface',
                 "WSASocketW(AF_INET6, SOCK_STREAM, WSA_FLAG_NO_HANDLE_INHERIT)",
                 "setsockopt(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1): nobody takes "
                 "the port", "setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)",
                 "ioctlsocket(FIONBIO, 1)", "bind(fe80::1, port 0)",
                 "listen(4096)", "port 0: the system chooses a free port"),
                ("tcp://*:80", "one socket for IPv6 and IPv4 on every address; "
                 "for IPv4 alone if", "this machine has no IPv6",
                 "WSASocketW(AF_INET6, SOCK_STREAM, WSA_FLAG_NO_HANDLE_INHERIT)",
                 "setsockopt(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1): nobody takes "
                 "the port", "setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0)",
                 "ioctlsocket(FIONBIO, 1)", "bind(::, port 80)",
                 "listen(4096)"),
                ("unix:///x", "a socket file of Windows 10 or later, with the "
                 "access list of its", "directory, which is refused if others "
                 "can write in it",
                 "WSASocketW(AF_UNIX, SOCK_STREAM, WSA_FLAG_NO_HANDLE_INHERIT)",
                 'CreateFileW(".X.sbind", FILE_FLAG_DELETE_ON_CLOSE): the lock '
                 "of the", "  name X, as long as the listener exists",
                 "bind(); if there is a socket of this user that refuses "
                 "connections,", "  that is removed, and bind() again",
                 "listen(4096)"),
                ("unix://@x", "only Linux has abstract sockets; refused on "
                 "this platform"),
                ("npipe://x",
                 "CreateNamedPipeW(PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED |",
                 "  FILE_FLAG_FIRST_PIPE_INSTANCE, PIPE_TYPE_BYTE |",
                 "  PIPE_REJECT_REMOTE_CLIENTS, PIPE_UNLIMITED_INSTANCES)",
                 "  refuses if the name is taken; no child inherits it",
                 "this user owns the pipe; only this user and SYSTEM may "
                 "connect or serve:", "  D:P(A;;GA;;;SY)(A;;GA;;;OW)",
                 "if this process is elevated, this user may connect, and only "
                 "SYSTEM and", "administrators may serve:",
                 "  D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;0x12019b;;;OW)",
                 "three more instances, so that four clients can wait; another "
                 "for each", "that is accepted, so that the name never "
                 "vanishes", "ConnectNamedPipe() on each"),
                ("npipe:////srv/pipe/x", "a pipe of another machine can only "
                 "be connected to"),
                ("fd://", "for service managers of Unix; refused on this "
                 "platform")):
            with self.subTest(text):
                done = self.expect(self.sbind("explain", text), 0, err="")
                lines = [line for line in done.out.decode().splitlines()[1:]
                         if "polic" not in line]
                self.assertEqual(lines, ["  " + line for line in wanted])

    def test_the_system_is_not_looked_at(self):
        done = self.expect(self.sbind("explain", "--here", "tcp://*:80"), 2,
                           out=b"")
        self.assertEqual(done.err.decode(),
                         "sbind explain: there is no --here on Windows\n"
                         "Try: sbind explain --help\n")

    def test_json(self):
        done = self.expect(self.sbind("explain", "--json", "npipe://\u00e4", env=
                                      support.system.environment(
                                          LC_ALL="C.UTF-8")), 0, err="")
        answer = json.loads(done.out)
        self.assertEqual((answer["text"], answer["refused"],
                          answer["policies"]),
                         ("npipe://\u00e4", False, {"portable": "not-portable"}))
        done = self.expect(self.sbind("help", "--json"), 0, err="")
        self.assertEqual(json.loads(done.out)["subcommands"][0]["name"], "parse")

    def test_explain_tells_the_directories_of_within(self):
        for path, refused, within in (
                ("D:/run/x", None, "D:/run"), ("D:/x", None, "D:/"),
                ("/run/x", "not-within", None),
                ("D:/run/x:y", "not-within", None)):
            done = self.expect(self.sbind("explain", "--json",
                                          "unix://" + path), 0, err="")
            answer = json.loads(done.out)
            self.assertEqual((answer["policies"].get("within"),
                              answer["within"]), (refused, within), path)

    def test_parse_reports_the_place(self):
        self.expect(self.sbind("parse", "tcp://127.0.0.1:65536"), 1, out=b"",
                    err=r"\n {22}\^\n")

    def test_check(self):
        self.expect(self.sbind("check", "--local-pipe", "npipe://x",
                               "npipe:////srv/pipe/x"), 1,
                    out=b"npipe://x\n", err="remote-pipe")

    def test_explanations_are_80_columns_wide(self):
        done = self.expect(self.sbind("explain", "npipe://x", "tcp://*:80",
                                      "unix:///x", "fd://"), 0, err="")
        self.assertTrue(all(len(line) <= 80 for line in done.out.splitlines()))

    def test_adapter_has_no_carriage_returns(self):
        self.expect(self.sbind("adapter", input=b"parse 00\nparse 0a\n\n"), 0,
                    out=b'{"ok":false,"error":"unknown-scheme","offset":0}\n'
                        b'{"ok":false,"error":"unknown-scheme","offset":0}\n'
                        b'{"ok":false,"error":"bad-request"}\n')

    def copies(self, address):
        """Copies octets of every value through listen and connect, in both
        directions."""
        with open(self.write("octets", OCTETS), "rb") as octets:
            server = self.start(*support.sbind("listen", address),
                                stdin=octets)
        where = server.listening()[0]
        client = self.sbind("connect", where, input=OCTETS)
        self.assertEqual(client.status, 0, client.err)
        served = server.wait()
        self.assertEqual(served.status, 0, served.err)
        self.assertTrue(client.out == OCTETS and served.out == OCTETS)

    def test_a_pipe(self):
        self.copies("npipe://command")

    def test_tcp(self):
        self.copies("tcp://127.0.0.1:0")

    def test_a_connection_that_is_reset_is_no_success(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            p = self.start(*support.sbind(
                "connect", f"tcp://127.0.0.1:{server.getsockname()[1]}"),
                stdin=subprocess.PIPE)
            self.addCleanup(p.popen.stdin.close)
            server.settimeout(support.system.WAIT)
            connection, _ = server.accept()
            connection.sendall(b"part")
            support.system.wait_until(lambda: p.out == b"part", "the part")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  struct.pack("ii", 1, 0))
            connection.close()
        self.expect(p.wait(), 111, out="part", err="^sbind: copying: the connection ended before everything was copied\n\\Z")

    def test_what_is_refused(self):
        for argv, status, words in (
                (("listen", "fd://"), 111, "unsupported"),
                (("connect", "fd://3"), 111, "unsupported"),
                (("listen", "unix://@x"), 111, "unsupported"),
                (("connect", "npipe://nobody"), 111, "no server listens on this pipe"),
                (("connect", "--device", "eth0", "tcp://localhost:1"), 2,
                 "option-not-applicable"),
                (("connect", "npipe:////srv/pipe/x"), 1, "remote-pipe"),
                (("listen", "npipe:////srv/pipe/x"), 111, "unusable-address"),
                (("listen", "--pipe-sddl", "D:(A;;GA;;;OW)", "npipe://x"), 2,
                 "protected list"),
                (("listen", "--pipe-sddl", "D:P", "tcp://127.0.0.1:0"), 2,
                 "option-not-applicable"),
                (("listen", "--user", "x", "-H", "npipe://x", "--", "cmd"), 2,
                 "sbind listen: there is no --user on Windows\n"),
                *((("listen", *words, "-H", "npipe://x", "--", "cmd"), 2,
                   f"sbind listen: there is no {words[0]} on Windows\n")
                  for words in (
                      ("--accept",), ("--inetd",), ("--lazy",),
                      ("--print-address",), ("--ready-fd", "3"),
                      ("--setenv", "A=b"))),
                *((("listen", option, "1", "--accept", "-H", address, "--",
                    "cmd"), 2, "sbind listen: there is no --accept on Windows"
                   "\n") for option, address in (
                       ("--max-connections", "npipe://x"),
                       ("--max-connections-per-user", "unix://x"),
                       ("--max-connections-per-address", "tcp://[::1]:0"))),
                (("listen", "--owner", "x", "unix://x"), 2,
                 "option-not-applicable"),
                (("listen", "-H", "npipe://x", "--", "cmd"), 111,
                 "sbind: on Windows no sockets can be passed to a command; leave it "
                 "out to serve one client\n")):
            self.expect(self.sbind(*argv), status, out=b"", err=words)

    def test_host(self):
        self.expect(self.sbind("connect", env=support.system.environment(
            HOST="npipe://\u00e4/", LC_ALL="C.UTF-8")), 1, out=b"",
            err=r"npipe://\\xc3\\xa4/\n(?s:.*)variable HOST")

    def test_checking_the_server(self):
        server = self.start(*support.sbind("listen", "npipe://command"))
        server.listening()
        self.expect(self.sbind("connect", "--pipe-owner", "S-1-5-18",
                               "npipe://command"), 111, err="wrong-server")


if __name__ == "__main__":
    support.main()
