/* win32/token.c - as which user and in which groups this process acts */
#include "token.h"

#include <sddl.h>

#include "../../status/error.h"
#include "../../status/writer.h"
#include "../system.h"

static sbind_status user_of(HANDLE token, sbind__user *ret, sbind_error *reterr)
{
    DWORD length;
    if (!GetTokenInformation(token, TokenUser, ret, sizeof *ret, &length))
        return sbind__fail_call("GetTokenInformation", reterr);
    return SBIND_OK;
}

static sbind_status open_own_token(HANDLE *ret, sbind_error *reterr)
{
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, ret))
        return sbind__fail_call("OpenProcessToken", reterr);
    return SBIND_OK;
}

sbind_status sbind__own_user(sbind__user *ret, sbind_error *reterr)
{
    HANDLE token;
    sbind_status s = open_own_token(&token, reterr);
    if (s != SBIND_OK)
        return s;
    s = user_of(token, ret, reterr);
    sbind__close_handle(token);
    return s;
}

bool sbind__is_trusted(PSID sid, const sbind__user *own)
{
    return IsWellKnownSid(sid, WinLocalSystemSid) ||
           IsWellKnownSid(sid, WinBuiltinAdministratorsSid) ||
           IsWellKnownSid(sid, WinCreatorOwnerRightsSid) ||
           EqualSid(sid, own->token.User.Sid);
}

/* Checks that this thread does not impersonate a client. A pipe or file that it
 * makes would belong to the client, and other threads could not use it. */
sbind_status sbind__check_thread(sbind_error *reterr)
{
    HANDLE token;
    if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token))
        return GetLastError() == ERROR_NO_TOKEN
                   ? SBIND_OK
                   : sbind__fail_call("OpenThreadToken", reterr);
    sbind__close_handle(token);
    return sbind__fail_hint(
        SBIND_UNSUPPORTED,
        "this thread impersonates another user; call RevertToSelf first",
        reterr);
}

/* ---- Groups -------------------------------------------------------------------- */

sbind_status sbind__is_member(PSID group, bool *ret, sbind_error *reterr)
{
    BOOL is_member = FALSE;
    if (!CheckTokenMembership(NULL, group, &is_member))
        return sbind__fail_call("CheckTokenMembership", reterr);
    *ret = is_member;
    return SBIND_OK;
}

sbind_status sbind__is_administrator(bool *ret, sbind_error *reterr)
{
    unsigned char administrators[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof administrators;
    if (!CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators,
                            &size))
        return sbind__fail_call("CreateWellKnownSid", reterr);
    return sbind__is_member(administrators, ret, reterr);
}

/* Asks for the package of the process. Windows 7 has no packages, and fails. */
bool sbind__is_own_package(PSID sid)
{
    union {
        TOKEN_APPCONTAINER_INFORMATION token;
        unsigned char room[sizeof(TOKEN_APPCONTAINER_INFORMATION) +
                           SECURITY_MAX_SID_SIZE];
    } package = {{NULL}};
    HANDLE token;
    DWORD length;
    if (open_own_token(&token, NULL) != SBIND_OK)
        return false;
    const bool is_known = GetTokenInformation(
        token, TokenAppContainerSid, &package, sizeof package, &length);
    sbind__close_handle(token);
    return is_known && package.token.TokenAppContainer != NULL &&
           EqualSid(sid, package.token.TokenAppContainer);
}

/* ---- Files ----------------------------------------------------------------------- */

/* Whether new files of this process may have this owner. The token names their
 * usual owner: for an elevated process it is the group of administrators. */
sbind_status sbind__owns_files_of(PSID owner, bool *ret, sbind_error *reterr)
{
    sbind__user own = {0}, maker = {0};
    HANDLE token;
    DWORD length;
    sbind_status s = open_own_token(&token, reterr);
    if (s != SBIND_OK)
        return s;
    s = user_of(token, &own, reterr);
    if (s == SBIND_OK &&
        !GetTokenInformation(token, TokenOwner, &maker, sizeof maker, &length))
        s = sbind__fail_call("GetTokenInformation", reterr);
    sbind__close_handle(token);
    *ret = s == SBIND_OK && (EqualSid(owner, own.token.User.Sid) ||
                             EqualSid(owner, maker.owner.Owner));
    return s;
}

/* ---- As text ------------------------------------------------------------------- */

sbind_status sbind__write_sid(PSID sid, char ret[SBIND_SID_MAX],
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
    sbind__user u = {0};
    sbind_status s = user_of(token, &u, reterr);
    return s == SBIND_OK ? sbind__write_sid(u.token.User.Sid, ret, reterr) : s;
}
