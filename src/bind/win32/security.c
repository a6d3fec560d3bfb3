/* win32/security.c - who may use a pipe, and whose it is */
#include "win32.h"

#include <aclapi.h>
#include <sddl.h>
#include <string.h>

#include "../../status/error.h"
#include "../system.h"
#include "../../status/writer.h"

enum { TOKEN_ROOM = sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE };

typedef union user {
    TOKEN_USER token;
    unsigned char room[TOKEN_ROOM];
} user;

static sbind_status user_of(HANDLE token, user *ret, sbind_error *reterr)
{
    DWORD length;
    if (!GetTokenInformation(token, TokenUser, ret, sizeof *ret, &length))
        return sbind__fail_call("GetTokenInformation", reterr);
    return SBIND_OK;
}

static sbind_status own_user(user *ret, sbind_error *reterr)
{
    HANDLE token;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return sbind__fail_call("OpenProcessToken", reterr);
    sbind_status s = user_of(token, ret, reterr);
    sbind__close_handle(token);
    return s;
}

/* ---- As text -------------------------------------------------------------------- */

static sbind_status write_sid(PSID sid, char ret[SBIND_SID_MAX],
                              sbind_error *reterr)
{
    sbind__writer to = {ret, SBIND_SID_MAX, 0, false};
    char *text = NULL;
    if (!ConvertSidToStringSidA(sid, &text))
        return sbind__fail_call("ConvertSidToStringSidA", reterr);
    sbind__put_text(&to, text);
    sbind__put_end(&to);
    LocalFree(text);
    return SBIND_OK;
}

sbind_status sbind__sid_of_token(HANDLE token, char ret[SBIND_SID_MAX],
                                 sbind_error *reterr)
{
    user u = {0};
    sbind_status s = user_of(token, &u, reterr);
    return s == SBIND_OK ? write_sid(u.token.User.Sid, ret, reterr) : s;
}

/* ---- The descriptor of a pipe ------------------------------------------------ */

static sbind_status unsound(const char *hint, sbind_error *reterr)
{
    return sbind__fail_option(SBIND_BAD_OPTION, "pipe_sddl", hint, reterr);
}

/* Who is no client: may do to the pipe, or to this process, whatever he likes
 * anyway. The owner of the pipe is this process's user: check_descriptor. */
static bool is_trusted(PSID sid, const user *own)
{
    return IsWellKnownSid(sid, WinLocalSystemSid) ||
           IsWellKnownSid(sid, WinBuiltinAdministratorsSid) ||
           IsWellKnownSid(sid, WinCreatorOwnerRightsSid) ||
           EqualSid(sid, own->token.User.Sid);
}

/* FILE_CREATE_PIPE_INSTANCE is what hides in GENERIC_WRITE; and who may change
 * the list could give it to himself. */
static bool is_sound(const ACCESS_ALLOWED_ACE *ace, const user *own)
{
    const DWORD harmless = GENERIC_READ | SBIND_PIPE_CLIENT_RIGHTS;
    if (ace->Header.AceType == ACCESS_DENIED_ACE_TYPE)
        return true;
    if (ace->Header.AceType != ACCESS_ALLOWED_ACE_TYPE)
        return false;
    return (ace->Mask & ~harmless) == 0 ||
           is_trusted((PSID)(ULONG_PTR)&ace->SidStart, own);
}

static sbind_status check_list(ACL *list, const user *own, sbind_error *reterr)
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

/* Another owner would have what is meant for this user. */
static sbind_status check_pipe_owner(PSECURITY_DESCRIPTOR d, const user *own,
                                     sbind_error *reterr)
{
    PSID owner = NULL;
    sbind_status s = owner_of(d, &owner, reterr);
    if (s != SBIND_OK)
        return s;
    return owner != NULL && EqualSid(owner, own->token.User.Sid)
               ? SBIND_OK
               : unsound(
                     "pipe_sddl: the owner is this user, and cannot be another",
                     reterr);
}

