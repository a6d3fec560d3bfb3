/* system.h - a small operating system for bind.c, new for each input:
 * descriptors, a directory, the network and the time
 *
 * Octets of the input decide which files are there at the start, and what each
 * call returns. An octet 0 means that the usual happens and works. So does the
 * end of the input. system.c checks at every call that the library does nothing
 * forbidden. */
#ifndef SBIND_FUZZ_SYSTEM_H
#define SBIND_FUZZ_SYSTEM_H

/* A target that asked the real resolver would send packets. */
#ifndef SBIND_FUZZ_CALLS_H
#error compile this with: -include fuzz/system/calls.h
#endif

#include <setjmp.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <sbind/sbind.h>

#include "../fuzz.h"

enum {
    PASSED = 4, /* descriptors from 3 on may have been passed */
    FIRST_OWN = SBIND_LISTEN_FDS_START + PASSED,
    FDS = 384,
    FILES = 512,
    ENTRIES = 16,
    FAILURES = 512,
    OPTIONS = 16,
    NOBODY = 0, /* has a lock; otherwise a descriptor */
    ANOTHER = -1,
    DEVICE = 5 /* of the directories */
};

typedef enum thing {
    CLOSED,
    SOCKET,
    DIRECTORY,
    PIN,
    LOCK,
    PIDFD,
    PIPE,
    OVERFLOW_ID /* a file of /proc/sys/kernel */
} thing;
typedef enum state { IDLE, BOUND, LISTENING, CONNECTING, CONNECTED } state;

typedef struct file {
    ino_t inode; /* another file gets it once no name and no descriptor leads to
                    this one */
    mode_t mode; /* and type, as st_mode */
    uid_t uid;
    gid_t gid;
    long changed;     /* st_ctim */
    bool is_ours;     /* the library has made it */
    bool is_left;     /* the library had made or moved it when its process was
                         killed */
    bool was_aside;   /* it had only moved it */
    bool is_mistaken; /* a foreign socket took the name of ours before the
                         library could pin it: nothing tells the two apart */
    bool
        is_unborn; /* another starter has bound it; a probe does not know yet */
    bool is_bound; /* a process has this socket open */
    bool is_live;  /* and listens on it */
    bool is_datagram;  /* it is not of the type that ours are */
    int lock;          /* the descriptor that has locked it */
    bool was_taken;    /* the library has found it, and got the lock */
    bool has_our_note; /* and has written a note of its own */
    uint64_t note[2];  /* what is written in a lock file */
    size_t note_length;
} file;

typedef struct entry {
    const file *directory;
    char name[256];
    file *file;   /* NULL: there is none */
    file *theirs; /* what other processes have put there */
} entry;

typedef struct descriptor {
    thing thing;
    bool is_known; /* that it is this: one that was passed may be anything */
    bool is_ours;  /* the library has opened it, or was given it */
    bool is_new;   /* a lock: it has made the file */
    bool is_copy;  /* another descriptor has the same socket */
    bool is_close_on_exec, was_close_on_exec; /* when it was passed */
    bool is_nonblocking, was_nonblocking;
    int family, type, protocol, backlog, error;
    state state;
    file *file;  /* of a socket: the one that it is bound to */
    mode_t mode; /* of the file that bind makes */
    unsigned long inode;
    struct sockaddr_storage own, peer;
    socklen_t own_length, peer_length;
    bool
        has_credentials; /* of a unix socket: the other end's, once asked for */
    struct fuzz_credentials {
        pid_t pid;
        uid_t uid;
        gid_t gid;
    } credentials; /* as struct ucred */
    struct {
        int level, name, value;
    } options[OPTIONS];
    size_t option_count;
} descriptor;

typedef struct machine {
    fuzz_input in;
    bool is_usual; /* every octet was 0 */
    /* set by bind.c */
    const sbind_listen_options *options; /* of a path */
    const char *path;                    /* as it is given; NULL: no path */
    char public[256];                    /* its last component; "": too long */
    char lock[96], fresh[96], aside[96]; /* hidden names */
    bool has_proc;
    mode_t umask;
    uid_t euid;
    pid_t pid;
    bool is_stranger; /* in another PID namespace than the one that listens */
    bool is_closing;
    bool is_silent;       /* getsockopt has failed since */
    bool is_stuck;        /* another starter that holds the lock */
    size_t idle;          /* milliseconds waited since the input has ended */
    uint32_t overflow[2]; /* uid and gid of who is not mapped here, as the
                             library could read them */
    int given_up;   /* a listener's descriptor that the program itself closed */
    size_t kill_at; /* the call before which the process is killed; 0: never */
    jmp_buf death;
    /* the file system */
    int lacks_renameat2;  /* the errno of its flags, or 0 */
    bool link_is_another; /* file than the one that was linked */
    bool move_is_another; /* file than the one that was renamed */
    bool forgets_mode;    /* chmod works and changes nothing */
    bool reuses_inodes;   /* of files that are open only as a path */
    /* what there is */
    int next_fd, past_fd; /* to be given next; above all that were given */
    size_t file_count;
    file directories[2]; /* the path leads to the first, or now to the second */
    int where;
    file link; /* that the path of the directory is; no mode: it is none */
    entry entries[ENTRIES];
    size_t entry_count;
    int64_t now; /* milliseconds */
    uint16_t port;
    const void *answers; /* of the resolver, not freed yet */
    /* what has happened */
    size_t calls, intrusions;
    size_t upsets; /* calls that an octet made fail */
    size_t removed_live,
        removed_stale;     /* that others had given the name, by us */
    size_t refused_flags;  /* that fcntl has not set */
    const file *set_aside; /* moved by us from the public name */
    const file *displaced; /* lost that name to a file that got it back */
    ino_t noted; /* the file that a killed start has noted in the lock */
    bool
        has_noted; /* the library has overwritten that, and says what is ours */
    struct {
        const char *call;
        int error;
        bool is_upset;
        bool is_lasting; /* from then on */
    } failures[FAILURES];
    size_t failure_count;
    /* the rest: at the start made anew as far as it was used */
    file files[FILES];
    descriptor fds[FDS];
} machine;

extern machine fuzz_machine;

/* Sets everything as it is before the first call, except what bind.c sets. */
void fuzz_start(fuzz_input in);

/* The directory, its file system, and the files under the names of *m. */
void fuzz_fill_directory(void);

/* Whether a call with this name, or this first word, has failed, with this
 * errno unless it is 0. */
bool fuzz_has_failed(const char *call, int error);

/* Whether an octet made a call of this name fail. */
bool fuzz_is_upset(const char *call);

/* The entry of this name in the first directory; it may have no file. */
entry *fuzz_entry(const char *name);

/* Whether the library may treat this file as one of this user, of the owner
 * that the options name, or of a killed start. */
bool fuzz_is_owner(const file *f);

/* Whether this user can open and trust a file as the lock. */
bool fuzz_is_lock(const file *f);

/* The value of a socket option that was set; -1: it was not. */
int fuzz_option(int fd, int level, int name);

/* The number of descriptors that belong to the library. */
size_t fuzz_open_count(void);

/* Other processes do one thing to the public name or the lock. */
void fuzz_intrude(unsigned move);

/* The program itself closes a listener's descriptor. If "again", it opens
 * something else that gets the number. */
void fuzz_give_up(int fd, bool again);

/* The program closes a descriptor that it was given: calls.h. */
int fuzz_close(int fd);

/* Does what the kernel does when the process is killed. From then on nothing
 * fails. */
void fuzz_bury(void);

#endif
