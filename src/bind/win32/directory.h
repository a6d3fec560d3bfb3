/* directory.h - whether other users can replace files in a directory */
#ifndef SBIND_BIND_WIN32_DIRECTORY_H
#define SBIND_BIND_WIN32_DIRECTORY_H

#include "win32.h"

/* Checks the directory of this file. SBIND_UNSAFE_DIRECTORY if it belongs to a
 * user other than this one, SYSTEM, the administrators and TrustedInstaller.
 * The same error if its access list lets another user remove or rename files
 * that are made in it. */
sbind_status sbind__judge_directory(const wchar_t *file, sbind_error *reterr);

#endif
