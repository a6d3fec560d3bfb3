#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does the adapter keep to the protocol of SPEC.md 7 in every octet?"""
import json
import random
import select
import subprocess

import support

BAD_REQUEST = b'{"ok":false,"error":"bad-request"}\n'
U64 = 18446744073709551615


def ask(requests):
    """Gives lines to the adapter, without their newlines. Returns the answers."""
    done = support.sbind("adapter", input=b"".join(r + b"\n"
                                                   for r in requests))
    assert done.status == 0 and done.err == b"", done
    return done.out.splitlines(keepends=True)


def hex_of(octets):
    return octets.hex() if octets else "-"


def parse(text):
    octets = text if isinstance(text, bytes) else text.encode()
    return f"parse {hex_of(octets)}".encode()


def accepted(canonical, address):
    octets = canonical if isinstance(canonical, bytes) else canonical.encode()
    return ('{"ok":true,"canonical":"%s","address":%s}\n'
            % (octets.hex(), address)).encode()


def value(text):
    return "unset" if text is None else hex_of(text)


def activation(pid, fds, names, pidfdid=None, self_pid=7, self_pidfdid=0,
               limit=1021):
    return " ".join(["activation", value(pid), value(fds), value(names),
                     value(pidfdid), str(self_pid), str(self_pidfdid),
                     str(limit)]).encode()


class Octets(support.Case):
    def test_an_address_that_is_refused(self):
        done = self.expect(support.sbind(
            "adapter", input=b"parse 7463703a2f2f3132372e313a3830\n"), 0,
            err="")
        self.assertEqual(
            done.out, b'{"ok":false,"error":"numeric-host","offset":11}\n')

    def test_every_form_of_address(self):
        wanted = [
            ("tcp://", "tcp://", '{"scheme":"tcp","host":{"type":"default"}}'),
            ("tcp://127.0.0.1:8080", "tcp://127.0.0.1:8080",
             '{"scheme":"tcp","host":{"type":"ipv4","value":"127.0.0.1"},'
             '"port":8080}'),
            ("tcp://[FE80:0:0:0:0:0:0:1%eth0]:80", "tcp://[fe80::1%eth0]:80",
             '{"scheme":"tcp","host":{"type":"ipv6","value":"fe80::1",'
             '"zone":"eth0"},"port":80}'),
            ("tcp://[::1]:0", "tcp://[::1]:0",
             '{"scheme":"tcp","host":{"type":"ipv6","value":"::1"},"port":0}'),
            ("tcp://LocalHost:80", "tcp://localhost:80",
             '{"scheme":"tcp","host":{"type":"name","value":"localhost"},'
             '"port":80}'),
            ("tcp://*:80", "tcp://*:80",
             '{"scheme":"tcp","host":{"type":"any"},"port":80}'),
            (b"unix:///r/\xff", b"unix:///r/\xff",
             '{"scheme":"unix","type":"path","octets":"2f722fff"}'),
            ("unix://@a\"b", "unix://@a\"b",
             '{"scheme":"unix","type":"abstract","octets":"612262"}'),
            ("fd://", "fd://", '{"scheme":"fd","type":"single"}'),
            ("fd://*", "fd://*", '{"scheme":"fd","type":"all"}'),
            ("fd://2147483647", "fd://2147483647",
             '{"scheme":"fd","type":"number","value":2147483647}'),
            ("fd://web", "fd://web",
             '{"scheme":"fd","type":"name","value":"web"}'),
            ("fd://\\a\"", "fd://\\a\"",
             '{"scheme":"fd","type":"name","value":"\\\\a\\""}'),
            ("npipe://A", "npipe://A",
             '{"scheme":"npipe","server":".","name":"41"}'),
            ("\\\\SRV\\Pipe\\a\\B", "npipe:////srv/pipe/a/B",
             '{"scheme":"npipe","server":"srv","name":"615c42"}'),
        ]
        answers = ask([parse(text) for text, *_ in wanted])
        for (text, canonical, address), answer in zip(wanted, answers):
            with self.subTest(text):
                self.assertEqual(answer, accepted(canonical, address))
                json.loads(answer)

    def test_every_form_of_activation(self):
        wanted = [
            (activation(b"7", b"2", b"a:b"),
             b'{"ok":true,"outcome":"passed","count":2,"names":["61","62"]}'),
            (activation(b"7", b"2", None),
             b'{"ok":true,"outcome":"passed","count":2,"names":[]}'),
            (activation(b"7", b"1", b""),
             b'{"ok":true,"outcome":"passed","count":1,"names":[""]}'),
            (activation(b"7", b"3", b"a::a"),
             b'{"ok":true,"outcome":"passed","count":3,'
             b'"names":["61","","61"]}'),
            (activation(None, b"1", None), b'{"ok":true,"outcome":"none"}'),
            (activation(b"7", None, b"a"), b'{"ok":true,"outcome":"none"}'),
            (activation(b"8", b"1", None),
             b'{"ok":true,"outcome":"other-process"}'),
            (activation(b"7", b"1", None, b"5", 7, 6),
             b'{"ok":true,"outcome":"other-process"}'),
            (activation(b"7", b"1", None, b"x", 7, 0),
             b'{"ok":true,"outcome":"passed","count":1,"names":[]}'),
            (activation(b"7", b"1", None, str(U64).encode(), 7, U64),
             b'{"ok":true,"outcome":"passed","count":1,"names":[]}'),
            (activation(b"07", b"1", None),
             b'{"ok":false,"error":"bad-listen-pid","variable":"LISTEN_PID",'
             b'"offset":0}'),
            (activation(b"7", b"1", None, b"5x", 7, 6),
             b'{"ok":false,"error":"bad-listen-pidfdid",'
             b'"variable":"LISTEN_PIDFDID","offset":1}'),
            (activation(b"7", b"1 ", None),
             b'{"ok":false,"error":"bad-listen-fds","variable":"LISTEN_FDS",'
             b'"offset":1}'),
            (activation(b"7", b"1022", None),
             b'{"ok":false,"error":"too-many-fds","variable":"LISTEN_FDS",'
             b'"offset":4}'),
            (activation(b"7", b"1", b"a\n"),
             b'{"ok":false,"error":"bad-listen-fdnames",'
             b'"variable":"LISTEN_FDNAMES","offset":1}'),
            (activation(b"7", b"1", b"a:b"),
             b'{"ok":false,"error":"fdnames-count",'
             b'"variable":"LISTEN_FDNAMES","offset":3}'),
        ]
        answers = ask([request for request, _ in wanted])
        for (request, answer), got in zip(wanted, answers):
            with self.subTest(request):
                self.assertEqual(got, answer + b"\n")

    def test_the_empty_string_is_a_dash(self):
        empty = b'{"ok":false,"error":"unexpected-end","offset":0}\n'
        self.assertEqual(ask([b"parse -"]), [empty])

    def test_hexadecimal_digits_of_either_case(self):
        lower = b"npipe://\xc3\xaf\xe2\x80\xaf".hex()
        both = ask([b"parse " + lower.encode(),
                    b"parse " + lower.upper().encode(),
                    b"parse " + lower.swapcase().encode()])
        self.assertEqual(len(set(both)), 1)
        self.assertIn(lower.encode(), both[0])

    def test_a_nul_in_an_address_is_an_octet(self):
        self.assertEqual(
            ask([parse(b"fd://3\0")]),
            [b'{"ok":false,"error":"bad-fd","offset":6}\n'])


