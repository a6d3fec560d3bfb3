/* socket_file.pml - how sbind makes and removes socket files, for spin
 *
 * Several starters start, listen and close. A foreign process works at the same
 * path, and a client connects. Each step is one system call, or one half of
 * bind. did() names the call: model_calls.py compares these names with the
 * calls that strace sees. check.py sets the macros.
 */

/* ---- What check.py sets ------------------------------------------------------ */

/* the last starter waits until each of the others listens or has ended */
#ifndef STARTERS
#define STARTERS 2
#endif
/* options of the starters: 1 reclaim, 2 refuse, 4 replace, or a sum of these */
#ifndef OPTIONS
#define OPTIONS 1
#endif
#ifndef LAST_OPTIONS
#define LAST_OPTIONS 1
#endif
/* the path at the start: 1 nothing, 2 a stale socket, 4 a live one */
#ifndef AT_FIRST
#define AT_FIRST 3
#endif
/* this many starters may be killed, before any of their steps */
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef FAILURES /* this many calls of listen may fail */
#define FAILURES 0
#endif
#ifndef FOREIGN /* the foreign process makes this many calls */
#define FOREIGN 0
#endif
#ifndef CLIENT /* 1: a client connects all the time */
#define CLIENT 0
#endif
#ifndef HANDED_ON /* 1: an event loop may close the socket before sbind_close */
#define HANDED_ON 0
#endif
#ifndef IMPATIENT /* 1: a process may give up waiting for the lock */
#define IMPATIENT 0
#endif
#ifndef NOREPLACE /* 0: the file system lacks RENAME_NOREPLACE */
#define NOREPLACE 1
#endif
#ifndef EXCHANGE /* 0: the file system lacks RENAME_EXCHANGE */
#define EXCHANGE 1
#endif
#ifndef REACHABLE /* 0: no client can connect to a renamed socket */
#define REACHABLE 1
#endif
#ifndef ANY_INODE /* 0: a new file gets the lowest free number; 1: any */
#define ANY_INODE 0
#endif
#ifndef ONLY /* check this claim only; 0: check all */
#define ONLY 0
#endif
#ifndef BAD /* the mistake that the starters make */
#define BAD NO_MISTAKE
#endif
#ifndef LIFTED /* which limit the foreign process does not keep */
#define LIFTED NO_LIMIT
#endif

#define NO_MISTAKE 0
#define UNLINK_THEN_BIND 1
#define PROBE_WITHOUT_LOCK 2
#define LOCK_NOT_COMPARED 3
#define OWN_LOCK_NOT_COMPARED 4
#define UNLOCK_THEN_UNLINK 5
#define RENAME_THEN_LISTEN 6
#define CLOSE_BY_NAME 7
#define CLOSE_WITHOUT_LOCK 8
#define CLOSE_WITHOUT_PIN 9
#define ASIDE_NOT_COMPARED 10
#define RECLAIM_WITHOUT_PIN 11
#define REPLACE_NOT_COMPARED 12
#define NOTHING_CLEARED 13
#define LOCK_NOT_MARKED 14
#define LEFTOVER_FORGOTTEN 15
#define FOUND_LOCK_KEPT 16

#define NO_LIMIT 0
/* another file gets the name between a look and the unlinkat after it */
#define LOOK_THEN_UNLINK 1
/* another file gets the name between a look and the renameat after it */
#define LOOK_THEN_RENAME 2
#define BIND_THEN_OPEN 3   /* a socket comes between bind and openat */
/* a foreign socket is half bound when it is probed */
#define FOREIGN_BIND 4

/* ---- What is claimed --------------------------------------------------------- */

#define ONE_LISTENER 1  /* a listener keeps its name until it closes */
/* a file that is removed is stale, or belongs to the remover */
#define NOTHING_LOST 2
#define CLIENT_SERVED 3 /* no client is refused during a replacement */
#define NEXT_STARTS 4   /* after a crash the next start succeeds */
#define NOTHING_LEFT 5  /* the next start leaves nothing behind */

#define CLAIM(n, c) assert(n > 0 && ((ONLY != 0 && ONLY != n) || (c)))

/* ---- The file system --------------------------------------------------------- */

/* The names in the directory, as indexes of name[]. */
mtype = { elsewhere, aside, fresh, lock, X };

/* The kinds of inode. FREE is 0. HALF: bind has made the file, but the kernel
 * does not connect it with its socket yet. STALE: a socket file of this user
 * whose socket is closed. OTHER: not a socket, or a socket of another user. */
