/* diag.h - asking the kernel for its sockets: netlink, sock_diag(7) (Linux) */
#ifndef SBIND_CLI_LINUX_DIAG_H
#define SBIND_CLI_LINUX_DIAG_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>

typedef void diag_visit(struct nlmsghdr *message, void *context);

/* Sends a question, which is a whole message, and visits every answer. False if
 * the kernel does not answer everything. */
bool diag_ask(const void *question, size_t size, diag_visit *visit,
              void *context);

/* An attribute of an answer that begins with a structure of "fixed" octets; NULL
 * when the answer has no such attribute of at least "least" octets. */
const void *diag_attribute(struct nlmsghdr *message, size_t fixed,
                           unsigned short type, size_t least, size_t *ret_size);

#endif
