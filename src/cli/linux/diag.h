/* diag.h - asks the kernel for its sockets, by netlink and sock_diag(7) (Linux) */
#ifndef SBIND_CLI_LINUX_DIAG_H
#define SBIND_CLI_LINUX_DIAG_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>

typedef void diag_visit(struct nlmsghdr *message, void *context);

/* Sends a question, and calls visit for every answer. The question is a complete
 * netlink message. Returns false if the kernel's answer is not complete. */
bool diag_ask(const void *question, size_t size, diag_visit *visit,
              void *context);

/* Finds an attribute in an answer. The answer begins with a structure of "fixed"
 * octets. Returns NULL if the answer lacks the attribute, or if the attribute has
 * fewer than "least" octets. */
const void *diag_attribute(struct nlmsghdr *message, size_t fixed,
                           unsigned short type, size_t least, size_t *ret_size);

#endif
