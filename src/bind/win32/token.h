/* token.h - as which user and in which groups this process acts */
#ifndef SBIND_BIND_WIN32_TOKEN_H
#define SBIND_BIND_WIN32_TOKEN_H

#include "win32.h"

typedef union sbind__user {
    TOKEN_USER token;  /* its SID lies behind it */
    TOKEN_OWNER owner; /* of new files, likewise */
    unsigned char room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
} sbind__user;

/* The user of this process, even while this thread impersonates another
 * user. */
sbind_status sbind__own_user(sbind__user *ret, sbind_error *reterr);

/* Whether this is SYSTEM, the administrators, the owner of the object, or this
 * user. They can harm this process anyway, so rights for them are no risk. */
bool sbind__is_trusted(PSID sid, const sbind__user *own);

/* SBIND_UNSUPPORTED while the thread impersonates another user. */
sbind_status sbind__check_thread(sbind_error *reterr);

/* Whether the process is in this group, and the group is enabled. If the group
 * of administrators is, the process is elevated. */
sbind_status sbind__is_member(PSID group, bool *ret, sbind_error *reterr);
sbind_status sbind__is_administrator(bool *ret, sbind_error *reterr);

/* Whether this is the package of the AppContainer in which the process runs. */
bool sbind__is_own_package(PSID sid);

/* Whether files that this process makes may have this owner. */
sbind_status sbind__owns_files_of(PSID owner, bool *ret, sbind_error *reterr);

/* A SID as text, and the user of a token as text. */
sbind_status sbind__write_sid(PSID sid, char ret[SBIND_SID_MAX],
                              sbind_error *reterr);
sbind_status sbind__sid_of_token(HANDLE token, char ret[SBIND_SID_MAX],
                                 sbind_error *reterr);

#endif
