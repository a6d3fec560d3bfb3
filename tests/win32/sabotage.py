#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""sabotage.py: mistakes on purpose, and the test that has to catch each.

Each is made in a copy of one file, which is linked before the library so that
it stands for the library's own. The test named beside it has to say FAILED.

Environment: as in support.py; SBIND_CC, the cross compiler.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["SBIND_BUILD"])
WINE = os.environ["SBIND_WINE"].split(";")
CC = os.environ["SBIND_CC"]
LIBRARIES = ["-lssp", "-lws2_32", "-liphlpapi", "-ladvapi32"]

# name, file, what is there, what is there instead, test program, its test
SABOTAGES = [
    ("drop REJECT_REMOTE", "win32/pipe.c",
     "PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT |\n"
     "            PIPE_REJECT_REMOTE_CLIENTS",
     "PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT",
     "calls_test", "remote_clients_are_rejected"),
    ("drop FIRST_INSTANCE", "win32/pipe.c",
     "make_instance(p, FILE_FLAG_FIRST_PIPE_INSTANCE,", "make_instance(p, 0,",
     "calls_test", "the_first_instance_is_the_first"),
    ("names in the code page of the system", "win32/pipe.c",
     "MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS,",
     "MultiByteToWideChar(CP_ACP, 0,",
     "pipe_test", "names_are_utf_8"),
    ("a name that another has is any failure", "win32/pipe.c",
     "(error == ERROR_ACCESS_DENIED || error == ERROR_PIPE_BUSY)", "false",
     "calls_test", "a_name_that_is_taken_is_in_use"),
    ("NULL security descriptor", "win32/pipe.c",
     "{sizeof attributes, p->security, FALSE}",
     "{sizeof attributes, NULL, FALSE}",
     "calls_test", "every_instance_is_protected"),
    ("inheritable handle", "win32/pipe.c",
     "p->security, FALSE}", "p->security, TRUE}",
     "calls_test", "no_instance_is_inherited"),
    ("inheritable handle, seen by the system", "win32/pipe.c",
     "p->security, FALSE}", "p->security, TRUE}",
     "pipe_test", "no_handle_is_inherited"),
    ("missing SQOS", "win32/pipe_client.c",
     "DWORD flags = SECURITY_SQOS_PRESENT;", "DWORD flags = 0;",
     "calls_test", "clients_are_not_impersonated"),
    ("impersonation level", "win32/pipe_client.c",
     "SECURITY_IDENTIFICATION;", "SECURITY_IMPERSONATION;",
     "calls_test", "clients_are_not_impersonated"),
    ("clients ask for GENERIC_WRITE", "win32/pipe_client.c",
     "(GENERIC_READ | FILE_WRITE_DATA", "(GENERIC_READ | GENERIC_WRITE",
     "calls_test", "clients_ask_for_their_rights_only"),
    ("clients may make instances", "win32/security.c",
     "(ace->Mask & ~harmless) == 0", "(ace->Mask & ~harmless & ~4UL) == 0",
     "pipe_test", "clients_cannot_be_given_the_server"),
    ("a list need not be protected", "win32/security.c",
     " || (control & SE_DACL_PROTECTED) == 0", "",
     "pipe_test", "clients_cannot_be_given_the_server"),
    ("no look at other instances", "win32/pipe.c",
     "return instances == 1 ?", "return instances > 0 ?",
     "pipe_test", "a_second_listener_is_refused"),
    ("instances are made when somebody accepts", "win32/pipe.c",
     ("    sbind_status s = SBIND_WOULD_BLOCK;\n    for",
      "    signal_again(p);\n    return s;\n}\n\nstatic sbind_status closed"),
     ("    sbind_status s = SBIND_WOULD_BLOCK;\n"
      "    while (p->count < 1) add_instance(p, 0, reterr);\n    for",
      "    while (s == SBIND_OK && p->count > 0)\n"
      "        end_instance(&p->instances[--p->count]);\n    p->turn = 0;\n"
      "    signal_again(p);\n    return s;\n}\n\nstatic sbind_status closed"),
     "pipe_test", "the_name_never_vanishes"),
    ("another client is forgotten", "win32/pipe.c",
     "            SetEvent(p->ready);", "            (void)p;",
     "pipe_test", "the_event_tells_of_clients"),
    ("closing is not noticed", "win32/pipe.c",
     "    p->closed = true;", "    p->closed = false;",
     "pipe_test", "closing_ends_those_that_wait"),
    ("the system chooses the owner", "win32/security.c",
     ("s == SBIND_OK && owner != NULL) {", "owner != NULL && EqualSid("),
     ("s == SBIND_OK) {", "owner == NULL || EqualSid("),
     "pipe_test", "the_owner_is_the_user"),
    ("the system chooses the owner, seen by the call", "win32/security.c",
     ("s == SBIND_OK && owner != NULL) {", "owner != NULL && EqualSid("),
     ("s == SBIND_OK) {", "owner == NULL || EqualSid("),
     "calls_test", "every_instance_is_protected"),
    ("another may be the owner", "win32/security.c",
     "owner != NULL && EqualSid(owner, own->token.User.Sid)", "owner != NULL",
     "pipe_test", "clients_cannot_be_given_the_server"),
    ("the owner is not looked at", "win32/security.c",
     "!EqualSid(owner, wanted)", "!EqualSid(owner, owner)",
     "pipe_test", "the_server_is_checked"),
    ("a leak when listening fails", "win32/pipe.c",
     "    if (s == SBIND_OK)\n        p->count++;\n    else\n"
     "        sbind__close_handle(i->pipe);",
     "    if (s == SBIND_OK)\n        p->count++;",
     "calls_test", "every_call_of_a_pipe_fails_once"),
    ("SO_REUSEADDR", "win32/tcp.c",
     "SO_EXCLUSIVEADDRUSE, SBIND_ON", "SO_REUSEADDR, SBIND_ON",
     "tcp_test", "a_port_cannot_be_taken"),
    ("neither of both", "win32/tcp.c",
     "SO_EXCLUSIVEADDRUSE, SBIND_ON", "SO_EXCLUSIVEADDRUSE, SBIND_UNSET",
     "calls_test", "ports_are_taken_for_oneself"),
    ("inheritable sockets", "win32/socket.c",
     "WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT", "WSA_FLAG_OVERLAPPED",
     "calls_test", "ports_are_taken_for_oneself"),
    ("connections as accept makes them", "win32/accept.c",
     ("    if (s == SBIND_OK)\n        s = take(listener, &t, blocking, reterr);",
      "    taking t = {.socket = INVALID_SOCKET};"),
     ("    closesocket(t.socket);\n"
      "    t.socket = accept((SOCKET)listener->fd, NULL, NULL);",
      "    taking t = {.socket = INVALID_SOCKET};\n    (void)take;"),
     "tcp_test", "every_kind_of_address"),
    ("connections that are inherited for a moment", "win32/accept.c",
     ("    if (s == SBIND_OK)\n        s = take(listener, &t, blocking, reterr);",
      "    taking t = {.socket = INVALID_SOCKET};"),
     ("    closesocket(t.socket);\n"
      "    t.socket = accept((SOCKET)listener->fd, NULL, NULL);\n"
      "    SetHandleInformation((HANDLE)t.socket, HANDLE_FLAG_INHERIT, 0);",
      "    taking t = {.socket = INVALID_SOCKET};\n    (void)take;"),
     "calls_test", "connections_are_never_inherited"),
    ("connections that could be inherited", "win32/accept.c",
     "        s = take(listener, &t, blocking, reterr);",
     "        SetHandleInformation((HANDLE)t.socket, HANDLE_FLAG_INHERIT,\n"
     "                             HANDLE_FLAG_INHERIT),\n"
     "        s = take(listener, &t, blocking, reterr),\n"
     "        SetHandleInformation((HANDLE)t.socket, HANDLE_FLAG_INHERIT, 0);",
     "calls_test", "connections_are_never_inherited"),
    ("connections with the event of the listener", "win32/accept.c",
     "WSAEventSelect(s, NULL, 0) != 0", "false",
     "calls_test", "connections_have_no_event"),
    ("a look that fails is nobody", "win32/accept.c",
     "        return sbind__fail_win32(\"select\", reterr);",
     "        return sbind__fail(SBIND_WOULD_BLOCK, reterr);",
     "calls_test", "a_look_for_clients_that_fails_is_told"),
    ("a client that is gone in the end is an error", "win32/accept.c",
     "        s = fail(\"AcceptEx\", &why);",
     "        s = sbind__fail_win32(\"AcceptEx\", &why);",
     "calls_test", "a_client_that_is_gone_was_nobody"),
    ("the kind of a socket file's connection", "win32/accept.c",
     "SBIND_TCP_IPV6 : l->kind", "SBIND_TCP_IPV6 : SBIND_TCP_IPV4",
     "calls_test", "every_call_of_a_file_fails_once"),
    ("nobody is ever noticed", "win32/accept.c",
     "return n > 0 ? SBIND_OK", "return n >= 0 ? SBIND_OK",
     "tcp_test", "what_does_not_block_does_not"),
    ("a connection on its way is called off", "win32/accept.c",
     "        WaitForSingleObject(t->ended, 1);",
     "        return sbind__fail(SBIND_WOULD_BLOCK, reterr);",
     "calls_test", "a_connection_on_its_way_is_awaited"),
    ("a success tells why it was called off", "win32/accept.c",
     "await_ours(l, t, &why)", "await_ours(l, t, reterr)",
     "calls_test", "a_connection_called_off_may_come_all_the_same"),
    ("a client that is gone is an error", "win32/accept.c",
     "    case ERROR_SEM_TIMEOUT:\n", "",
     "calls_test", "a_client_that_is_gone_was_nobody"),
    ("a connection that does not know its addresses", "win32/accept.c",
     "SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,", "SOL_SOCKET, SO_KEEPALIVE,",
     "calls_test", "connections_learn_of_their_listener"),
    ("the end of an accept goes to a completion port", "win32/accept.c",
     "(HANDLE)((ULONG_PTR)t->ended | 1)", "t->ended",
     "tcp_test", "a_completion_port_is_not_disturbed"),
    ("V6ONLY left to the system", "win32/tcp.c",
     "a->kind != SBIND_TCP_IPV4)\n        status = sbind__set",
     "a->kind == SBIND_TCP_IPV4)\n        status = sbind__set",
     "calls_test", "ports_are_taken_for_oneself"),
    ("a hint of another failure", "win32/hints.c",
     "\"getaddrinfo\", WSANO_RECOVERY,", "\"getaddrinfo\", WSATRY_AGAIN,",
     "calls_test", "a_name_without_addresses"),
    ("the address not listened on is not told", "win32/tcp.c",
     "    sbind_status s = listen_at(address, o, ret, &error);",
     "    sbind_status s;\n    return listen_at(address, o, ret, reterr);",
     "tcp_test", "errors_name_the_address"),
    ("the address not connected to is not told", "win32/tcp.c",
     "    s = connect_one(address, options, &deadline, ret, &error);",
     "    return connect_one(address, options, &deadline, ret, reterr);",
     "tcp_test", "errors_name_the_address"),
    ("a success leaves what was in vain", "win32/pipe.c",
     "accept_locked(listener, &client, &error);",
     "accept_locked(listener, &client, reterr);",
     "calls_test", "every_call_that_waits_fails_once"),
    ("a file that is gone is an error on success", "win32/unix.c",
     " open_file(listener->file, &file, &error);",
     " open_file(listener->file, &file, reterr); error.os_error = (int)GetLastError();",
     "calls_test", "a_socket_file_may_be_gone"),
    ("a file that cannot be opened stays", "win32/unix.c",
     "        DeleteFileW(ret->file);\n", "",
     "calls_test", "every_call_of_a_file_fails_once"),
    ("a file that nobody listens on stays", "win32/unix.c",
     "        delete_file(file, NULL);", "        (void)0;",
     "calls_test", "every_call_of_a_file_fails_once"),
    ("a relative path is kept as it is", "win32/unix.c",
     "    DWORD length = GetFullPathNameW(path->file, SBIND_FILE_MAX, ret, NULL);",
     "    DWORD length = wcslen(wcscpy(ret, path->file));",
     "calls_test", "a_socket_file_goes_from_any_directory"),
    ("only the file may be gone", "win32/unix.c",
     "e->os_error == ERROR_PATH_NOT_FOUND", "false",
     "calls_test", "its_directory_may_be_gone"),
    ("a full path that does not fit is taken", "win32/unix.c",
     "length >= SBIND_FILE_MAX", "false",
     "calls_test", "a_full_path_is_not_cut_off"),
    ("another's file is removed", "win32/unix.c",
     "index == listener->inode", "true",
     "calls_test", "a_file_of_another_stays"),
]


