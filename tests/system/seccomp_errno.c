/* seccomp_errno.c CALL=ERRNO[,CALL=ERRNO...] COMMAND [ARG...]
 *
 * Becomes the command, under a filter that makes these system calls fail, as on
 * an older kernel or where they are forbidden. Exits with 125 if that does not
 * work. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

enum { FILTERS_MAX = 64 };

#ifndef SYS_renameat /* riscv64 has renameat2 only */
#define SYS_renameat SYS_renameat2
#endif

typedef struct row {
    const char *name;
    int number;
} row;

static const row calls[] = {
    {"accept4", SYS_accept4},
    {"bind", SYS_bind},
    {"connect", SYS_connect},
    {"fchmod", SYS_fchmod},
    {"fchmodat2", SYS_fchmodat2},
    {"fchownat", SYS_fchownat},
    {"flock", SYS_flock},
    {"linkat", SYS_linkat},
    {"mkdirat", SYS_mkdirat},
    {"fchmodat", SYS_fchmodat},
    {"renameat", SYS_renameat},
    {"listen", SYS_listen},
    {"openat2", SYS_openat2},
    {"pidfd_open", SYS_pidfd_open},
    {"renameat2", SYS_renameat2},
    {"setsockopt", SYS_setsockopt},
    {"socket", SYS_socket},
    {"unlinkat", SYS_unlinkat},
    {"close_range", SYS_close_range},
};

static const row errors[] = {
    {"EACCES", EACCES}, {"EINVAL", EINVAL}, {"EIO", EIO},
    {"EMFILE", EMFILE}, {"ENOLCK", ENOLCK}, {"ENOMEM", ENOMEM},
    {"ENOSPC", ENOSPC}, {"ENOSYS", ENOSYS}, {"EPERM", EPERM},
};

#define FIND(table, name) find(table, sizeof table / sizeof *table, name)

static int find(const row *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].number;
    fprintf(stderr, "seccomp_errno: unknown: %s\n", name);
    _exit(125);
}

/* A rule has two instructions. If the rule is not about this call, the first
 * instruction skips the second. */
static unsigned short add_rules(char *text, struct sock_filter *to)
{
    unsigned short n = 0;
    char *saved = NULL;
    to[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                           offsetof(struct seccomp_data, nr));
    for (char *rule = strtok_r(text, ",", &saved);
         rule != NULL && n + 3 < FILTERS_MAX;
         rule = strtok_r(NULL, ",", &saved)) {
        char *error = strchr(rule, '=');
        if (error == NULL)
            _exit(125);
        *error++ = '\0';
        to[n++] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, (unsigned)FIND(calls, rule), 0, 1);
        to[n++] = (struct sock_filter)BPF_STMT(
            BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)FIND(errors, error));
    }
    to[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return n;
}

int main(int argc, char **argv)
{
    struct sock_filter filter[FILTERS_MAX];
    struct sock_fprog program = {0, filter};
    if (argc < 3)
        return 125;
    program.len = add_rules(argv[1], filter);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("seccomp_errno");
        return 125;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 125;
}
