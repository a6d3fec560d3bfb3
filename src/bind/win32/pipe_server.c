/* win32/pipe_server.c - checks whose pipe a client has opened */
#include "token.h"

#include <aclapi.h>
#include <sddl.h>
#include <string.h>

#include "../../status/error.h"
#include "../system.h"

/* Gets the owner of the pipe: NULL if it has none. *ret points into
 * *ret_descriptor, which the caller frees with LocalFree. */
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
        s = sbind__write_sid(owner, ret, reterr);
    LocalFree(d);
    return s;
}

/* ---- Which owners are asked for --------------------------------------------- */

/* Copies one owner from the list, up to the comma. */
static bool copy_owner(const char *from, size_t length, char ret[SBIND_SID_MAX])
{
    if (length == 0 || length >= SBIND_SID_MAX)
        return false;
    memcpy(ret, from, length);
    ret[length] = '\0';
    return true;
}

/* Converts an owner to a SID. The text is "self", a SID, or an abbreviation of
 * SDDL. */
static sbind_status is_owner(const char *text, PSID owner, bool *ret,
                             sbind_error *reterr)
{
    PSID wanted = NULL;
    if (strcmp(text, "self") == 0) {
        sbind__user own = {0};
        sbind_status s = sbind__own_user(&own, reterr);
        *ret = s == SBIND_OK && EqualSid(owner, own.token.User.Sid);
        return s;
    }
    if (!ConvertStringSidToSidA(text, &wanted))
        return sbind__fail_conversion("ConvertStringSidToSidA", "pipe_owner",
                                      reterr);
    *ret = EqualSid(owner, wanted);
    LocalFree(wanted);
    return SBIND_OK;
}

/* Checks that the owner is in the list. Reads the list to its end, even after a
 * match, so that a mistake in it is always reported. */
static sbind_status find_owner(const char *list, PSID owner,
                               sbind_error *reterr)
{
    bool is_found = false;
    for (const char *at = list;; at++) {
        char text[SBIND_SID_MAX];
        const size_t length = strcspn(at, ",");
        bool is_this = false;
        if (!copy_owner(at, length, text))
            return sbind__fail_option(
                SBIND_BAD_OPTION, "pipe_owner",
                "pipe_owner: write SIDs such as S-1-5-18, or self, with "
                "commas between them",
                reterr);
        sbind_status s = is_owner(text, owner, &is_this, reterr);
        if (s != SBIND_OK)
            return s;
        is_found = is_found || is_this;
        at += length;
        if (*at == '\0')
            return is_found ? SBIND_OK
                            : sbind__fail(SBIND_WRONG_SERVER, reterr);
    }
}

static sbind_status check_owner(HANDLE pipe, const char *list,
                                sbind_error *reterr)
{
    PSECURITY_DESCRIPTOR d = NULL;
    PSID owner = NULL;
    sbind_status s = owner_of_pipe(pipe, &owner, &d, reterr);
    if (s != SBIND_OK)
        return s;
    s = owner == NULL ? sbind__fail(SBIND_WRONG_SERVER, reterr)
                      : find_owner(list, owner, reterr);
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
    sbind_status s = SBIND_OK;
    if (o->pipe_server != 0)
        s = check_process(pipe, o->pipe_server, reterr);
    if (s == SBIND_OK && o->pipe_owner != NULL)
        s = check_owner(pipe, o->pipe_owner, reterr);
    return s;
}
