/* times.h - the times of a file, which macOS has under other names */
#ifndef SBIND_BIND_POSIX_TIMES_H
#define SBIND_BIND_POSIX_TIMES_H

#include <sys/stat.h>

#ifdef __APPLE__
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#endif

#endif
