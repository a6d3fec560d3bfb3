# SPDX-License-Identifier: MIT OR Apache-2.0
"""Daemons of other projects that take listening sockets, and the way in which each daemon is told
about the sockets."""
import os

import support


class Daemon:
    """A daemon. "command" is started with "variables" in its environment. It serves "page" on the
    sockets that it was passed, or speaks another protocol (page=None). "processes" is the number of
    its processes."""

    def __init__(self, *command, page, processes=1, **variables):
        self.command, self.page, self.processes = command, page, processes
        self.variables = variables


def gunicorn(case):
    """It asks LISTEN_PID and LISTEN_FDS."""
    support.requires("gunicorn")
    case.write("app.py", "def app(environ, start):\n"
               "    start('200 OK', [('Content-Type', 'text/plain')])\n"
               "    return [b'from gunicorn']\n")
    # A worker that has just been started misses SIGTERM. gunicorn then waits this long for the
    # worker.
    return Daemon("gunicorn", "--workers", "2", "--worker-tmp-dir", "/tmp",
                  "--graceful-timeout", "1", "--chdir", case.directory,
                  "app:app", page=b"from gunicorn",
                  processes=3, PYTHONDONTWRITEBYTECODE="1",
                  HOME=case.directory)


def uvicorn(case):
    """It takes one socket, by its number."""
    support.requires("uvicorn")
    case.write("app.py", "async def app(scope, receive, send):\n"
               "    await send({'type': 'http.response.start',\n"
               "                'status': 200, 'headers': []})\n"
               "    await send({'type': 'http.response.body',\n"
               "                'body': b'from uvicorn'})\n")
    return Daemon("uvicorn", "--fd", "3", "--lifespan", "off", "--app-dir",
                  case.directory, "app:app", page=b"from uvicorn",
                  PYTHONDONTWRITEBYTECODE="1", HOME=case.directory)


def haproxy(case):
    """haproxy takes three sockets. Their numbers are in its environment."""
    support.requires("haproxy")
    file = case.write("haproxy.cfg", """
        defaults
            mode http
            timeout client 20s
            timeout server 20s
            timeout connect 20s
        frontend web
            bind "fd@${FIRST}"
            bind "fd@${SECOND}"
            bind "fd@${THIRD}"
            http-request return status 200 content-type text/plain \
string "from haproxy"
""")
    return Daemon("haproxy", "-db", "-f", file, page=b"from haproxy",
                  FIRST="3", SECOND="4", THIRD="5")


def socket_proxyd(path, page):
    """It takes every socket, and leads clients to the server on the path."""
    program = "/lib/systemd/systemd-socket-proxyd"
    support.requires(program)
    return Daemon(program, path, page=page)


def nginx(case, path):
    """nginx takes the socket whose number is in NGINX. The name of the socket tells nginx to which
    address of its configuration the socket belongs."""
    support.requires("nginx")
    temporary = "".join(
        f"{kind}_temp_path {case.directory}; "
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    file = case.write("nginx.conf", f"""
        daemon off;
        user root;
        worker_processes 1;
        error_log stderr;
        pid {case.path("nginx.pid")};
        events {{ worker_connections 16; }}
        http {{
            access_log off;
            {temporary}
            server {{
                listen unix:{path};
                return 200 "from nginx";
            }}
        }}
""")
    return Daemon("nginx", "-e", "stderr", "-c", file, page=b"from nginx",
                  processes=2, NGINX="3;")


def dbus(case):
    """A bus that prints its address, which it makes from the socket's name."""
    support.requires("dbus-daemon")
    file = case.write("bus.conf", """
        <!DOCTYPE busconfig PUBLIC
         "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
         "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
        <busconfig>
          <type>session</type>
          <listen>systemd:</listen>
          <policy context="default">
            <allow send_destination="*" eavesdrop="true"/>
            <allow eavesdrop="true"/>
            <allow own="*"/>
          </policy>
        </busconfig>
""".lstrip())
    return Daemon("dbus-daemon", "--nofork", "--nosyslog",
                  "--config-file=" + file, "--print-address=1", page=None)


def gpg_agent(case):
    """It takes the socket with the name "std"."""
    support.requires("gpg-agent")
    os.mkdir(case.path("gnupg"), 0o700)
    return Daemon("gpg-agent", "--homedir", case.path("gnupg"),
                  "--supervised", page=None)


def pipewire(case, path):
    """pipewire searches the passed sockets for one with the right name. If there is none, pipewire
    makes a socket of its own at this path."""
    support.requires("pipewire")
    directory, name = os.path.split(path)
    file = case.write("pipewire.conf", f"""
        context.properties = {{
            core.daemon = true
            core.name = {name}
            support.dbus = false
        }}
        context.spa-libs = {{ support.* = support/libspa-support }}
        context.modules = [
            {{ name = libpipewire-module-protocol-native }}
            {{ name = libpipewire-module-access }}
        ]
""")
    return Daemon("pipewire", "-c", file, page=None,
                  PIPEWIRE_RUNTIME_DIR=directory, PIPEWIRE_REMOTE=name)