mtype = { HALF, BOUND, LISTENS, STALE, OTHER };
#define FREE 0

/* Calls and their outcomes. */
mtype = { openat, newfstatat, geteuid, flock, socket, fchmod, bind, connect,
          listen, renameat2, renameat, unlinkat, pwrite64, getsockopt, close,
          getpid, killed, exits, create };
mtype = { ok, EEXIST, ENOENT, EADDRINUSE, ECONNREFUSED, EPROTOTYPE, EINVAL,
          EWOULDBLOCK, EIO, same_inode, other_inode, first_half, second_half,
          directory, dgram, stream, replaces, exchange };

mtype = { RECLAIM, REFUSE, REPLACE };

byte name[6]; /* the inode, or 0 */
mtype what[9];
/* how many descriptors, sockets and clients refer to the inode */
byte held[9];
/* the starter that bound the file, plus 1; only NOTHING_LOST needs this */
byte maker[9];

/* Lock files have numbers of their own, since no call compares one with a
 * socket. So there are fewer states that differ only in numbers. */
byte lock_held[6];
byte locker[6]; /* the starter that has locked the file, plus 1 */
bool marked[6]; /* another process locked the file before its maker */

byte owned;   /* the file of the starter that believes to have the name */
byte windows; /* bit N: starter N acts on what it saw one step before */
byte crashes = CRASHES;
byte failures = FAILURES;
byte unsettled = STARTERS; /* these neither listen nor have ended */
byte ended;
/* the starters are alike, so the first to look for the lock is called A, and
 * the next B */
byte begun;

#define LAST STARTERS
#define STRANGER 8

#define is_alive(i) (what[i] == BOUND || what[i] == LISTENS)
#define has_name(i) \
    (name[X] == i || name[fresh] == i || name[aside] == i || \
     name[elsewhere] == i)
#define is_free_above(i) \
    ((i < 2 && what[2] == FREE) || (i < 3 && what[3] == FREE) || \
     (i < 4 && what[4] == FREE) || (i < 5 && what[5] == FREE) || \
     (i < 6 && what[6] == FREE) || (i < 7 && what[7] == FREE) || \
     (i < 8 && what[8] == FREE))

/* Notes a call for the traces: its arguments, its result, and the names after
 * it. */
inline did(call, first, second, outcome)
{
    printf("%c %e %e %e %e %d %d %d %d\n", 'A' + me, call, first, second,
           outcome, name[X], name[lock], name[fresh], name[aside])
}

/* Notes a call that neither changes a name nor asks for one. */
inline note(call, first, second, outcome)
{
    printf("%c %e %e %e %e\n", 'A' + me, call, first, second, outcome)
}

inline compared(at, i)
{
    did(newfstatat, at, 0, (name[at] == i -> same_inode : other_inode))
}

inline make(i, at, kind)
{
    i = 1;
    do
    :: what[i] == FREE -> break
    :: what[i] != FREE || (ANY_INODE && is_free_above(i)) -> i++
    od;
    name[at] = i;
    what[i] = kind
}

/* Frees the number of a file, once it has no name and no process refers to
 * it. */
inline settle(i)
{
    if
    :: i != 0 && held[i] == 0 && !has_name(i) -> what[i] = FREE; maker[i] = 0
    :: else
    fi
}

inline drop(i)
{
    if
    :: i != 0 -> held[i]--; settle(i)
    :: else
    fi;
    i = 0
}

/* One step. It must contain no free choice, unless numbers are chosen
 * freely. */
#if ANY_INODE
#define step atomic
#else
#define step d_step
#endif

/* ---- Starters ---------------------------------------------------------------- */

/* Any step may be the last. */
#define DIES DIES_IF(true)
#define DIES_IF(condition) \
    :: step { me != LAST && crashes > 0 && (condition) -> \
        crashes--; note(killed, 0, 0, 0) }; goto dying

#define is_lost(i) \
    (i != 0 && what[i] != STALE && !(maker[i] == me + 1 && what[i] != OTHER) && \
     !(option == REPLACE && i == other && is_alive(i)))

/* A mistake: the starter does not look to which file the name of the lock
 * leads. */
#define trusts_lock \
    (BAD == LOCK_NOT_COMPARED || (BAD == OWN_LOCK_NOT_COMPARED && !found))

inline check_owned()
{
    CLAIM(ONE_LISTENER, FOREIGN > 0 || owned == 0 || name[X] == owned)
}

inline unlink(at)
{
    seen = name[at];
    CLAIM(NOTHING_LOST, !is_lost(seen));
    name[at] = 0;
    settle(seen);
    seen = 0;
    check_owned()
}

