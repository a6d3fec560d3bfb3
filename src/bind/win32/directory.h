/* directory.h - whether others can replace the files in a directory */
#ifndef SBIND_BIND_WIN32_DIRECTORY_H
#define SBIND_BIND_WIN32_DIRECTORY_H

#include "win32.h"

/* SBIND_UNSAFE_DIRECTORY if the directory of this file belongs to another user
 * than this one, SYSTEM, the administrators and TrustedInstaller, or if its list
 * lets another user remove or rename files that are made in it. */
sbind_status sbind__judge_directory(const wchar_t *file, sbind_error *reterr);

#endif