class Requests(support.Case):
    def test_what_is_no_request_is_answered_and_ends_nothing(self):
        good = b"parse 66643a2f2f33"
        wanted = accepted("fd://3", '{"scheme":"fd","type":"number",'
                          '"value":3}')
        right = activation(b"7", b"1", None).decode().split(" ")

        def with_field(i, text):
            return " ".join(right[:i] + [text] + right[i + 1:]).encode()

        bad = [
            b"", b" ", b"parse", b"parse ", b" parse 66", b"parse 66 ",
            b"parse  66", b"parse 6", b"parse 666", b"parse 6g", b"parse --",
            b"parse -66", b"parse 66-", b"parse 0x66", b"parse unset",
            b"PARSE 66", b"parse\t66", b"parse 66\r", b"parse 66 66",
            b"parse 66\x00", b"parse 66\x00 66", b"\x00", b"\xff\xfe",
            b"pars 66", b"activation", b"activation -", b"explain 66",
            " ".join(right[:-1]).encode(), " ".join(right + ["1"]).encode(),
            " ".join(right + [""]).encode(), " ".join(right + ["1"] * 9)
            .encode(), with_field(1, "0"), with_field(2, "UNSET"),
            with_field(3, ""), with_field(4, "zz"), with_field(5, ""),
            with_field(5, "-1"), with_field(5, "+1"), with_field(5, "1x"),
            with_field(5, "2147483648"), with_field(6, "-"),
            with_field(6, str(U64 + 1)), with_field(6, "9" * 40),
            with_field(7, "4294967296"), with_field(7, "unset"),
            with_field(7, " 1"), with_field(7, "1.0"), with_field(7, "0x10"),
        ]
        requests = [line for one in bad for line in (one, good)]
        answers = ask(requests)
        self.assertEqual(len(answers), len(requests))
        for request, answer in zip(requests, answers):
            with self.subTest(request):
                self.assertEqual(
                    answer, wanted if request == good else BAD_REQUEST)

    def test_the_largest_numbers_are_in_range(self):
        request = activation(b"2147483647", b"1", None, None, 2147483647, U64,
                             4294967295)
        self.assertEqual(
            ask([request]),
            [b'{"ok":true,"outcome":"passed","count":1,"names":[]}\n'])

    def test_the_last_line_may_lack_its_newline(self):
        for request, wanted in ((b"parse -", b"unexpected-end"),
                                (b"parse 6", b"bad-request")):
            done = self.expect(support.sbind("adapter", input=request), 0)
            self.assertEqual(done.out.count(b"\n"), 1)
            self.assertIn(wanted, done.out)

    def test_no_request_no_answer(self):
        self.expect(support.sbind("adapter"), 0, out="", err="")

    def test_a_very_long_line_is_one_request(self):
        answers = ask([b"parse " + b"61" * 500_000, b"x" * 1_000_000,
                       b"parse -"])
        self.assertEqual(answers[1:], [
            BAD_REQUEST, b'{"ok":false,"error":"unexpected-end","offset":0}\n'])
        self.assertIn(b'"unknown-scheme","offset":0', answers[0])

    def test_each_answer_is_flushed_before_the_next_request(self):
        p = subprocess.Popen((support.SBIND, "adapter"), bufsize=0,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             env=support.environment())
        try:
            for i in range(200):
                request = parse(f"fd://{i}") if i % 2 else b"nonsense"
                p.stdin.write(request + b"\n")
                ready, _, _ = select.select([p.stdout], [], [], support.WAIT)
                self.assertTrue(ready, "no answer came")
                answer = p.stdout.read(4096)
                self.assertEqual(answer.count(b"\n"), 1)
                self.assertIn(f'"value":{i}}}'.encode() if i % 2
                              else b"bad-request", answer)
            p.stdin.close()
            self.assertEqual(p.stdout.read(), b"")
            self.assertEqual(p.wait(support.WAIT), 0)
        finally:
            p.kill()
            p.wait()
            p.stdin.close()
            p.stdout.close()

    def test_50000_random_lines_are_answered(self):
        seed = random.SystemRandom().randrange(1 << 32)
        chance = random.Random(seed)
        prefixes = [b"tcp://", b"tcp://[", b"unix://", b"unix://@", b"fd://",
                    b"npipe://", b"npipe:////", b"\\\\.\\pipe\\", b""]
        alphabet = bytes(b"0123456789abfx:./\\@%*[]-_ \x00\xc3\xa9pipe")

        def octets(most):
            n = chance.randrange(most)
            return (bytes(chance.choices(alphabet, k=n))
                    if chance.random() < .8 else chance.randbytes(n))

        def line(i):
            if i % 3 == 0:
                return chance.randbytes(chance.randrange(40))
            if i % 3 == 1:
                return parse(chance.choice(prefixes) + octets(24))
            return activation(*(chance.choice((None, b"7", b"1", b"2",
                                               octets(12)))
                                for _ in range(4)), 7,
                              chance.choice((0, 1, U64)))

        lines = [line(i).replace(b"\n", b"\r") for i in range(50_000)]
        answers = ask(lines)
        self.assertEqual(len(answers), len(lines), f"seed {seed}")
        canonical = set()
        for request, answer in zip(lines, answers):
            got = json.loads(answer)
            if "canonical" in got:
                canonical.add(got["canonical"])
            elif "offset" in got and request.startswith(b"parse "):
                self.assertLessEqual(2 * got["offset"],
                                     len(request) - len("parse "),
                                     f"seed {seed}: {request}")
        self.assertGreater(len(canonical), 1000)
        for text, answer in zip(canonical, ask([b"parse " + text.encode()
                                                for text in canonical])):
            self.assertEqual(json.loads(answer).get("canonical"), text)


if __name__ == "__main__":
    support.main()