/* If another file has the new name already, that file is lost. */
inline rename(old, new)
{
    seen = name[new];
    CLAIM(NOTHING_LOST, !is_lost(seen));
    name[new] = name[old];
    name[old] = 0;
    settle(seen);
    seen = 0;
    check_owned()
}

inline exchange_names(one, two)
{
    seen = name[one];
    name[one] = name[two];
    name[two] = seen;
    seen = 0;
    check_owned()
}

inline look(limit)
{
    if
    :: LIFTED != limit -> windows = windows | (1 << me)
    :: else
    fi
}

inline look_away() { windows = windows & ~(1 << me) }

inline disown()
{
    if
    :: believes && owned == file -> owned = 0
    :: else
    fi;
    believes = 0
}

/* The start has succeeded. From now on this starter relies on its name. */
inline believe()
{
    if
    :: !failed && !closing && !believes ->
        CLAIM(ONE_LISTENER, FOREIGN > 0 || (name[X] == file && owned == 0));
        owned = file;
        believes = 1
    :: else
    fi
}

inline begin()
{
    if
    :: begun == me -> begun++
    :: else
    fi
}

inline make_lock()
{
    lock_fd = 1;
    do
    :: lock_held[lock_fd] == 0 && name[lock] != lock_fd -> break
    :: else -> lock_fd++
    od;
    name[lock] = lock_fd;
    lock_held[lock_fd] = 1;
    marked[lock_fd] = 0
}

inline close_lock()
{
    if
    :: lock_fd != 0 ->
        if
        :: locker[lock_fd] == me + 1 -> locker[lock_fd] = 0
        :: else
        fi;
        lock_held[lock_fd]--;
        if
        :: lock_held[lock_fd] == 0 && name[lock] != lock_fd ->
            marked[lock_fd] = 0
        :: else
        fi
    :: else
    fi;
    lock_fd = 0
}

inline unlink_lock()
{
    seen = name[lock];
    name[lock] = 0;
    if
    :: seen != 0 && lock_held[seen] == 0 -> marked[seen] = 0
    :: else
    fi;
    seen = 0
}

inline open_other(at)
{
    other = name[at];
    if
    :: BAD != RECLAIM_WITHOUT_PIN -> held[other]++
    :: else
    fi
}

inline close_other()
{
    if
    :: other != 0 && BAD != RECLAIM_WITHOUT_PIN -> held[other]--; settle(other)
    :: else
    fi;
    other = 0
}

inline bind_as(at)
{
    make(made, at, HALF);
    held[made]++;
    maker[made] = me + 1
}

inline close_socket()
{
    if
    :: made != 0 -> what[made] = STALE; maker[made] = 0
    :: else
    fi;
    drop(made)
}

/* renameat2 with RENAME_NOREPLACE. If the system lacks that, a look and then a
 * rename. */
inline move(old, new)
{
    if
    DIES
    :: step { name[old] == 0 -> r = ENOENT; did(renameat2, old, new, ENOENT) }
    :: step { name[old] != 0 && name[new] != 0 ->
        r = EEXIST; did(renameat2, old, new, EEXIST) }
    :: step { NOREPLACE && name[old] != 0 && name[new] == 0 ->
        rename(old, new); r = ok; did(renameat2, old, new, ok) }
    :: step { !NOREPLACE && name[old] != 0 && name[new] == 0 ->
        look(LOOK_THEN_RENAME); r = EINVAL; did(newfstatat, new, 0, ENOENT) }
    fi;
    if
    DIES_IF(r == EINVAL)
    :: step { r == EINVAL && name[old] == 0 ->
        look_away(); r = ENOENT; did(renameat, old, new, ENOENT) }
    :: step { r == EINVAL && name[old] != 0 ->
        rename(old, new); look_away(); r = ok; did(renameat, old, new, ok) }
    :: r != EINVAL
    fi
}

/* Whether a process has the socket. ECONNREFUSED if not. */
inline probe(i)
{
    if
    DIES
    :: step { is_alive(i) -> r = EPROTOTYPE; note_probe(EPROTOTYPE) }
    :: step { what[i] == STALE || what[i] == HALF ->
        r = ECONNREFUSED; note_probe(ECONNREFUSED) }
    :: step { what[i] == FREE -> r = ENOENT; note_probe(ENOENT) }
    :: what[i] == OTHER -> r = OTHER
    fi
}

inline note_probe(outcome)
{
    note(socket, dgram, 0, ok);
    note(connect, dgram, 0, outcome);
    note(close, dgram, 0, ok)
}

