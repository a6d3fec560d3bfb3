/* resolver.h - a getaddrinfo that knows one host, with the addresses that the
 * test chooses
 *
 * It replaces the system's getaddrinfo in the test that includes this file. */
#ifndef SBIND_TESTS_RESOLVER_H
#define SBIND_TESTS_RESOLVER_H

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "support.h"

static const char *const *answers;       /* canonical addresses, up to a NULL */
static const char *wanted_host = "name"; /* that is asked for */
static int failure;                      /* or the code to fail with */
static int asked, given_back;

static struct addrinfo *answer(const char *text, struct addrinfo *next)
{
    sbind_address a = parsed(text);
    struct addrinfo *info = calloc(1, sizeof *info);
    struct sockaddr_in6 *in6 = calloc(1, sizeof *in6);
    struct sockaddr_in *in = calloc(1, sizeof *in);
    assert_non_null(info);
    info->ai_next = next;
    if (a.kind == SBIND_TCP_IPV6) {
        in6->sin6_family = AF_INET6;
        memcpy(&in6->sin6_addr, a.ip, 16);
        info->ai_addr = (struct sockaddr *)in6;
        info->ai_addrlen = sizeof *in6;
        free(in);
    } else {
        in->sin_family = AF_INET;
        memcpy(&in->sin_addr, a.ip, 4);
        info->ai_addr = (struct sockaddr *)in;
        info->ai_addrlen = sizeof *in;
        free(in6);
    }
    return info;
}

/* Requires the arguments of SPEC.md 5.6: both families, whichever addresses
 * this machine has now, and each address once instead of once for each type of
 * socket. */
static void check_hints(const struct addrinfo *hints)
{
    assert_int_equal(hints->ai_flags, 0);
    assert_int_equal(hints->ai_family, AF_UNSPEC);
    assert_int_equal(hints->ai_socktype, SOCK_STREAM);
    assert_int_equal(hints->ai_protocol, IPPROTO_TCP);
    assert_int_equal(hints->ai_addrlen, 0);
    assert_null(hints->ai_addr);
    assert_null(hints->ai_canonname);
    assert_null(hints->ai_next);
}

static struct addrinfo *answer_list(void)
{
    struct addrinfo *list = NULL;
    size_t n = 0;
    while (answers[n] != NULL)
        n++;
    while (n > 0)
        list = answer(answers[--n], list);
    return list;
}

static void free_list(struct addrinfo *list)
{
    while (list != NULL) {
        struct addrinfo *next = list->ai_next;
        free(list->ai_addr);
        free(list);
        list = next;
    }
}

int getaddrinfo(const char *name, const char *service,
                const struct addrinfo *hints, struct addrinfo **ret)
{
    asked++;
    assert_string_equal(name, wanted_host);
    assert_null(service);
    check_hints(hints);
    if (failure != 0)
        return failure;
    *ret = answer_list();
    return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
    given_back++;
    free_list(list);
}

static void resolve_to(const char *const *list)
{
    answers = list;
    failure = 0;
    asked = given_back = 0;
}

#endif
