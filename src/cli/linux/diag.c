/* linux/diag.c - asks the kernel for its sockets, by netlink and sock_diag(7) */
#define _GNU_SOURCE
#include "diag.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

enum answer { MORE, COMPLETE, FAILED };

/* Reads one datagram of the answer. */
static enum answer read_answer(int fd, diag_visit *visit, void *context)
{
    _Alignas(struct nlmsghdr) char buffer[32768];
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    size_t left = n > 0 ? (size_t)n : 0;
    struct nlmsghdr *h = (void *)buffer;
    for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
        if (h->nlmsg_type == NLMSG_DONE)
            return COMPLETE;
        if (h->nlmsg_type == NLMSG_ERROR)
            return FAILED;
        visit(h, context);
    }
    return n > 0 ? MORE : FAILED;
}

bool diag_ask(const void *question, size_t size, diag_visit *visit,
              void *context)
{
    enum answer a = FAILED;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0)
        return false;
    if (send(fd, question, size, 0) == (ssize_t)size)
        do
            a = read_answer(fd, visit, context);
        while (a == MORE);
    close(fd);
    return a == COMPLETE;
}

const void *diag_attribute(struct nlmsghdr *message, size_t fixed,
                           unsigned short type, size_t least, size_t *ret_size)
{
    char *begin = (char *)NLMSG_DATA(message) + NLMSG_ALIGN(fixed);
    size_t left = message->nlmsg_len - NLMSG_SPACE(fixed);
    struct rtattr *a = (void *)begin;
    for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
        if (a->rta_type == type && RTA_PAYLOAD(a) >= least) {
            *ret_size = RTA_PAYLOAD(a);
            return RTA_DATA(a);
        }
    return NULL;
}