proctype starter(byte me, option)
{
    byte lock_fd, other, made, file; /* the inodes of what is open */
    byte pin, public;                /* likewise, of leftovers */
    byte seen;
    mtype at;     /* the name of our file */
    mtype leftover; /* the name of a leftover */
    mtype r;      /* how a call ended */
    bool found, moved, retried, keeps_lock, closing, believes, failed;

    atomic {
        begun == me -> note(openat, directory, 0, ok);
        note(newfstatat, 0, 0, ok)
    };

    /* ---- The lock (posix/lock.c) ---- */
lock_it:
    if
    :: step { BAD == UNLINK_THEN_BIND && !closing -> begin() };
        goto unlink_first
    :: step { BAD == PROBE_WITHOUT_LOCK && !closing -> begin() };
        goto new_socket
    :: BAD == CLOSE_WITHOUT_LOCK && closing -> goto find_ours
    :: else
    fi;
open_lock:
    if
    DIES
    :: step { name[lock] == 0 -> make_lock(); found = 0; begin();
        did(openat, lock, 0, ok) }; goto take_lock
    :: step { name[lock] != 0 -> begin(); did(openat, lock, 0, EEXIST) }
    fi;
    if
    DIES
    :: step { name[lock] == 0 -> did(openat, lock, 0, ENOENT) };
        goto open_lock
    :: step { name[lock] != 0 ->
        lock_fd = name[lock]; lock_held[lock_fd]++; found = 1;
        did(openat, lock, 0, ok) }
    fi;
take_lock:
    note(newfstatat, 0, 0, ok);
    if
    DIES
    :: step { locker[lock_fd] == 0 ->
        locker[lock_fd] = me + 1; note(flock, lock, 0, ok) }
    :: step { locker[lock_fd] != 0 ->
        note(flock, lock, 0, EWOULDBLOCK); close_lock(); found = 0 };
        goto wait
    fi;
    if
    DIES
    :: step { name[lock] == lock_fd || trusts_lock ->
        found = found || (marked[lock_fd] && BAD != LOCK_NOT_MARKED);
        compared(lock, lock_fd) }
    :: step { name[lock] != lock_fd && !trusts_lock ->
        did(newfstatat, lock, 0, other_inode); close_lock(); found = 0 };
        goto open_lock
    fi;
    if
    DIES_IF(found)
    :: step { found && BAD != NOTHING_CLEARED -> leftover = fresh;
        marked[lock_fd] = 1; note(pwrite64, lock, 0, ok) }; goto clear
    :: !found || BAD == NOTHING_CLEARED -> goto locked
    fi;
/* waits a millisecond; to look again is useless until the lock's name or its
 * holder has changed */
wait:
    if
    DIES
    :: name[lock] == 0 || locker[name[lock]] == 0 -> goto open_lock
    :: step { IMPATIENT && me != LAST -> failed = 1 }; goto closes
    fi;

    /* ---- What a killed process has left under a hidden name ---- */
clear:
    if
    DIES
    :: step { name[leftover] == 0 -> did(openat, leftover, 0, ENOENT) };
        goto cleared
    :: step { name[leftover] != 0 -> pin = name[leftover]; held[pin]++;
        did(openat, leftover, 0, ok); note(newfstatat, 0, 0, ok) }
    fi;
    probe(pin);
    if
    :: r == ECONNREFUSED -> goto unlink_leftover
    :: else
    fi;
    /* a killed process was moving this file to or from the public name; the
     * file gets the public name */
    move(leftover, X);
    if
    :: r == EEXIST && leftover == fresh
    :: r == EEXIST && leftover != fresh -> goto stays
    :: else -> goto cleared
    fi;
    if
    DIES
    :: step { name[X] == 0 -> did(openat, X, 0, ENOENT) }; goto stays
    :: step { name[X] != 0 -> public = name[X]; held[public]++;
        did(openat, X, 0, ok); note(newfstatat, 0, 0, ok) }
    fi;
    probe(public);
    if
    :: r == ECONNREFUSED && EXCHANGE
    :: else -> goto stays
    fi;
    if
    DIES
    :: step { name[X] == 0 -> did(renameat2, fresh, X, ENOENT) };
        goto stays
    :: step { name[X] != 0 -> exchange_names(fresh, X);
        did(renameat2, fresh, X, exchange) }
    fi;
    if
    DIES
    :: step { name[fresh] == public ->
        did(newfstatat, fresh, 0, same_inode) }
    :: step { name[fresh] != public ->
        did(newfstatat, fresh, 0, other_inode) }; goto stays
    fi;
    if
    DIES
    :: step { unlink(fresh); did(unlinkat, fresh, 0, ok) }; goto cleared
    fi;
unlink_leftover:
    if
    DIES
    :: step { compared(leftover, pin); note(newfstatat, 0, 0, ok) }
    fi;
    if
    DIES
    :: step { unlink(leftover); did(unlinkat, leftover, 0, ok) }; goto cleared
    fi;
/* a dying process may have the socket, so the next holder of the lock looks
 * again */
stays:
    if
    :: what[pin] == OTHER || BAD == LEFTOVER_FORGOTTEN
    :: what[pin] != OTHER && BAD != LEFTOVER_FORGOTTEN -> keeps_lock = 1
    fi;
cleared:
    atomic { drop(pin); drop(public); r = 0 };
    if
    :: retried && at == fresh -> atomic { leftover = 0 }; goto bind_fresh
    :: retried && at == aside -> atomic { leftover = 0 }; goto move_aside
    :: !retried && leftover == fresh -> atomic { leftover = aside }; goto clear
    :: !retried && leftover == aside -> atomic { leftover = 0 }; goto locked
    fi;
locked:
    if
    :: closing -> goto find_ours
    :: else -> goto new_socket
    fi;

    /* ---- Starting (posix/path.c): bind at the path itself ---- */
unlink_first:
    if
    DIES
    :: step { name[X] != 0 -> unlink(X); did(unlinkat, X, 0, ok) }
    :: step { name[X] == 0 -> did(unlinkat, X, 0, ENOENT) }
    fi;
new_socket:
    atomic { note(socket, stream, 0, ok); note(fchmod, 0, 0, ok) };
bind_x:
    if
    DIES
    :: step { name[X] != 0 -> did(bind, X, 0, EADDRINUSE) }
    :: step { name[X] == 0 -> at = X; bind_as(X); retried = 0;
        look(BIND_THEN_OPEN); did(bind, X, 0, first_half) }; goto bound
    fi;

    /* ---- something has the name ---- */
    if
    DIES
    :: step { name[X] == 0 -> close_other(); did(openat, X, 0, ENOENT) };
        goto bind_x
    :: step { name[X] != 0 -> close_other(); open_other(X);
        did(openat, X, 0, ok); note(newfstatat, 0, 0, ok);
        note(geteuid, 0, 0, ok) }
    fi;
    if
    :: what[other] == OTHER || option == REFUSE -> goto refused
    :: else
    fi;
    probe(other);
    if
    :: r == OTHER -> goto refused
    :: r == ENOENT -> atomic { close_other(); r = 0 }; goto bind_x
    :: r == EPROTOTYPE && option == REPLACE -> atomic { r = 0 };
        goto bind_fresh
    :: r == EPROTOTYPE && option != REPLACE -> goto refused
    :: r == ECONNREFUSED -> atomic { r = 0 }
    fi;

    /* ---- it is stale: aside until the start has succeeded ---- */
move_aside:
    move(X, aside);
    if
    :: r == ok -> moved = 1
    :: r == ENOENT -> atomic { close_other(); r = 0 }; goto bind_x
    :: r == EEXIST && !retried && BAD != NOTHING_CLEARED ->
        step { retried = 1; at = aside; leftover = aside; r = 0 }; goto clear
    :: r == EEXIST && (retried || BAD == NOTHING_CLEARED) -> goto blocked
    fi;
    atomic { r = 0; retried = 0; at = 0 };
    if
    DIES
    :: step { name[aside] == other || BAD == ASIDE_NOT_COMPARED ->
        compared(aside, other); note(newfstatat, 0, 0, ok) }
    :: step { name[aside] != other && BAD != ASIDE_NOT_COMPARED ->
        did(newfstatat, aside, 0, other_inode) }; goto blocked
    fi;
    goto bind_x;

    /* ---- it is alive, and to be replaced ---- */
bind_fresh:
    if
    DIES
    :: step { name[fresh] == 0 -> at = fresh; bind_as(fresh); retried = 0;
        did(bind, fresh, 0, first_half) }
    :: step { name[fresh] != 0 && !retried ->
        retried = 1; at = fresh; leftover = fresh;
        did(bind, fresh, 0, EADDRINUSE) }; goto clear
    :: step { name[fresh] != 0 && retried ->
        did(bind, fresh, 0, EADDRINUSE) }; goto blocked
    fi;

bound: /* a process is never killed within a system call */
    atomic { what[made] = BOUND; did(bind, at, 0, second_half) };
    if
    DIES
    :: step { name[at] != 0 && what[name[at]] != OTHER ->
        file = name[at]; look_away();
        if
        :: BAD != CLOSE_WITHOUT_PIN -> held[file]++
        :: else
        fi;
        did(openat, at, 0, ok); note(newfstatat, 0, 0, ok) }
    :: step { name[at] == 0 || what[name[at]] == OTHER ->
        look_away(); did(openat, at, 0, ENOENT) }; goto blocked
    fi;
    if
    :: BAD == RENAME_THEN_LISTEN && at == fresh -> goto publish
    :: else
    fi;
start_listening:
    if
    DIES
    :: step { me != LAST && failures > 0 ->
        failures--; note(listen, 0, 0, EIO) }; goto refused
    :: step { what[made] = LISTENS; note(listen, 0, 0, ok) }
    fi;
    if
    :: at == X -> goto started
    :: else
    fi;

    /* ---- the name of the live one ---- */
publish:
    if
    :: EXCHANGE
    :: else -> goto publish_plainly
    fi;
    if
    DIES
    :: step { name[X] == 0 -> did(renameat2, fresh, X, ENOENT) };
        goto publish_fresh
    :: step { name[X] != 0 ->
        if
        :: name[X] == other -> owned = file; believes = 1
        :: else
        fi;
        exchange_names(fresh, X); did(renameat2, fresh, X, exchange) }
    fi;
    if
    :: BAD == RENAME_THEN_LISTEN && what[made] == BOUND -> goto start_listening
    :: else
    fi;
    if
    DIES
    :: step { name[fresh] == other || BAD == REPLACE_NOT_COMPARED ->
        compared(fresh, other); note(newfstatat, 0, 0, ok) }
    :: step { name[fresh] != other && BAD != REPLACE_NOT_COMPARED ->
        did(newfstatat, fresh, 0, other_inode) }; goto exchange_back
    fi;
    if
    DIES
    :: step { name[X] == 0 -> did(openat, X, 0, ENOENT) }; goto exchange_back
    :: step { name[X] != 0 -> public = name[X]; held[public]++;
        did(openat, X, 0, ok); note(newfstatat, 0, 0, ok) }
    fi;
    probe(public);
    atomic { drop(public); note(close, 0, 0, ok) };
    if
    :: r == EPROTOTYPE -> atomic { r = 0 }
    :: else -> atomic { r = 0 }; goto exchange_back
    fi;
    if
    DIES
    :: step { unlink(fresh); did(unlinkat, fresh, 0, ok); at = X };
        goto started
    fi;
exchange_back:
    disown();
    if
    DIES
    :: step { name[X] == 0 || name[fresh] == 0 ->
        did(renameat2, fresh, X, ENOENT) }; goto blocked
    :: step { name[X] != 0 && name[fresh] != 0 -> exchange_names(fresh, X);
        did(renameat2, fresh, X, exchange) }; goto blocked
    fi;
publish_fresh:
    move(fresh, X);
    if
    :: r == ok -> atomic { r = 0; at = X }; goto started
    :: else -> atomic { r = 0 }; goto blocked
    fi;
publish_plainly:
    move(fresh, aside);
    if
    :: r == ok -> atomic { r = 0; at = aside }
    :: else -> atomic { r = 0 }; goto blocked
    fi;
    if
    DIES
    :: step { REACHABLE -> did(openat, aside, 0, ok); note(newfstatat, 0, 0, ok);
        note_probe(EPROTOTYPE); note(close, 0, 0, ok) }
    :: step { !REACHABLE -> did(openat, aside, 0, ok);
        note(newfstatat, 0, 0, ok); note_probe(ECONNREFUSED);
        note(close, 0, 0, ok) }; goto refused
    fi;
    if
    DIES
    :: step { name[X] == other ->
        look(LOOK_THEN_RENAME); did(newfstatat, X, 0, same_inode);
        note(newfstatat, 0, 0, ok) }
    :: step { name[X] != other -> did(newfstatat, X, 0, other_inode) };
        goto blocked
    fi;
    if
    DIES
    :: step { owned = file; believes = 1; rename(aside, X); look_away(); at = X;
        did(renameat, aside, X, ok) }
    fi;

    /* ---- it listens, and has the name ---- */
started:
    if
    DIES_IF(moved)
    :: step { moved && name[aside] != 0 -> unlink(aside); moved = 0;
        did(unlinkat, aside, 0, ok) }
    :: step { moved && name[aside] == 0 -> moved = 0;
        did(unlinkat, aside, 0, ENOENT) }
    :: !moved
    fi;
    if
    :: step { other != 0 -> close_other(); note(close, 0, 0, ok) }
    :: other == 0
    fi;
    goto unlock;

    /* ---- the start has failed: all is as before ---- */
blocked:
    CLAIM(NEXT_STARTS, me != LAST || FOREIGN > 0);
refused:
    atomic { failed = 1; r = 0; close_other(); leftover = 0; keeps_lock = keeps_lock || (found && BAD == FOUND_LOCK_KEPT) };
    if
    :: file == 0 -> goto put_back
    :: else
    fi;
    if
    DIES
    :: step { name[at] == file ->
        look(LOOK_THEN_UNLINK); did(newfstatat, at, 0, same_inode) }
    :: step { name[at] != file -> did(newfstatat, at, 0, other_inode) };
        goto put_back
    fi;
    if
    DIES
    :: step { name[at] != 0 ->
        unlink(at); look_away(); did(unlinkat, at, 0, ok) }
    :: step { name[at] == 0 -> look_away(); did(unlinkat, at, 0, ENOENT) }
    fi;
put_back:
    if
    :: moved
    :: else -> goto unlock
    fi;
    move(aside, X);
    atomic { r = 0; moved = 0 };

    /* ---- the lock goes ---- */
unlock:
    if
    DIES
    :: step { lock_fd == 0 || keeps_lock -> believe() }; goto close_it
    :: step { lock_fd != 0 && !keeps_lock && BAD != UNLOCK_THEN_UNLINK ->
        believe(); unlink_lock(); did(unlinkat, lock, 0, ok) }
    :: step { lock_fd != 0 && !keeps_lock && BAD == UNLOCK_THEN_UNLINK ->
        believe(); close_lock(); note(close, lock, 0, ok) }
    fi;
close_it:
    if
    DIES
    :: step { lock_fd == 0 && BAD != UNLOCK_THEN_UNLINK -> skip }
    :: step { lock_fd != 0 && BAD != UNLOCK_THEN_UNLINK ->
        close_lock(); note(close, lock, 0, ok) }
    :: step { BAD == UNLOCK_THEN_UNLINK ->
        unlink_lock(); did(unlinkat, lock, 0, ok) }
    fi;
    if
    :: failed || closing -> goto closes
    :: else
    fi;
    atomic { note(getpid, 0, 0, ok); at = X; keeps_lock = 0; found = 0;
        unsettled-- };

    /* ---- it is told that it listens ---- */
listening:
    if
    :: step { me != LAST && crashes > 0 ->
        crashes--; unsettled++; note(killed, 0, 0, 0) }; goto dying
    :: step { HANDED_ON && made != 0 -> disown(); close_socket();
        note(close, stream, 0, ok) }; goto listening
    :: step { unsettled++; disown() }
    fi;

    /* ---- Closing (posix/unlink.c) ---- */
    atomic { closing = 1; note(getpid, 0, 0, ok); note(getsockopt, 0, 0, ok);
        note(getsockopt, 0, 0, ok); note(newfstatat, 0, 0, ok) };
    goto lock_it;
find_ours:
    if
    DIES
    :: step { name[X] == file || (BAD == CLOSE_BY_NAME && name[X] != 0) ->
        look(LOOK_THEN_UNLINK); compared(X, file);
        note(newfstatat, 0, 0, ok) }
    :: step { name[X] != file && (BAD != CLOSE_BY_NAME || name[X] == 0) ->
        did(newfstatat, X, 0, other_inode) }; goto drop_lock
    fi;
    if
    DIES
    :: step { name[X] != 0 ->
        unlink(X); look_away(); did(unlinkat, X, 0, ok) }
    :: step { name[X] == 0 -> look_away(); did(unlinkat, X, 0, ENOENT) }
    fi;
drop_lock:
    atomic { note(newfstatat, 0, 0, ok); did(newfstatat, lock, 0, same_inode) };
    goto unlock;

    /* ---- all is closed; a killed process closes in any order ---- */
dying:
    atomic { begin(); look_away(); disown(); close_other(); drop(pin);
        drop(public); r = 0; leftover = 0; moved = 0 };
closes:
    if
    :: step { lock_fd != 0 && made != 0 -> close_lock() }
    :: step { lock_fd != 0 && made != 0 -> close_socket() }
    :: lock_fd == 0 || made == 0
    fi;
    atomic {
        close_other(); close_lock(); close_socket();
        note(close, stream, 0, ok); note(close, directory, 0, ok);
        note(close, 0, 0, ok);
        if
        :: BAD != CLOSE_WITHOUT_PIN -> drop(file)
        :: else -> file = 0
        fi;
        unsettled--; ended++; note(exits, 0, 0, ok)
    };
}

