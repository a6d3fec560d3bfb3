/* linux_who.c - which process has an address that is in use
 *
 * Only the command does this, not the library: there is no way to ask the other
 * side that it would not notice (SO_PEERCRED is of a connection, and a stream
 * socket that connects is one more client that the other accepts), and looking
 * for it takes all of /proc, with the rights of a person who wants to know. */
#define _GNU_SOURCE /* makedev */
#include "who.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { SOCKETS_MAX = 8, NAMED_MAX = 3, LISTEN_STATE = 10 };

/* The sockets that listen there, by the inodes that the kernel gives them. */
typedef struct found {
    unsigned long inodes[SOCKETS_MAX];
    unsigned uid; /* whose the last is */
    size_t count;
} found;

static void add(found *f, unsigned long inode, unsigned uid)
{
    if (f->count < SOCKETS_MAX && inode != 0) {
        f->inodes[f->count++] = inode;
        f->uid = uid;
    }
}

/* ---- TCP: /proc/net/tcp and tcp6 --------------------------------------------- */

typedef struct row {
    uint8_t ip[16]; /* network byte order; of IPv4 the first four */
    unsigned port, state, uid;
    unsigned long inode;
} row;

/* Groups of eight hexadecimal digits, each a number in host byte order. */
static bool read_ip(const char *hex, uint8_t ip[16])
{
    size_t n = strlen(hex) / 8;
    memset(ip, 0, 16);
    for (size_t i = 0; i < n && i < 4; i++) {
        uint32_t word;
        // eight digits fit, and the kernel wrote them
        // NOLINTNEXTLINE(cert-err34-c)
        if (sscanf(hex + 8 * i, "%8" SCNx32, &word) != 1)
            return false;
        memcpy(ip + 4 * i, &word, 4);
    }
    return true;
}

static bool read_row(const char *line, row *ret)
{
    char hex[33];
    // the kernel writes no number that is wider
    // NOLINTNEXTLINE(cert-err34-c)
    return sscanf(line,
                  " %*u: %32[0-9A-F]:%x %*[0-9A-F]:%*x %x %*x:%*x %*x:%*x %*x "
                  "%u %*d %lu",
                  hex, &ret->port, &ret->state, &ret->uid, &ret->inode) == 5 &&
           read_ip(hex, ret->ip);
}

static bool is_any(const uint8_t ip[16])
{
    static const uint8_t any[16] = {0};
    return memcmp(ip, any, 16) == 0;
}

static bool is_in_the_way(const row *r, const sbind_address *a,
                          bool same_family)
{
    return r->state == LISTEN_STATE && r->port == a->port &&
           (is_any(r->ip) || is_any(a->ip) ||
            (same_family && memcmp(r->ip, a->ip, 16) == 0));
}

static void search_table(const char *path, const sbind_address *a,
                         bool same_family, found *f)
{
    char line[512];
    row r;
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (read_row(line, &r) && is_in_the_way(&r, a, same_family))
            add(f, r.inode, r.uid);
    if (file != NULL)
        fclose(file);
}

/* "*" is in the way of both families and both of it; of another address first
 * its own family, then the other, which has sockets for both. */
static void find_tcp(const sbind_address *a, found *f)
{
    static const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};
    int own = a->kind == SBIND_TCP_IPV4 ? 0 : 1;
    search_table(tables[own], a, true, f);
    if (f->count == 0 || a->kind == SBIND_TCP_ANY)
        search_table(tables[1 - own], a, false, f);
}

/* ---- unix: netlink, sock_diag(7) ---------------------------------------------- */

/* By its file, since the name in the socket may be one that it had before; an
 * abstract socket by its name. */
typedef struct wanted {
    const sbind_address *address;
    struct stat file;
} wanted;

static bool is_file(const struct unix_diag_vfs *vfs, const struct stat *st)
{
    /* the kernel's own way of writing a device: 12 bits and 20 */
    dev_t device = makedev(vfs->udiag_vfs_dev >> 20,
                           vfs->udiag_vfs_dev & ((1U << 20) - 1));
    return device == st->st_dev && vfs->udiag_vfs_ino == (uint32_t)st->st_ino;
}

static bool is_name(const char *name, size_t n, const sbind_address *a)
{
    return n == (size_t)a->name_length + 1 && name[0] == '\0' &&
           memcmp(name + 1, a->name, a->name_length) == 0;
}

static bool has_attribute(struct rtattr *attribute, const wanted *w)
{
    const void *data = RTA_DATA(attribute);
    if (w->address->kind == SBIND_UNIX_ABSTRACT)
        return attribute->rta_type == UNIX_DIAG_NAME &&
               is_name(data, RTA_PAYLOAD(attribute), w->address);
    return attribute->rta_type == UNIX_DIAG_VFS &&
           RTA_PAYLOAD(attribute) >= sizeof(struct unix_diag_vfs) &&
           is_file(data, &w->file);
}

