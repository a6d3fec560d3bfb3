/* rename.h - renameat2, which musl 1.2.3 and glibc before 2.28 do not have */
#ifndef SBIND_BIND_POSIX_RENAME_H
#define SBIND_BIND_POSIX_RENAME_H

/* The flags, under the kernel's numbers. */
#define SBIND__NOREPLACE 1U
#define SBIND__EXCHANGE 2U

/* The name of the call in errors. */
#ifdef __APPLE__
#define SBIND__RENAME "renameatx_np"
#else
#define SBIND__RENAME "renameat2"
#endif

/* Like renameat2(2). ENOSYS if the kernel does not have the call, or the
 * headers at compile time did not (Linux 3.15). */
int sbind__renameat2(int from_directory, const char *from, int to_directory,
                     const char *to, unsigned flags);

#endif