/* ---- The others --------------------------------------------------------------- */

/* Another program at the same path, which does not know our lock. Its file is
 * OTHER, or a socket of the same user. */
proctype foreign()
{
    byte i, seen, me = 25, calls = FOREIGN;
end:
    do
    :: step { calls > 0 && windows == 0 && name[X] == 0 ->
        calls--; make(i, X, OTHER); i = 0; did(create, X, 0, ok) }
    :: step { calls > 0 && windows == 0 && name[X] == 0 ->
        calls--; make(i, X, LISTENS); held[i]++; maker[i] = STRANGER; i = 0;
        did(bind, X, 0, ok) }
    :: step { calls > 0 && windows == 0 && name[X] != 0 ->
        calls--; seen = name[X]; name[X] = 0; settle(seen); seen = 0;
        did(unlinkat, X, 0, ok) }
    :: step { calls > 0 && windows == 0 && name[X] != 0 ->
        calls--; seen = name[X]; make(i, X, OTHER); settle(seen); seen = 0;
        i = 0; did(create, X, 0, replaces) }
    :: step { calls > 0 && windows == 0 && name[X] != 0 ->
        calls--; seen = name[X]; make(i, X, LISTENS); held[i]++;
        maker[i] = STRANGER; settle(seen); seen = 0; i = 0;
        did(bind, X, 0, replaces) }
    :: step { calls > 0 && windows == 0 && name[X] != 0 &&
                name[elsewhere] == 0 ->
        calls--; name[elsewhere] = name[X]; name[X] = 0;
        did(renameat2, X, elsewhere, ok) }
    :: step { calls > 0 && windows == 0 && name[elsewhere] != 0 ->
        calls--; seen = name[X]; name[X] = name[elsewhere];
        name[elsewhere] = 0; settle(seen); seen = 0;
        did(renameat2, elsewhere, X, ok) }
    :: step { LIFTED == FOREIGN_BIND && calls > 0 && name[X] == 0 ->
        calls--; make(i, X, HALF); held[i]++; maker[i] = STRANGER;
        did(bind, X, 0, first_half) }
        step { what[i] = LISTENS; i = 0; did(bind, X, 0, second_half) }
    od
}