static void look_at_socket(struct nlmsghdr *header, const wanted *w, found *f)
{
    struct unix_diag_msg *socket = NLMSG_DATA(header);
    size_t left = header->nlmsg_len - NLMSG_LENGTH(sizeof *socket);
    struct rtattr *a = (void *)(socket + 1);
    bool is_wanted = false;
    unsigned uid = (unsigned)-1;
    for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
        is_wanted = is_wanted || has_attribute(a, w);
        if (a->rta_type == UNIX_DIAG_UID)
            memcpy(&uid, RTA_DATA(a), sizeof uid);
    }
    if (is_wanted)
        add(f, socket->udiag_ino, uid);
}

/* One datagram of the answer; false when there is no more to come. */
static bool read_answer(int fd, const wanted *w, found *f)
{
    _Alignas(struct nlmsghdr) char buffer[32768];
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    size_t left = n > 0 ? (size_t)n : 0;
    struct nlmsghdr *h = (void *)buffer;
    for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
        if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
            return false;
        look_at_socket(h, w, f);
    }
    return n > 0;
}

static void find_unix(const sbind_address *a, found *f)
{
    const struct {
        struct nlmsghdr header;
        struct unix_diag_req request;
    } question = {
        {sizeof question, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 1,
         0},
        {.sdiag_family = AF_UNIX,
         .udiag_states = 1U << LISTEN_STATE,
         .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_UID}};
    wanted w = {.address = a};
    int fd;
    if (a->kind == SBIND_UNIX_PATH && stat(a->name, &w.file) != 0)
        return;
    fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0)
        return;
    if (send(fd, &question, sizeof question, 0) == (ssize_t)sizeof question)
        while (read_answer(fd, &w, f))
            ;
    close(fd);
}

/* ---- Processes: /proc ----------------------------------------------------------- */

static bool is_found(const char *link, const found *f)
{
    char name[32];
    for (size_t i = 0; i < f->count; i++) {
        snprintf(name, sizeof name, "socket:[%lu]", f->inodes[i]);
        if (strcmp(link, name) == 0)
            return true;
    }
    return false;
}

/* Whether one of the descriptors in this directory is one of the sockets. */
static bool has_socket(const char *path, const found *f)
{
    const struct dirent *entry;
    bool has = false;
    DIR *directory = opendir(path);
    while (directory != NULL && !has && (entry = readdir(directory)) != NULL) {
        char link[32];
        ssize_t n =
            readlinkat(dirfd(directory), entry->d_name, link, sizeof link - 1);
        if (n > 0) {
            link[n] = '\0';
            has = is_found(link, f);
        }
    }
    if (directory != NULL)
        closedir(directory);
    return has;
}

static void read_name(const char *pid, char *name, int size)
{
    char path[300];
    FILE *file;
    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    file = fopen(path, "re");
    if (file == NULL)
        return;
    if (fgets(name, size, file) != NULL)
        name[strcspn(name, "\n")] = '\0';
    fclose(file);
}

/* " process 4711 (nginx)"; a process may call itself what it likes. */
static void name_process(const char *pid, size_t so_far)
{
    char name[64] = "?";
    if (strtol(pid, NULL, 10) == getpid())
        strcpy(name, "this command, by another -H");
    else
        read_name(pid, name, sizeof name);
    fprintf(stderr, "%s %s (", so_far == 0 ? "  listener: process" : ",", pid);
    for (const char *p = name; *p != '\0'; p++)
        fprintf(stderr, *p >= 0x20 && *p <= 0x7E ? "%c" : "\\x%02x",
                (unsigned char)*p);
    fputc(')', stderr);
}

static size_t name_processes(const found *f)
{
    const struct dirent *entry;
    size_t n = 0;
    DIR *proc = opendir("/proc");
    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        char path[300];
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
            continue;
        snprintf(path, sizeof path, "/proc/%s/fd", entry->d_name);
        if (has_socket(path, f) && n++ < NAMED_MAX)
            name_process(entry->d_name, n - 1);
    }
    if (proc != NULL)
        closedir(proc);
    return n;
}

void who_listens(const sbind_address *address)
{
    found f = {{0}, 0, 0};
    size_t n;
    if (address->kind == SBIND_UNIX_PATH ||
        address->kind == SBIND_UNIX_ABSTRACT)
        find_unix(address, &f);
    else if (address->kind == SBIND_TCP_IPV4 ||
             address->kind == SBIND_TCP_IPV6 || address->kind == SBIND_TCP_ANY)
        find_tcp(address, &f);
    if (f.count == 0)
        return;
    n = name_processes(&f);
    if (n == 0)
        fprintf(stderr,
                "  listener: a process of user %u that this user cannot see",
                f.uid);
    else if (n > NAMED_MAX)
        fprintf(stderr, " and %zu more", n - NAMED_MAX);
    fputc('\n', stderr);
}