/* No list at all would let everybody do everything. */
static sbind_status check_descriptor(PSECURITY_DESCRIPTOR d, const user *own,
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

/* The call has not understood the option. */
static sbind_status fail_conversion(const char *call, const char *option,
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
        return fail_conversion(
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

static sbind_status read_as_own(const char *sddl, const user *own,
                                PSECURITY_DESCRIPTOR *ret, sbind_error *reterr)
{
    char *sid = NULL;
    if (!ConvertSidToStringSidA(own->token.User.Sid, &sid))
        return sbind__fail_call("ConvertSidToStringSidA", reterr);
    sbind_status s = read_owned(sid, sddl, ret, reterr);
    LocalFree(sid);
    return s;
}

/* Without an owner Windows would take the one that the token has for new
 * objects. Of SYSTEM and of an administrator who is elevated that is the group
 * of administrators, which the same user is not in when he is not elevated. */
static sbind_status read_descriptor(const char *sddl, const user *own,
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

/* The processes of an administrator are not equal: one that is not elevated must
 * not be able to serve the clients of one that is. */
static sbind_status find_default(const char **ret, sbind_error *reterr)
{
    unsigned char administrators[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof administrators;
    BOOL is_member = FALSE;
    if (!CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators,
                            &size))
        return sbind__fail_call("CreateWellKnownSid", reterr);
    if (!CheckTokenMembership(NULL, administrators, &is_member))
        return sbind__fail_call("CheckTokenMembership", reterr);
    *ret = is_member ? SBIND_PIPE_SDDL_ELEVATED : SBIND_PIPE_SDDL_DEFAULT;
    return SBIND_OK;
}

sbind_status sbind__pipe_security(const char *sddl, PSECURITY_DESCRIPTOR *ret,
                                  sbind_error *reterr)
{
    PSECURITY_DESCRIPTOR d = NULL;
    user own = {0};
    sbind_status s = own_user(&own, reterr);
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

/* ---- Whose pipe it is ----------------------------------------------------------- */

/* NULL if it has none. *ret lies in *ret_descriptor, which is to be freed with
 * LocalFree. */
static sbind_status owner_of_pipe(HANDLE pipe, PSID *ret,
                                  PSECURITY_DESCRIPTOR *ret_descriptor,
                                  sbind_error *reterr)
{
    DWORD code =
        GetSecurityInfo(pipe, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION, ret,
                        NULL, NULL, NULL, ret_descriptor);
    return code == ERROR_SUCCESS
               ? SBIND_OK
               : sbind__fail_code("GetSecurityInfo", (int)code, reterr);
}

sbind_status sbind__sid_of_owner(HANDLE pipe, char ret[SBIND_SID_MAX],
                                 sbind_error *reterr)
{
    PSECURITY_DESCRIPTOR d = NULL;
    PSID owner = NULL;
    sbind_status s = owner_of_pipe(pipe, &owner, &d, reterr);
    if (s == SBIND_OK && owner != NULL)
        s = write_sid(owner, ret, reterr);
    LocalFree(d);
    return s;
}

static sbind_status check_owner(HANDLE pipe, PSID wanted, sbind_error *reterr)
{
    PSECURITY_DESCRIPTOR d = NULL;
    PSID owner = NULL;
    sbind_status s = owner_of_pipe(pipe, &owner, &d, reterr);
    if (s != SBIND_OK)
        return s;
    if (owner == NULL || !EqualSid(owner, wanted))
        s = sbind__fail(SBIND_WRONG_SERVER, reterr);
    LocalFree(d);
    return s;
}

static sbind_status check_process(HANDLE pipe, DWORD wanted,
                                  sbind_error *reterr)
{
    ULONG process;
    if (!GetNamedPipeServerProcessId(pipe, &process))
        return sbind__fail_call("GetNamedPipeServerProcessId", reterr);
    return process == wanted ? SBIND_OK
                             : sbind__fail(SBIND_WRONG_SERVER, reterr);
}

sbind_status sbind__check_server(HANDLE pipe, const sbind_connect_options *o,
                                 sbind_error *reterr)
{
    PSID wanted = NULL;
    sbind_status s = SBIND_OK;
    if (o->pipe_server != 0)
        s = check_process(pipe, o->pipe_server, reterr);
    if (s != SBIND_OK || o->pipe_owner == NULL)
        return s;
    if (!ConvertStringSidToSidA(o->pipe_owner, &wanted))
        return fail_conversion("ConvertStringSidToSidA", "pipe_owner", reterr);
    s = check_owner(pipe, wanted, reterr);
    LocalFree(wanted);
    return s;
}