/* connect first looks up the path. Then it looks for a socket that listens. */
proctype client()
{
    byte i, me = 24;
    bool served;
end:
    do
    :: step { name[X] != 0 || (owned != 0 && FOREIGN == 0) ->
        CLAIM(CLIENT_SERVED, name[X] != 0);
        served = owned != 0 && FOREIGN == 0; i = name[X]; held[i]++;
        note(connect, X, 0, first_half) };
        step {
        CLAIM(CLIENT_SERVED, !served || what[i] == LISTENS || what[i] == STALE);
        served = 0; drop(i); note(connect, X, 0, second_half) }
    od
}

inline choose(options)
{
    if
    :: options & 1 -> option = RECLAIM
    :: options & 2 -> option = REFUSE
    :: options & 4 -> option = REPLACE
    fi
}

#define only_x() (name[lock] == 0 && name[fresh] == 0 && name[aside] == 0)

init
{
    byte option;
    byte i;
    atomic {
        if
        :: AT_FIRST & 1
        :: AT_FIRST & 2 -> what[1] = STALE; name[X] = 1
        :: AT_FIRST & 4 -> what[1] = LISTENS; held[1] = 1; name[X] = 1;
            maker[1] = STRANGER
        fi;
        do
        :: i < STARTERS ->
            choose(OPTIONS);
            run starter(i, option);
            i++
        :: else -> break
        od;
        i = 0;
        if
        :: FOREIGN > 0 -> run foreign()
        :: else
        fi;
        if
        :: CLIENT -> run client()
        :: else
        fi
    }
#ifndef ALONE
    atomic {
        unsettled == 0 ->
        CLAIM(NOTHING_LEFT, FOREIGN > 0 || CRASHES > 0 || only_x());
        crashes = 0; failures = 0; unsettled = 1;
        choose(LAST_OPTIONS);
        run starter(LAST, option)
    }
    atomic {
        ended == STARTERS + 1 ->
        CLAIM(NOTHING_LEFT, FOREIGN > 0 ||
              (only_x() && (IMPATIENT || name[X] == 0)))
    }
#endif
}
