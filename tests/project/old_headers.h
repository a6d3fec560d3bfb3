/* old_headers.h - takes away what the headers of Linux 3.10 and glibc 2.17 do
 * not have. old_headers.sh includes it before each source. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A source may define these. */
#undef CLOSE_RANGE_CLOEXEC
#undef IPPROTO_MPTCP
#undef IPV6_FREEBIND
#undef SO_PASSRIGHTS
#undef SO_PEERPIDFD
#undef SYS_close_range
#undef SYS_fchmodat2
#undef SYS_pidfd_open
#undef SYS_renameat2
#undef TCP_USER_TIMEOUT

/* A source may not even name these. */
#undef RENAME_EXCHANGE
#undef RENAME_NOREPLACE
#undef UDIAG_SHOW_UID
#pragma GCC poison RENAME_EXCHANGE RENAME_NOREPLACE UDIAG_SHOW_UID
#pragma GCC poison INET_DIAG_SKV6ONLY UNIX_DIAG_UID
#pragma GCC poison close_range explicit_bzero getrandom pidfd_open reallocarray
#pragma GCC poison renameat2 statx strerrordesc_np strerrorname_np strlcpy
