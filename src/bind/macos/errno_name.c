/* macos/errno_name.c - the names of errno, such as ENOENT. The C library has no
 * function for them. */
#include "../errno_name.h"

#include <errno.h>
#include <stddef.h>

#define NAMES(X)                                                               \
    X(EPERM)                                                                   \
    X(ENOENT)                                                                  \
    X(ESRCH)                                                                   \
    X(EINTR)                                                                   \
    X(EIO)                                                                     \
    X(ENXIO)                                                                   \
    X(E2BIG)                                                                   \
    X(ENOEXEC)                                                                 \
    X(EBADF)                                                                   \
    X(ECHILD)                                                                  \
    X(EDEADLK)                                                                 \
    X(ENOMEM)                                                                  \
    X(EACCES)                                                                  \
    X(EFAULT)                                                                  \
    X(ENOTBLK)                                                                 \
    X(EBUSY)                                                                   \
    X(EEXIST)                                                                  \
    X(EXDEV)                                                                   \
    X(ENODEV)                                                                  \
    X(ENOTDIR)                                                                 \
    X(EISDIR)                                                                  \
    X(EINVAL)                                                                  \
    X(ENFILE)                                                                  \
    X(EMFILE)                                                                  \
    X(ENOTTY)                                                                  \
    X(ETXTBSY)                                                                 \
    X(EFBIG)                                                                   \
    X(ENOSPC)                                                                  \
    X(ESPIPE)                                                                  \
    X(EROFS)                                                                   \
    X(EMLINK)                                                                  \
    X(EPIPE)                                                                   \
    X(EDOM)                                                                    \
    X(ERANGE)                                                                  \
    X(EAGAIN)                                                                  \
    X(EINPROGRESS)                                                             \
    X(EALREADY)                                                                \
    X(ENOTSOCK)                                                                \
    X(EDESTADDRREQ)                                                            \
    X(EMSGSIZE)                                                                \
    X(EPROTOTYPE)                                                              \
    X(ENOPROTOOPT)                                                             \
    X(EPROTONOSUPPORT)                                                         \
    X(ESOCKTNOSUPPORT)                                                         \
    X(ENOTSUP)                                                                 \
    X(EPFNOSUPPORT)                                                            \
    X(EAFNOSUPPORT)                                                            \
    X(EADDRINUSE)                                                              \
    X(EADDRNOTAVAIL)                                                           \
    X(ENETDOWN)                                                                \
    X(ENETUNREACH)                                                             \
    X(ENETRESET)                                                               \
    X(ECONNABORTED)                                                            \
    X(ECONNRESET)                                                              \
    X(ENOBUFS)                                                                 \
    X(EISCONN)                                                                 \
    X(ENOTCONN)                                                                \
    X(ESHUTDOWN)                                                               \
    X(ETOOMANYREFS)                                                            \
    X(ETIMEDOUT)                                                               \
    X(ECONNREFUSED)                                                            \
    X(ELOOP)                                                                   \
    X(ENAMETOOLONG)                                                            \
    X(EHOSTDOWN)                                                               \
    X(EHOSTUNREACH)                                                            \
    X(ENOTEMPTY)                                                               \
    X(EPROCLIM)                                                                \
    X(EUSERS)                                                                  \
    X(EDQUOT)                                                                  \
    X(ESTALE)                                                                  \
    X(EREMOTE)                                                                 \
    X(EBADRPC)                                                                 \
    X(ERPCMISMATCH)                                                            \
    X(EPROGUNAVAIL)                                                            \
    X(EPROGMISMATCH)                                                           \
    X(EPROCUNAVAIL)                                                            \
    X(ENOLCK)                                                                  \
    X(ENOSYS)                                                                  \
    X(EFTYPE)                                                                  \
    X(EAUTH)                                                                   \
    X(ENEEDAUTH)                                                               \
    X(EPWROFF)                                                                 \
    X(EDEVERR)                                                                 \
    X(EOVERFLOW)                                                               \
    X(EBADEXEC)                                                                \
    X(EBADARCH)                                                                \
    X(ESHLIBVERS)                                                              \
    X(EBADMACHO)                                                               \
    X(ECANCELED)                                                               \
    X(EIDRM)                                                                   \
    X(ENOMSG)                                                                  \
    X(EILSEQ)                                                                  \
    X(ENOATTR)                                                                 \
    X(EBADMSG)                                                                 \
    X(EMULTIHOP)                                                               \
    X(ENODATA)                                                                 \
    X(ENOLINK)                                                                 \
    X(ENOSR)                                                                   \
    X(ENOSTR)                                                                  \
    X(EPROTO)                                                                  \
    X(ETIME)                                                                   \
    X(EOPNOTSUPP)                                                              \
    X(ENOPOLICY)                                                               \
    X(ENOTRECOVERABLE)                                                         \
    X(EOWNERDEAD)                                                              \
    X(EQFULL)

const char *sbind__errno_name(int error)
{
#define NAME_ROW(name) [name] = #name,
    static const char *const names[] = {[0] = "0", NAMES(NAME_ROW)};
#undef NAME_ROW
    return error >= 0 && (size_t)error < sizeof names / sizeof names[0]
               ? names[error]
               : NULL;
}
