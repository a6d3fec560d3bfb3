/* portable/nature.c - what a descriptor is, found out by calls of POSIX: those for
 * the type, the addresses of both ends, and an option that only TCP has */
#define _XOPEN_SOURCE 700
#include "../posix/nature.h"

#include <errno.h>
#include <string.h>

#include "../net.h"

static sbind_status ask_number(int fd, int name, const char *call, int *ret,
                               sbind_error *reterr)
{
    socklen_t length = sizeof *ret;
    return getsockopt(fd, SOL_SOCKET, name, ret, &length) == 0
               ? SBIND_OK
               : sbind__fail_question(fd, call, reterr);
}

static sbind_status ask_domain(int fd, int *ret, sbind_error *reterr)
{
    struct sockaddr_storage sa;
    socklen_t length = sizeof sa;
    memset(&sa, 0, sizeof sa);
    if (getsockname(fd, (struct sockaddr *)&sa, &length) != 0)
        return sbind__fail_question(fd, "getsockname", reterr);
    *ret = sa.ss_family;
    return SBIND_OK;
}

/* Whether the socket is one of TCP: only TCP has the option TCP_NODELAY. */
static sbind_status ask_tcp(int fd, bool *ret, sbind_error *reterr)
{
    int number = 0;
    socklen_t length = sizeof number;
    *ret = getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &number, &length) == 0;
    return *ret || errno == ENOPROTOOPT || errno == EOPNOTSUPP
               ? SBIND_OK
               : sbind__fail_question(fd, "getsockopt TCP_NODELAY", reterr);
}

sbind_status sbind__ask_nature(int fd, sbind__nature *ret, sbind_error *reterr)
{
    int listening = 0;
    sbind_status s =
        ask_number(fd, SO_TYPE, "getsockopt SO_TYPE", &ret->type, reterr);
    if (s == SBIND_OK)
        s = ask_domain(fd, &ret->domain, reterr);
    ret->is_tcp = false;
    if (s == SBIND_OK && (ret->domain == AF_INET || ret->domain == AF_INET6))
        s = ask_tcp(fd, &ret->is_tcp, reterr);
    if (s == SBIND_OK)
        s = ask_number(fd, SO_ACCEPTCONN, "getsockopt SO_ACCEPTCONN",
                       &listening, reterr);
    ret->is_listening = listening != 0; /* 2 on FreeBSD */
    return s;
}

int sbind__domain_of(int fd)
{
    sbind_error unused;
    int domain = AF_UNSPEC;
    ask_domain(fd, &domain, &unused);
    return domain;
}

/* No call of POSIX tells a socket of Multipath TCP from one of TCP. */
sbind_status sbind__ask_mptcp(int fd, bool *ret, sbind_error *reterr)
{
    (void)fd, (void)reterr;
    *ret = false;
    return SBIND_OK;
}

/* The hash function FNV-1a. */
static uint64_t mix(uint64_t hash, const struct sockaddr_storage *sa)
{
    const unsigned char *octets = (const unsigned char *)sa;
    for (size_t i = 0; i < sizeof *sa; i++)
        hash = (hash ^ octets[i]) * 1099511628211U;
    return hash;
}

/* Identifies a socket by the addresses of its two ends. So two sockets without
 * addresses look the same, and so do two listeners with the same address. */
bool sbind__identify(int fd, uint64_t *ret, const char **ret_call)
{
    struct sockaddr_storage own, peer;
    socklen_t length = sizeof own;
    memset(&own, 0, sizeof own);
    memset(&peer, 0, sizeof peer);
    *ret_call = "getsockname";
    if (getsockname(fd, (struct sockaddr *)&own, &length) != 0)
        return false;
    length = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &length) != 0)
        memset(&peer, 0, sizeof peer);
    *ret = mix(mix(14695981039346656037U, &own), &peer) | 1;
    return true;
}
