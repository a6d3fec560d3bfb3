/* win32/security.c - which users may use a pipe that this process makes */
#include "token.h"

#include <sddl.h>
#include <string.h>

#include "../../status/error.h"
#include "../../status/writer.h"
#include "../system.h"

/* ---- The descriptor of a pipe ------------------------------------------------ */

static sbind_status unsound(const char *hint, sbind_error *reterr)
{
    return sbind__fail_option(SBIND_BAD_OPTION, "pipe_sddl", hint, reterr);
}

/* Whether a SID is that of one service or one logon session: S-1-5-80-A-B-C-D-E
 * or S-1-5-5-A-B. S-1-5-80-0 means all services. */
static bool names_one(PSID sid)
{
    const DWORD kind = *GetSidSubAuthority(sid, 0);
    const UCHAR count = *GetSidSubAuthorityCount(sid);
    return (kind == SECURITY_SERVICE_ID_BASE_RID && count == 6) ||
           (kind == SECURITY_LOGON_IDS_RID && count == 3);
}

/* Whether this process is in the group, and the group is narrower than the
 * user: a service, a logon session, or the package of an AppContainer. Every
 * process in such a group is trusted like this one. */
static bool is_own_group(PSID sid)
{
    const SID_IDENTIFIER_AUTHORITY nt = {SECURITY_NT_AUTHORITY};
    bool is_member = false;
    if (memcmp(GetSidIdentifierAuthority(sid), &nt, sizeof nt) != 0)
        return sbind__is_own_package(sid);
    return names_one(sid) &&
           sbind__is_member(sid, &is_member, NULL) == SBIND_OK && is_member;
}

/* Whether an entry gives rights that let a process serve the pipe.
 * GENERIC_WRITE includes FILE_CREATE_PIPE_INSTANCE. A process that may change
 * the access list could give itself that right. */
static bool is_sound(const ACCESS_ALLOWED_ACE *ace, const sbind__user *own)
{
    const DWORD harmless = GENERIC_READ | SBIND_PIPE_CLIENT_RIGHTS;
    const PSID sid = (PSID)(ULONG_PTR)&ace->SidStart;
    if (ace->Header.AceType == ACCESS_DENIED_ACE_TYPE)
        return true;
    if (ace->Header.AceType != ACCESS_ALLOWED_ACE_TYPE)
        return false;
    return (ace->Mask & ~harmless) == 0 || sbind__is_trusted(sid, own) ||
           is_own_group(sid);
}

static sbind_status check_list(ACL *list, const sbind__user *own,
                               sbind_error *reterr)
{
    for (DWORD i = 0; i < list->AceCount; i++) {
        void *ace;
        if (!GetAce(list, i, &ace))
            return sbind__fail_call("GetAce", reterr);
        if (!is_sound(ace, own))
            return unsound("pipe_sddl: give others GR or 0x12019b at most; "
                           "GA and GW let them be the server",
                           reterr);
    }
    return SBIND_OK;
}

static sbind_status owner_of(PSECURITY_DESCRIPTOR d, PSID *ret,
                             sbind_error *reterr)
{
    BOOL defaulted;
    if (!GetSecurityDescriptorOwner(d, ret, &defaulted))
        return sbind__fail_call("GetSecurityDescriptorOwner", reterr);
    return SBIND_OK;
}

/* Checks that the owner is this user. If it were another one, the entry OW
 * (owner rights) would give that owner the rights that are meant for this
 * user. */
static sbind_status check_pipe_owner(PSECURITY_DESCRIPTOR d,
                                     const sbind__user *own,
                                     sbind_error *reterr)
{
    PSID owner = NULL;
    sbind_status s = owner_of(d, &owner, reterr);
    if (s != SBIND_OK)
        return s;
    return owner != NULL && EqualSid(owner, own->token.User.Sid)
               ? SBIND_OK
               : unsound(
                     "pipe_sddl: leave O: out; the owner is always this user",
                     reterr);
}

/* Checks the descriptor. It must have an access list: without one, every user
 * could do everything. */
static sbind_status check_descriptor(PSECURITY_DESCRIPTOR d,
                                     const sbind__user *own,
                                     sbind_error *reterr)
{
    SECURITY_DESCRIPTOR_CONTROL control;
    DWORD revision;
    BOOL present, defaulted;
    ACL *list = NULL;
    if (!GetSecurityDescriptorControl(d, &control, &revision))
        return sbind__fail_call("GetSecurityDescriptorControl", reterr);
    if (!GetSecurityDescriptorDacl(d, &present, &list, &defaulted))
        return sbind__fail_call("GetSecurityDescriptorDacl", reterr);
    if (!present || list == NULL || (control & SE_DACL_PROTECTED) == 0)
        return unsound("pipe_sddl: write a protected list, D:P(...)", reterr);
    sbind_status s = check_pipe_owner(d, own, reterr);
    return s == SBIND_OK ? check_list(list, own, reterr) : s;
}

