/* system.h - a small operating system for bind.c, new for each input:
 * descriptors, a directory, the network and the time
 *
 * Octets of the input decide which files exist at the start, and what each call
 * returns. An octet 0 stands for the usual result: the call works. After the
 * end of the input every octet counts as 0. At every call, system.c checks that
 * the library does nothing forbidden. */
#ifndef SBIND_FUZZ_SYSTEM_H
#define SBIND_FUZZ_SYSTEM_H

/* Without calls.h a target would ask the real resolver, and send packets. */
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
    ino_t inode; /* another file can get this number once no name and no
                    descriptor leads to this file */
    mode_t mode; /* and type, as st_mode */
    uid_t uid;
    gid_t gid;
    long changed;     /* st_ctim */
    bool is_ours;     /* the library has made it */
    bool is_left;     /* the library had made or moved this file when its
                         process was killed */
    bool was_aside;   /* the library had only moved it */
    bool is_mistaken; /* a foreign socket took the name of ours before the
                         library could pin ours, so the library cannot tell
                         them apart */
    /* another starter has bound this socket, but a probe does not see it yet */
    bool is_unborn;
    bool is_bound;    /* a process has this socket open */
    bool is_live;     /* and listens on it */
    bool is_datagram; /* a datagram socket, while ours are stream sockets */
    int lock;         /* the descriptor that has locked it */
    /* this lock file was there already when the library locked it */
    bool was_taken;
    bool has_our_note; /* the library has written the note in this lock */
    uint64_t note[2];  /* the content of a lock file */
    size_t note_length;
} file;

typedef struct entry {
    const file *directory;
    char name[256];
    file *file;   /* NULL: there is no file */
    file *theirs; /* what other processes have put there */
} entry;

typedef struct descriptor {
    thing thing;
    /* the library has learned what this is: a passed descriptor may be
     * anything */
    bool is_known;
    bool is_ours; /* the library has opened this descriptor, or was given it */
    bool is_new;  /* a lock: it has made the file */
    bool is_copy; /* another descriptor has the same socket */
    bool is_close_on_exec, was_close_on_exec; /* when it was passed */
    bool is_nonblocking, was_nonblocking;
    int family, type, protocol, backlog, error;
    state state;
    file *file;  /* the file to which this socket is bound */
    mode_t mode; /* of the file that bind makes */
    unsigned long inode;
    struct sockaddr_storage own, peer;
    socklen_t own_length, peer_length;
    /* unix sockets: the library has asked for the other end's credentials */
    bool has_credentials;
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
    /* the options for listening on the path */
    const sbind_listen_options *options;
    /* the path as it is given; NULL: no path */
    const char *path;
    /* the last component of the path; "" if too long */
    char public[256];
    char lock[96], fresh[96], aside[96]; /* hidden names */
    bool has_proc;
    mode_t umask;
    uid_t euid;
    pid_t pid;
    /* this process is in another PID namespace than the process that listens */
    bool is_stranger;
    bool is_closing;
    bool is_silent; /* getsockopt has failed since */
    bool is_stuck;  /* another starter holds the lock and does not go on */
    size_t idle;    /* milliseconds waited since the input has ended */
    uint32_t overflow[2]; /* the ids for users that are not mapped here, as
                             the library could read them */
    /* a descriptor of a listener, closed by the program itself */
    int given_up;
    /* the call before which the process is killed; 0: it is not killed */
    size_t kill_at;
    jmp_buf death;
    /* the file system */
    int lacks_renameat2;  /* the errno of its flags, or 0 */
    bool link_is_another; /* a new link has another inode than its file */
    bool move_is_another; /* a renamed file gets another inode */
    bool forgets_mode;    /* chmod succeeds and changes nothing */
    /* a new file may get the inode of a removed socket, although an O_PATH
     * descriptor still refers to the socket */
    bool reuses_inodes;
    /* what exists */
    /* the number of the next descriptor, and the highest number so far plus
     * 1 */
    int next_fd, past_fd;
    size_t file_count;
    /* the directory to which the path leads is directories[where]: the first one
     * until the path is changed, and then the second */
    file directories[2];
    int where;
    /* the symbolic link at the directory's path; mode 0: there is no link */
    file link;
    entry entries[ENTRIES];
    size_t entry_count;
    int64_t now; /* milliseconds */
    uint16_t port;
    const void *answers; /* a list from the resolver, not freed yet */
    /* what has happened */
    size_t calls, intrusions;
    size_t upsets; /* calls that an octet made fail */
    /* sockets of other processes that the library has removed */
    size_t removed_live, removed_stale;
    size_t refused_flags;  /* flags that fcntl has not set */
    const file *set_aside; /* moved by us from the public name */
    /* the file that lost a name when another file got this name back */
    const file *displaced;
    ino_t noted; /* the inode that a killed start has noted in the lock */
    /* the library has replaced that note by a note about its own file */
    bool has_noted;
    struct {
        const char *call;
        int error;
        bool is_upset;
        bool is_lasting; /* from then on */
    } failures[FAILURES];
    size_t failure_count;
    /* the next two arrays are cleared only as far as they were used */
    file files[FILES];
    descriptor fds[FDS];
} machine;

extern machine fuzz_machine;

/* Resets the system to its state before the first call, except for the members
 * that bind.c sets. */
void fuzz_start(fuzz_input in);

/* Makes the directory, its file system, and files with the names in *m. */
void fuzz_fill_directory(void);

/* Whether a call of this name has failed with this errno. If error is 0, any
 * errno counts. Only the first word of the name is compared. */
bool fuzz_has_failed(const char *call, int error);

/* Whether an octet of the input has made a call of this name fail. */
bool fuzz_is_upset(const char *call);

/* The entry with this name in the first directory. It may have no file. */
entry *fuzz_entry(const char *name);

/* Whether the library may treat this file as one of this user, of the owner in
 * the options, or of a killed start. */
bool fuzz_is_owner(const file *f);

/* Whether this user can open and trust a file as the lock. */
bool fuzz_is_lock(const file *f);

/* The value of a socket option, or -1 if it was not set. */
int fuzz_option(int fd, int level, int name);

/* The number of descriptors that belong to the library. */
size_t fuzz_open_count(void);

/* Lets other processes do one thing to the public name or to the lock. */
void fuzz_intrude(unsigned move);

/* Closes a listener's descriptor in place of the program. If "again", opens
 * something else that gets the same number. */
void fuzz_give_up(int fd, bool again);

/* Closes a descriptor that the program was given. See calls.h. */
int fuzz_close(int fd);

/* Does what the kernel does when the process is killed. From then on no call
 * fails. */
void fuzz_bury(void);

#endif
