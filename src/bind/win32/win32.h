/* win32.h - what the files of Windows share: errors, handles, sockets */
#ifndef SBIND_BIND_WIN32_WIN32_H
#define SBIND_BIND_WIN32_WIN32_H

/* winsock2.h comes before windows.h, which would bring the old one */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <windows.h>

#include <stdbool.h>

#include "../deadline.h"
#include "../family.h"

/* The error of a Win32 or Winsock call that has just failed: its name and
 * GetLastError, which WSAGetLastError is as well. The status is SBIND_SYSTEM
 * or the one that the error means. */
sbind_status sbind__fail_win32(const char *call, sbind_error *reterr);

/* The same, as this status. */
sbind_status sbind__fail_win32_as(sbind_status status, const char *call,
                                  sbind_error *reterr);

/* The same, of this error, for calls that return theirs. */
sbind_status sbind__fail_code(const char *call, DWORD code,
                              sbind_error *reterr);

/* Both close what there is, NULL and INVALID_HANDLE_VALUE being nothing, and
 * leave GetLastError as it was. */
void sbind__close_handle(HANDLE handle);
void sbind__close_socket(SOCKET s);

/* Calls off what has not ended, and waits until the system no longer uses
 * *overlapped. */
void sbind__end_overlapped(HANDLE handle, OVERLAPPED *overlapped);

/* ---- Sockets (win32/socket.c, win32/accept.c) ------------------------------ */

sbind_status sbind__start_winsock(sbind_error *reterr);

/* A stream socket that no child process inherits. */
sbind_status sbind__new_winsock(int family, SOCKET *ret, sbind_error *reterr);

sbind_status sbind__set_winsock_option(SOCKET s, int level, int name, int value,
                                       const char *call, sbind_error *reterr);

sbind_status sbind__set_winsock_buffers(SOCKET s, int receive, int send,
                                        sbind_error *reterr);

/* SBIND_AS_INHERITED means blocking: nothing is inherited here. */
sbind_status sbind__set_winsock_blocking(SOCKET s, sbind_blocking blocking,
                                         sbind_error *reterr);

/* Connects, by the deadline, a socket that is then non-blocking. */
sbind_status sbind__connect_winsock(SOCKET s, const struct sockaddr *sa,
                                    int length, const sbind__deadline *deadline,
                                    sbind_error *reterr);

/* The connection is as "blocking" says; whether to wait for one, the listener. */
sbind_status sbind__accept_socket(const sbind_listener *listener,
                                  sbind_blocking blocking, sbind_stream *ret,
                                  sbind_error *reterr);

/* ---- Pipes (win32/pipe.c) --------------------------------------------------- */

/* \\SERVER\pipe\NAME in UTF-16. */
#define SBIND__PIPE_PATH_MAX (SBIND_PIPE_MAX + 1)
sbind_status sbind__pipe_path(const sbind_address *address,
                              wchar_t ret[SBIND__PIPE_PATH_MAX],
                              sbind_error *reterr);

sbind_status sbind__accept_pipe(const sbind_listener *listener,
                                sbind_stream *ret, sbind_error *reterr);
void sbind__close_pipe(const sbind_listener *listener);

/* ---- Who may use a pipe (win32/security.c) ---------------------------------- */

/* A security descriptor whose owner is this process's user, to be freed with
 * LocalFree; SBIND_BAD_OPTION for one that has another owner, is not protected
 * or lets clients be servers. */
sbind_status sbind__pipe_security(const char *sddl, PSECURITY_DESCRIPTOR *ret,
                                  sbind_error *reterr);

/* Whether the other end of a client's pipe is the one the options ask for. */
sbind_status sbind__check_server(HANDLE pipe, const sbind_connect_options *o,
                                 sbind_error *reterr);

/* The end of the first of "parts" equal parts of the time left until *whole. */
sbind__deadline sbind__deadline_share(const sbind__deadline *whole,
                                      size_t parts);

#endif
