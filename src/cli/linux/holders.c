/* linux/holders.c - the processes that have a socket, from /proc
 *
 * The kernel does not report which processes have a socket. So this file looks at
 * the descriptors of all processes. Each takes some microseconds, and there may be
 * very many, so the number is limited. */
#define _GNU_SOURCE
#include "holders.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    NAMED_MAX = 3,
    FIRST_LOOK = 1000, /* descriptors of each process */
    LOOKS_MAX = 50000  /* descriptors of all */
};

typedef struct search {
    const holders_sockets *wanted;
    size_t of_each; /* descriptors of one process to look at, at most */
    size_t left;    /* descriptors that may still be looked at */
    size_t found;   /* processes */
    bool cut;       /* some descriptors were not looked at */
    char *text;     /* the result; it has room for HOLDERS_TEXT_MAX octets */
} search;

/* Appends to the text, and leaves out what does not fit. */
static void put_text(search *s, const char *format, ...)
{
    size_t length = strlen(s->text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(s->text + length, HOLDERS_TEXT_MAX - length, format, arguments);
    va_end(arguments);
}

bool holders_is_empty(const holders *h)
{
    return h->listening.count + h->connected.count + h->bound.count +
               h->ending ==
           0;
}

void holders_add(holders_sockets *sockets, unsigned long inode, unsigned uid)
{
    if (sockets->count < HOLDERS_SOCKETS_MAX)
        sockets->inodes[sockets->count] = inode;
    sockets->uid = uid;
    sockets->count++;
}

/* Whether this descriptor is one of the sockets: its link is "socket:[4711]",
 * with the inode. */
static bool is_wanted(int directory, const char *fd,
                      const holders_sockets *wanted)
{
    static const char begin[] = "socket:[";
    char link[32];
    unsigned long inode;
    ssize_t n = readlinkat(directory, fd, link, sizeof link - 1);
    if (n < (ssize_t)sizeof begin || memcmp(link, begin, sizeof begin - 1) != 0)
        return false;
    link[n] = '\0';
    inode = strtoul(link + sizeof begin - 1, NULL, 10);
    for (size_t i = 0; i < wanted->count && i < HOLDERS_SOCKETS_MAX; i++)
        if (wanted->inodes[i] == inode)
            return true;
    return false;
}

static bool may_look(search *s, size_t *left)
{
    if (*left > 0) {
        --*left;
        return true;
    }
    s->cut = true;
    return false;
}

/* Whether one of the descriptors in this directory is one of the sockets. */
static bool has_socket(const char *path, search *s)
{
    const struct dirent *entry;
    size_t of_this = s->of_each;
    bool has = false;
    DIR *directory = may_look(s, &s->left) ? opendir(path) : NULL;
    while (directory != NULL && !has && (entry = readdir(directory)) != NULL) {
        if (!may_look(s, &of_this) || !may_look(s, &s->left))
            break;
        has = is_wanted(dirfd(directory), entry->d_name, s->wanted);
    }
    if (directory != NULL)
        closedir(directory);
    return has;
}

static void read_name(const char *pid, char *name, int size)
{
    char path[300];
    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return;
    if (fgets(name, size, file) != NULL)
        name[strcspn(name, "\n")] = '\0';
    fclose(file);
}

/* "process 4711 (nginx)" */
static void put_process(search *s, const char *pid)
{
    char name[64] = "?";
    if (strtol(pid, NULL, 10) == getpid())
        strcpy(name, "this command, by another -H");
    else
        read_name(pid, name, sizeof name);
    put_text(s, "%s %s (%s)", s->found == 1 ? "process" : ",", pid, name);
}

/* Counts all processes that have one of the sockets, and names the first of them. */
static void put_processes(search *s)
{
    const struct dirent *entry;
    DIR *proc = opendir("/proc");
    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        char path[300];
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
            continue;
        snprintf(path, sizeof path, "/proc/%s/fd", entry->d_name);
        if (has_socket(path, s) && s->found++ < NAMED_MAX)
            put_process(s, entry->d_name);
    }
    if (proc != NULL)
        closedir(proc);
}

static void put_not_found(search *s)
{
    if (s->wanted->uid == SBIND_NO_ID)
        put_text(s, "a process of a user that the kernel does not name");
    else
        put_text(s, "a process of user %u", s->wanted->uid);
    if (s->cut)
        put_text(s, "; the search ended after %d descriptors", LOOKS_MAX);
    else
        put_text(s, "%s",
                 geteuid() != 0
                     ? " that this user cannot see"
                     : " in another container, or the kernel itself");
}

static search look_for_processes(const holders_sockets *sockets, size_t of_each,
                                 char text[HOLDERS_TEXT_MAX])
{
    search s = {sockets, of_each, LOOKS_MAX, 0, false, text};
    text[0] = '\0';
    put_processes(&s);
    return s;
}

/* Looks at the first descriptors of every process before any others. Otherwise a
 * single process with very many descriptors could use up the limit. */
void holders_describe(const holders_sockets *sockets,
                      char ret[HOLDERS_TEXT_MAX])
{
    char first[HOLDERS_TEXT_MAX];
    search s = look_for_processes(sockets, FIRST_LOOK, first), whole;
    memcpy(ret, first, strlen(first) + 1);
    if (s.cut) {
        whole = look_for_processes(sockets, SIZE_MAX, ret);
        if (whole.found >= s.found)
            s = whole;
        else
            memcpy(ret, first, strlen(first) + 1);
    }
    s.text = ret;
    if (s.found == 0)
        put_not_found(&s);
    else if (s.found > NAMED_MAX)
        put_text(&s, " and %zu more", s.found - NAMED_MAX);
    if (s.found > 0 && (s.cut || sockets->count > HOLDERS_SOCKETS_MAX))
        put_text(&s, " at least");
}
