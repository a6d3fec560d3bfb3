/* win32.h - errors, handles and sockets, shared by the files of Windows */
#ifndef SBIND_BIND_WIN32_WIN32_H
#define SBIND_BIND_WIN32_WIN32_H

/* winsock2.h has to come before windows.h, which would include the old
 * version */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <windows.h>

#include <stdbool.h>

#include "../deadline.h"
#include "../family.h"

/* Closes a handle, unless it is NULL or INVALID_HANDLE_VALUE. Leaves
 * GetLastError as it was. */
void sbind__close_handle(HANDLE handle);

/* Cancels the operation if it has not ended, and waits until the system no
 * longer uses *overlapped. */
void sbind__end_overlapped(HANDLE handle, OVERLAPPED *overlapped);

/* ---- Sockets (win32/socket.c, win32/accept.c) ------------------------------ */

sbind_status sbind__start_winsock(sbind_error *reterr);

/* Accepts a connection. "blocking" is about the new connection. Whether the
 * call itself waits depends on the listener. */
sbind_status sbind__accept_socket(const sbind_listener *listener,
                                  sbind_blocking blocking, sbind_stream *ret,
                                  sbind_error *reterr);

/* ---- Pipes (win32/pipe.c, win32/pipe_name.c) -------------------------------- */

/* The rights that a client needs, and no more. GENERIC_WRITE would ask for
 * FILE_CREATE_PIPE_INSTANCE as well, which a careful server does not grant. */
#define SBIND__PIPE_CLIENT_ACCESS                                              \
    (GENERIC_READ | FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES)

/* \\SERVER\pipe\NAME in UTF-16. */
#define SBIND__PIPE_PATH_MAX (SBIND_PIPE_MAX + 1)
sbind_status sbind__pipe_path(const sbind_address *address,
                              wchar_t ret[SBIND__PIPE_PATH_MAX],
                              sbind_error *reterr);

/* Makes the error for a pipe whose first instance could not be made. code is the
 * error of that call. Returns SBIND_ADDRESS_IN_USE, SBIND_PIPE_HELD, or
 * SBIND_SYSTEM if the name is free. */
sbind_status sbind__fail_first_instance(const wchar_t *path, DWORD code,
                                        sbind_error *reterr);

sbind_status sbind__accept_pipe(const sbind_listener *listener,
                                sbind_stream *ret, sbind_error *reterr);
void sbind__close_pipe(const sbind_listener *listener);

/* ---- Who may use a pipe (win32/security.c, win32/pipe_server.c) ------------- */

/* Makes the security descriptor of a pipe. Its owner is this process's user,
 * and the caller frees it with LocalFree. SBIND_BAD_OPTION if the text names
 * another owner, is not protected, or lets clients be servers. */
sbind_status sbind__pipe_security(const char *sddl, PSECURITY_DESCRIPTOR *ret,
                                  sbind_error *reterr);

/* Checks that the server of the pipe has the owner and the process that the
 * options require. */
sbind_status sbind__check_server(HANDLE pipe, const sbind_connect_options *o,
                                 sbind_error *reterr);

/* Makes the error SBIND_BAD_OPTION: "call" could not convert the value of the
 * option. */
sbind_status sbind__fail_conversion(const char *call, const char *option,
                                    sbind_error *reterr);

/* Gets the owner of a pipe: its SID as text, or "" if the pipe has no owner. */
sbind_status sbind__sid_of_owner(HANDLE pipe, char ret[SBIND_SID_MAX],
                                 sbind_error *reterr);

#endif