sbind_status sbind__fail_conversion(const char *call, const char *option,
                                    sbind_error *reterr)
{
    sbind_status s = sbind__fail_call_as(SBIND_BAD_OPTION, call, reterr);
    reterr->option = option;
    return s;
}

static sbind_status read_sddl(const char *sddl, PSECURITY_DESCRIPTOR *ret,
                              sbind_error *reterr)
{
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(
            sddl, SDDL_REVISION_1, ret, NULL))
        return sbind__fail_conversion(
            "ConvertStringSecurityDescriptorToSecurityDescriptorA", "pipe_sddl",
            reterr);
    return SBIND_OK;
}

/* "O:SID" and what follows. */
static sbind_status read_owned(const char *sid, const char *sddl,
                               PSECURITY_DESCRIPTOR *ret, sbind_error *reterr)
{
    sbind__writer to = {.cap = strlen("O:") + strlen(sid) + strlen(sddl) + 1};
    to.buf = HeapAlloc(GetProcessHeap(), 0, to.cap);
    if (to.buf == NULL)
        return sbind__fail_code("HeapAlloc", ERROR_NOT_ENOUGH_MEMORY, reterr);
    sbind__put_text(&to, "O:");
    sbind__put_text(&to, sid);
    sbind__put_text(&to, sddl);
    sbind__put_end(&to);
    sbind_status s = read_sddl(to.buf, ret, reterr);
    HeapFree(GetProcessHeap(), 0, to.buf);
    return s;
}

static sbind_status read_as_own(const char *sddl, const sbind__user *own,
                                PSECURITY_DESCRIPTOR *ret, sbind_error *reterr)
{
    char *sid = NULL;
    if (!ConvertSidToStringSidA(own->token.User.Sid, &sid))
        return sbind__fail_call("ConvertSidToStringSidA", reterr);
    sbind_status s = read_owned(sid, sddl, ret, reterr);
    LocalFree(sid);
    return s;
}

/* Sets the owner of the pipe to this user. Otherwise Windows would take the
 * token's owner for new objects: for SYSTEM and for elevated processes that is
 * the group of administrators. Processes of the same user that are not elevated
 * are not in that group. */
static sbind_status read_descriptor(const char *sddl, const sbind__user *own,
                                    PSECURITY_DESCRIPTOR *ret,
                                    sbind_error *reterr)
{
    PSECURITY_DESCRIPTOR given = NULL;
    PSID owner = NULL;
    sbind_status s = read_sddl(sddl, &given, reterr);
    if (s != SBIND_OK)
        return s;
    s = owner_of(given, &owner, reterr);
    if (s == SBIND_OK && owner != NULL) {
        *ret = given;
        return s;
    }
    LocalFree(given);
    return s == SBIND_OK ? read_as_own(sddl, own, ret, reterr) : s;
}

/* Finds the default access list. An elevated process has another list: a
 * process of the same administrator that is not elevated must not be able to
 * serve the clients of an elevated process. */
static sbind_status find_default(const char **ret, sbind_error *reterr)
{
    bool is_elevated = false;
    sbind_status s = sbind__is_administrator(&is_elevated, reterr);
    *ret = is_elevated ? SBIND_PIPE_SDDL_ELEVATED : SBIND_PIPE_SDDL_DEFAULT;
    return s;
}

sbind_status sbind__pipe_security(const char *sddl, PSECURITY_DESCRIPTOR *ret,
                                  sbind_error *reterr)
{
    PSECURITY_DESCRIPTOR d = NULL;
    sbind__user own = {0};
    sbind_status s = sbind__check_thread(reterr);
    if (s == SBIND_OK)
        s = sbind__own_user(&own, reterr);
    if (s == SBIND_OK && sddl == NULL)
        s = find_default(&sddl, reterr);
    if (s == SBIND_OK)
        s = read_descriptor(sddl, &own, &d, reterr);
    if (s != SBIND_OK)
        return s;
    s = check_descriptor(d, &own, reterr);
    if (s == SBIND_OK)
        *ret = d;
    else
        LocalFree(d);
    return s;
}
