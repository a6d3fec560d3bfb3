/* calls.h - renames the system calls of src/bind and src/activation, so that
 * they lead to system.c. The compiler includes it before everything else
 * (-include), so that the C library's prototypes are renamed as well. */
#ifndef SBIND_FUZZ_CALLS_H
#define SBIND_FUZZ_CALLS_H

#pragma GCC system_header /* headers that declare these calls */
#undef _FORTIFY_SOURCE    /* makes some of them inline */

#define accept4 fuzz_accept4
#define access fuzz_access
#define bind fuzz_bind
#define chmod fuzz_chmod
#define clock_gettime fuzz_clock_gettime
#define close fuzz_close
#define connect fuzz_connect
#define fchmod fuzz_fchmod
#define fchown fuzz_fchown
#define fchownat fuzz_fchownat
#define fcntl fuzz_fcntl
#define flock fuzz_flock
#define freeaddrinfo fuzz_freeaddrinfo
#define fstat fuzz_fstat
#define fstatat fuzz_fstatat
#define fstatfs fuzz_fstatfs
#define getaddrinfo fuzz_getaddrinfo
#define geteuid fuzz_geteuid
#define getpeername fuzz_getpeername
#define getpid fuzz_getpid
#define getrlimit fuzz_getrlimit
#define getsockname fuzz_getsockname
#define getsockopt fuzz_getsockopt
#define if_indextoname fuzz_if_indextoname
#define if_nametoindex fuzz_if_nametoindex
#define linkat fuzz_linkat
#define listen fuzz_listen
#define lstat fuzz_lstat
#define nanosleep fuzz_nanosleep
#define open fuzz_open
#define openat fuzz_openat
#define poll fuzz_poll
#define pread fuzz_pread
#define pwrite fuzz_pwrite
#define renameat fuzz_renameat
#define secure_getenv fuzz_secure_getenv
#define setsockopt fuzz_setsockopt
#define shutdown fuzz_shutdown
#define socket fuzz_socket
#define syscall fuzz_syscall
#define unlinkat fuzz_unlinkat
#define unsetenv fuzz_unsetenv

#endif
