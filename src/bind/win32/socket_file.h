/* socket_file.h - the file of a unix socket, and the lock for its name */
#ifndef SBIND_BIND_WIN32_SOCKET_FILE_H
#define SBIND_BIND_WIN32_SOCKET_FILE_H

#include "win32.h"

/* The full path that a relative path means now. */
sbind_status sbind__full_path(const wchar_t *file, wchar_t ret[SBIND_FILE_MAX],
                              sbind_error *reterr);

/* Where the file name begins in a full path: behind the last backslash. */
size_t sbind__name_offset(const wchar_t *file);

/* Locks the name until *ret is closed, or until the process ends. The lock of
 * "X" is the file ".X.sbind" beside it. SBIND_ADDRESS_IN_USE if another process
 * holds the lock. */
sbind_status sbind__lock_name(const wchar_t *file, HANDLE *ret,
                              sbind_error *reterr);

/* Opens the socket file itself, which is a reparse point, so that it can be
 * deleted by its handle. */
sbind_status sbind__open_socket_file(const wchar_t *file, HANDLE *ret,
                                     sbind_error *reterr);
sbind_status sbind__identify_file(HANDLE file, uint64_t *ret_device,
                                  uint64_t *ret_index, sbind_error *reterr);
sbind_status sbind__delete_file(HANDLE file, sbind_error *reterr);

/* Checks an open file. SBIND_PATH_OCCUPIED if it is not a socket,
 * SBIND_PATH_NOT_OURS if it belongs to another user. */
sbind_status sbind__check_own_socket(HANDLE file, sbind_error *reterr);

#endif
