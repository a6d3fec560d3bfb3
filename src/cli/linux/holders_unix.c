/* linux/holders_unix.c - the sockets that have a unix address */
#define _GNU_SOURCE /* makedev */
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "diag.h"
#include "holders.h"

/* Linux's numbers of the states of a unix socket. A bound socket is "closed" until
 * it listens or connects. A datagram socket is "connected" as soon as another
 * socket has connected to it. */
enum { CONNECTED = 1, CLOSED = 7, LISTENING = 10 };

/* UNIX_DIAG_UID and UDIAG_SHOW_UID (Linux 5.3), which older headers lack. An older
 * kernel leaves the user out of its answer. */
enum { DIAG_UID = 7, SHOW_UID = 0x40 };

/* Finds a socket by its file, because the socket may still have an earlier
 * name. Finds an abstract socket by its name. */
typedef struct search {
    const sbind_address *address;
    struct stat file;
    holders *found;
} search;

static bool is_file(const struct unix_diag_vfs *vfs, const struct stat *st)
{
    /* the kernel writes a device as 12 bits and 20 bits */
    dev_t device = makedev(vfs->udiag_vfs_dev >> 20,
                           vfs->udiag_vfs_dev & ((1U << 20) - 1));
    return device == st->st_dev && vfs->udiag_vfs_ino == (uint32_t)st->st_ino;
}

static bool is_name(const char *name, size_t n, const sbind_address *a)
{
    return n == (size_t)a->name_length + 1 && name[0] == '\0' &&
           memcmp(name + 1, a->name, a->name_length) == 0;
}

/* Whether the socket in this message has the address. An abstract name also depends
 * on the type: a datagram socket may have the same name as a stream socket. */
static bool has_address(struct nlmsghdr *message, const search *s)
{
    const struct unix_diag_msg *m = NLMSG_DATA(message);
    size_t size;
    const void *data;
    if (s->address->kind == SBIND_UNIX_ABSTRACT) {
        data = diag_attribute(message, sizeof *m, UNIX_DIAG_NAME, 1, &size);
        return data != NULL && m->udiag_type == SOCK_STREAM &&
               is_name(data, size, s->address);
    }
    data = diag_attribute(message, sizeof *m, UNIX_DIAG_VFS,
                          sizeof(struct unix_diag_vfs), &size);
    return data != NULL && is_file(data, &s->file);
}

static void look_at_socket(struct nlmsghdr *message, void *context)
{
    const search *s = context;
    const struct unix_diag_msg *m = NLMSG_DATA(message);
    unsigned uid = SBIND_NO_ID;
    size_t size;
    const void *data =
        diag_attribute(message, sizeof *m, DIAG_UID, sizeof uid, &size);
    if (data != NULL)
        memcpy(&uid, data, sizeof uid);
    if (!has_address(message, s))
        return;
    if (m->udiag_state == LISTENING)
        holders_add(&s->found->listening, m->udiag_ino, uid);
    else if (m->udiag_state == CLOSED || m->udiag_type == SOCK_DGRAM)
        holders_add(&s->found->bound, m->udiag_ino, uid);
    else
        holders_add(&s->found->connected, m->udiag_ino, uid);
}

static void ask_for_states(unsigned states, search *s)
{
    const struct {
        struct nlmsghdr header;
        struct unix_diag_req request;
    } question = {{sizeof question, SOCK_DIAG_BY_FAMILY,
                   NLM_F_REQUEST | NLM_F_DUMP, 1, 0},
                  {.sdiag_family = AF_UNIX,
                   .udiag_states = states,
                   .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | SHOW_UID}};
    s->found->complete =
        diag_ask(&question, sizeof question, look_at_socket, s);
}

void holders_find_unix(const sbind_address *address, holders *ret)
{
    search s = {.address = address, .found = ret};
    memset(ret, 0, sizeof *ret);
    if (address->kind == SBIND_UNIX_PATH && stat(address->name, &s.file) != 0)
        return;
    ask_for_states(1U << LISTENING, &s);
    if (ret->listening.count == 0)
        ask_for_states(1U << CLOSED | 1U << CONNECTED, &s);
}
