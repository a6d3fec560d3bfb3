/* win32_security.c - who may use a pipe, and whose it is */
#include "win32.h"

#include <aclapi.h>
#include <sddl.h>
#include <string.h>

#include "../status/error.h"
#include "system.h"

enum { TOKEN_ROOM = sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE };

typedef union user {
    TOKEN_USER token;
    unsigned char room[TOKEN_ROOM];
} user;

static sbind_status own_user(user *ret, sbind_error *reterr)
{
    HANDLE token;
    DWORD length;
    sbind_status s = SBIND_OK;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return sbind__fail_win32("OpenProcessToken", reterr);
    if (!GetTokenInformation(token, TokenUser, ret, sizeof *ret, &length))
        s = sbind__fail_win32("GetTokenInformation", reterr);
    sbind__close_handle(token);
    return s;
}

/* ---- The descriptor of a pipe ------------------------------------------------ */

static sbind_status unsound(const char *hint, sbind_error *reterr)
{
    return sbind__fail_hint(SBIND_BAD_OPTION, hint, reterr);
}

/* Who is no client: may do to the pipe, or to this process, whatever he likes
 * anyway. The owner of the pipe is this process's user. */
static bool is_trusted(PSID sid, const user *own)
{
    return IsWellKnownSid(sid, WinLocalSystemSid) ||
           IsWellKnownSid(sid, WinBuiltinAdministratorsSid) ||
           IsWellKnownSid(sid, WinCreatorOwnerRightsSid) ||
           // GetTokenInformation has filled it in
           // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage)
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
            return sbind__fail_win32("GetAce", reterr);
        if (!is_sound(ace, own))
            return unsound("pipe-sddl: to others give GR or 0x12019b at most; "
                           "GA and GW let them be the server",
                           reterr);
    }
    return SBIND_OK;
}

/* No list at all would let everybody do everything. */
static sbind_status check_descriptor(PSECURITY_DESCRIPTOR d,
                                     sbind_error *reterr)
{
    SECURITY_DESCRIPTOR_CONTROL control;
    DWORD revision;
    BOOL present, defaulted;
    ACL *list = NULL;
    user own;
    sbind_status s;
    if (!GetSecurityDescriptorControl(d, &control, &revision))
        return sbind__fail_win32("GetSecurityDescriptorControl", reterr);
    if (!GetSecurityDescriptorDacl(d, &present, &list, &defaulted))
        return sbind__fail_win32("GetSecurityDescriptorDacl", reterr);
    if (!present || list == NULL || (control & SE_DACL_PROTECTED) == 0)
        return unsound("pipe-sddl needs a protected list, D:P(...)", reterr);
    s = own_user(&own, reterr);
    return s == SBIND_OK ? check_list(list, &own, reterr) : s;
}

sbind_status sbind__pipe_security(const char *sddl, PSECURITY_DESCRIPTOR *ret,
                                  sbind_error *reterr)
{
    PSECURITY_DESCRIPTOR d = NULL;
    sbind_status s;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(
            sddl == NULL ? SBIND_PIPE_SDDL_DEFAULT : sddl, SDDL_REVISION_1, &d,
            NULL))
        return sbind__fail_win32_as(
            SBIND_BAD_OPTION,
            "ConvertStringSecurityDescriptorToSecurityDescriptorA", reterr);
    s = check_descriptor(d, reterr);
    if (s == SBIND_OK)
        *ret = d;
    else
        LocalFree(d);
    return s;
}

/* ---- Whose pipe it is ----------------------------------------------------------- */

static sbind_status check_owner(HANDLE pipe, PSID wanted, sbind_error *reterr)
{
    PSECURITY_DESCRIPTOR d = NULL;
    PSID owner = NULL;
    sbind_status s = SBIND_OK;
    DWORD code =
        GetSecurityInfo(pipe, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION,
                        &owner, NULL, NULL, NULL, &d);
    if (code != ERROR_SUCCESS)
        return sbind__fail_code("GetSecurityInfo", code, reterr);
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
        return sbind__fail_win32("GetNamedPipeServerProcessId", reterr);
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
        return sbind__fail_win32_as(SBIND_BAD_OPTION, "ConvertStringSidToSidA",
                                    reterr);
    s = check_owner(pipe, wanted, reterr);
    LocalFree(wanted);
    return s;
}
