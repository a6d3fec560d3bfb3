/* system.h - a small operating system that is made anew for each input, for
 * bind.c: descriptors, one directory, the network and the time
 *
 * What was there before is decided by an octet of the input when it is first
 * looked at, and so is what each call comes to; an octet 0, and no octet, is
 * what is usual and works. Whatever it is, system.c checks that the library
 * does nothing that it never may. */
#ifndef SBIND_FUZZ_SYSTEM_H
#define SBIND_FUZZ_SYSTEM_H

#include <sys/socket.h>
#include <sys/types.h>

#include <sbind/sbind.h>

#include "fuzz.h"

enum {
    PASSED = 4, /* descriptors from 3 on may have been passed */
    FIRST_OWN = SBIND_LISTEN_FDS_START + PASSED,
    FDS = 384,
    FILES = 64,
    ENTRIES = 8,
    FAILURES = 512,
    OPTIONS = 12,
    NOBODY = 0, /* has a lock; else a descriptor */
    ANOTHER = -1
};

typedef enum thing { CLOSED, SOCKET, DIRECTORY, PIN, LOCK, PIDFD, PIPE } thing;
typedef enum state { IDLE, BOUND, LISTENING, CONNECTING, CONNECTED } state;

typedef struct file {
    ino_t inode; /* another's, once no name and no descriptor leads to this */
    mode_t mode; /* and type, as st_mode */
    uid_t uid;
    gid_t gid;
    bool is_ours; /* the library has made it */
    bool is_live; /* a socket that somebody listens on */
    int socket;   /* ours that has this file */
    int lock;     /* who has locked it */
} file;

typedef struct entry {
    char name[256];
    file *file;   /* NULL: there is none */
    file *theirs; /* what others have put there */
} entry;

typedef struct descriptor {
    thing thing;
    bool is_known; /* that it is this: one that was passed may be anything */
    bool is_ours;  /* the library has opened it, or was given it */
    bool is_close_on_exec, was_close_on_exec; /* when it was passed */
    bool is_nonblocking, was_nonblocking;
    int family, type, backlog, error;
    state state;
    file *file;
    mode_t mode; /* of the file that bind makes */
    unsigned long inode;
    struct sockaddr_storage own, peer;
    socklen_t own_length, peer_length;
    struct {
        int level, name, value;
    } options[OPTIONS];
    size_t option_count;
} descriptor;

typedef struct machine {
    fuzz_input in;
    bool is_usual; /* every octet was 0 */
    /* set by whoever begins */
    const sbind_listen_options *options; /* of a path */
    char public[256];                    /* the name in the directory */
    char lock[256];                      /* that of its lock file */
    bool has_proc;
    mode_t umask;
    uid_t euid;
    pid_t pid;
    bool has_child; /* with copies of our descriptors */
    /* what there is */
    int next_fd, past_fd; /* to be given next; above all that were given */
    file files[FILES], directory;
    size_t file_count;
    entry entries[ENTRIES];
    size_t entry_count;
    int64_t now; /* milliseconds */
    uint16_t port;
    const void *answers; /* of the resolver, not freed yet */
    /* what has happened */
    size_t calls, intrusions, removed; /* files of others by us */
    size_t refused_flags;              /* that fcntl has not set */
    struct {
        const char *call;
        int error;
        bool is_lasting; /* from then on */
    } failures[FAILURES];
    size_t failure_count;
    descriptor fds[FDS]; /* at the end: made anew as far as they were given */
} machine;

extern machine fuzz_machine;

/* Everything as it is before the first call, but for what the caller sets. */
void fuzz_start(fuzz_input in);

/* Whether a call of this name, or its first word, has failed; with this errno
 * unless that is 0. */
bool fuzz_has_failed(const char *call, int error);

/* The entry of this name, which may have no file. */
entry *fuzz_entry(const char *name);

/* The value of a socket option that was set; -1: it was not. */
int fuzz_option(int fd, int level, int name);

/* Descriptors that are the library's. */
size_t fuzz_open_count(void);

#endif
