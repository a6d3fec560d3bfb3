#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does each row of the table "Why" in README say what happens? The test runs the other
programs, and sbind. The first line of a test's docstring is the first cell of its
row."""
import os
import re
import socket
import stat

import support

SUN_PATH = 108
NGINX = """daemon off; master_process off; pid {0}/pid; error_log {0}/log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {0}/1; proxy_temp_path {0}/2; fastcgi_temp_path {0}/3;
    uwsgi_temp_path {0}/4; scgi_temp_path {0}/5;
    server {{ listen {1}; }}
}}
"""
HAPROXY = "defaults\n mode http\n timeout client 1s\nfrontend f\n bind {}\n"


def accepts(host, port):
    """Whether a connection can be made within a second."""
    try:
        socket.create_connection((host, port), 1).close()
        return True
    except OSError:
        return False


class Why(support.Case):
    def program(self, *argv, **more):
        support.requires(argv[0])
        return self.start(*argv, **more)

    def nginx(self, listen):
        os.chmod(self.directory, 0o755)
        conf = self.write("nginx.conf", NGINX.format(self.directory, listen))
        return self.program("nginx", "-p", self.directory, "-c", conf,
                            cwd=self.directory)

    def haproxy(self, bind):
        return self.program("haproxy", "-f",
                            self.write("haproxy.cfg", HAPROXY.format(bind)))

    def gunicorn(self, bind, **more):
        self.write("app.py", "def app(e, s): s('200 OK', []); return [b'x']\n")
        return self.program("gunicorn", "--bind", bind, "app:app", cwd=self.directory,
                            **more)

    def becomes_socket(self, path):
        support.wait_until(lambda: os.path.exists(path) and
                           stat.S_ISSOCK(os.lstat(path).st_mode),
                           "the file is not replaced by a socket")

    def test_port(self):
        """port 4294975376"""
        wraps = support.free_port()
        for start in (self.haproxy, lambda a: self.program(
                "socat", "TCP-LISTEN:%s,bind=%s,reuseaddr" % (a.split(":")[1], a.split(":")[0]),
                "PIPE")):
            p = start(f"127.0.0.1:{2**32 + wraps}")
            support.wait_until(lambda: accepts("127.0.0.1", wraps), "no listener")
            p.kill()
        self.assertEqual(2**32 + 8080, 4294975376)
        self.refused("tcp://127.0.0.1:4294975376", "port-range")

    def test_host(self):
        """host `127.0.0.010`"""
        port = support.free_port()
        for start, host in (
                (lambda: self.nginx(f"127.0.0.010:{port}"), "127.0.0.10"),
                (lambda: self.haproxy(f"127.0.0.010:{port}"), "127.0.0.8"),
                (lambda: self.program("socat", f"TCP-LISTEN:{port},"
                                      "bind=127.0.0.010,reuseaddr", "PIPE"),
                 "127.0.0.8")):
            p = start()
            support.wait_until(lambda: accepts(host, port), "no listener")
            p.kill()
        self.refused("tcp://127.0.0.010:80", "numeric-host")

    def test_file(self):
        """a regular file is at the path"""
        for name, argv in (
                ("a", ("systemd-socket-activate", "-l", "{}", "cat")),
                ("b", ("socat", "UNIX-LISTEN:{},unlink-early", "PIPE"))):
            path = self.write(name, "precious\n")
            p = self.program(*(word.format(path) for word in argv))
            self.becomes_socket(path)
            p.kill()
        path = self.write("c", "precious\n")
        p = self.haproxy("unix@" + path)
        self.becomes_socket(path)
        p.kill()
        path = self.write("d", "precious\n")
        self.fails("unix://" + path, "path-occupied")
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious\n")

    def test_server(self):
        """another server listens at the path"""
        for name, start in (
                ("a", lambda path: self.gunicorn("unix:" + path)),
                ("b", lambda path: self.program(
                    "systemd-socket-activate", "-l", path, "cat"))):
            path = self.path(name)
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(path)
                server.listen()
                before = os.lstat(path).st_ino
                p = start(path)
                support.wait_until(
                    lambda: os.path.exists(path) and
                    os.lstat(path).st_ino != before, "the name is not taken")
                p.kill()
        path = self.path("c")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            server.listen()
            self.fails("unix://" + path, "address-in-use")

    def test_length(self):
        """a path of 120 octets"""
        path = self.path("n").ljust(120, "n")
        p = self.program("node", "-e", "require('net').createServer().listen("
                         "process.argv[1], () => console.log('listening'))", path)
        support.wait_until(lambda: b"listening" in p.out, "it does not listen")
        self.assertEqual([len(os.path.join(self.directory, name))
                          for name in os.listdir(self.directory)], [SUN_PATH])
        p.kill()
        if support.PORTABLE:            # P15 is weaker
            self.expect(support.sbind("listen", "unix://" + path), 111,
                        err=r"\(path-too-long\)")
            return
        p = self.listen("unix://" + path)
        p.listening()
        self.assertTrue(os.path.exists(path))

    def test_mode(self):
        """no mode is configured"""
        for start, mode in ((lambda path: self.nginx("unix:" + path), 0o666),
                            (lambda path: self.gunicorn("unix:" + path), 0o777)):
            path = self.path(oct(mode))
            p = start(path)
            support.wait_until(lambda: os.path.exists(path) and
                               support.mode_of(path) == mode, "another mode")
            p.kill()
        path = self.path("s")
        p = self.listen("unix://" + path)
        p.listening()
        self.assertEqual(support.mode_of(path), 0o600)

    def test_abstract(self):
        """the address `unix:@app` in nginx"""
        self.nginx("unix:@app")
        path = self.path("@app")
        support.wait_until(lambda: os.path.exists(path) and
                           support.mode_of(path) == 0o666, "no such file")
        name = support.abstract_name(self)
        p = self.listen("unix://@" + name, cwd=self.directory)
        p.listening()
        with open("/proc/net/unix", encoding="utf-8", errors="replace") as file:
            self.assertIn(f" @{name}\n", file.read())
        self.assertFalse(os.path.exists(self.path("@" + name)))

    def test_each_row_is_measured(self):
        """README has exactly the rows that the tests name."""
        text = support.source("README.md").read_text(encoding="utf-8")
        table = re.search(r"^\| case \|.*\n\|---.*\n((?:\|.*\n)+)", text, re.M)[1]
        rows = [row.split(" | ")[0].removeprefix("| ")
                for row in table.splitlines()]
        measured = [getattr(self, name).__doc__ for name in dir(self)
                    if name.startswith("test_") and name != self._testMethodName]
        self.assertEqual(sorted(rows), sorted(measured))

    def refused(self, address, error):
        self.expect(support.sbind("parse", address), 1, out="",
                    err=rf"\({error}\)")

    def fails(self, address, error):
        """Tries to listen."""
        self.expect(support.sbind("listen", "-H", address, "--", "true"), 111,
                    out="", err=rf"\({error}\)")


if __name__ == "__main__":
    support.main()