def edited(directory, file, old, new):
    """A copy with the mistake, which includes what the file itself does."""
    path = SOURCE / "src/bind" / file
    text = path.read_text()
    if isinstance(old, str):
        old, new = (old,), (new,)
    for was, becomes in zip(old, new):
        if text.count(was) != 1:
            raise ValueError("%r is %d times in %s" % (
                was, text.count(was), file))
        text = text.replace(was, becomes)
    made = directory / path.name
    made.write_text(text.replace('#include "', '#include "%s/' % path.parent))
    return made


def compile_to(target, *sources):
    """An object of one source, or a program."""
    whole = () if target.suffix == ".exe" else ("-c",)
    subprocess.run(
        [CC, "-std=c11", "-static", "-w", *whole, "-I", SOURCE / "include",
         *sources, "-o", target, *LIBRARIES], check=True)


def test_object(directory, test):
    """Made once."""
    made = directory / (test + ".o")
    if not made.exists():
        compile_to(made, SOURCE / "tests/win32" / (test + ".c"))
    return made


def is_caught(directory, sabotage):
    _, file, old, new, test, name = sabotage
    program = directory / "sabotaged.exe"
    compile_to(program, edited(directory, file, old, new),
               test_object(directory, test), BUILD / "libsbind.a")
    try:
        done = subprocess.run([*WINE, str(program), name], cwd=directory,
                              capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return True # the test's own time limit would end it
    return done.returncode != 0 and b"FAILED" in done.stdout


def passes(directory, test, name):
    """The test alone, without a mistake: else it would catch anything."""
    program = BUILD / "tests/win32" / (test + ".exe")
    done = subprocess.run([*WINE, str(program), name], cwd=directory,
                          capture_output=True, timeout=60)
    if done.returncode != 0:
        print("FAILS without a mistake: %s of %s" % (name, test))
    return done.returncode == 0


def main():
    wanted = sys.argv[1:]
    # a wine that stays, so that nobody waits for it to start; two that start
    # it at once can wait for each other
    stay = subprocess.Popen([*WINE, str(BUILD / "sbind.exe"), "adapter"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stay.stdin.write(b"parse -\n")
    stay.stdin.flush()
    stay.stdout.readline()
    missed = count = 0
    sound = True
    with tempfile.TemporaryDirectory(prefix="sbind-") as name:
        for test in sorted({(s[4], s[5]) for s in SABOTAGES
                            if not wanted or s[0] in wanted}):
            sound &= passes(name, *test)
        for sabotage in SABOTAGES:
            if wanted and sabotage[0] not in wanted:
                continue
            count += 1
            if is_caught(pathlib.Path(name), sabotage):
                print("caught by %s: %s" % (sabotage[5], sabotage[0]))
            else:
                missed += 1
                print("MISSED by %s: %s" % (sabotage[5], sabotage[0]))
            sys.stdout.flush()
    stay.stdin.close()
    stay.wait()
    print("%d caught, %d missed" % (count - missed, missed))
    return 1 if missed or not sound else 0


if __name__ == "__main__":
    sys.exit(main())
