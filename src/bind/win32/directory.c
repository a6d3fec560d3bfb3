/* win32/directory.c - whether other users can replace files in a directory
 *
 * Other users may have neither the right to remove files nor the right to write
 * in the directory. The reason for the second: NTFS lets a user who may write
 * in an empty directory turn it into a junction, which leads elsewhere.
 * (FSCTL_SET_REPARSE_POINT) */
#include "directory.h"

#include <aclapi.h>
#include <string.h>

#include "../../status/error.h"
#include "../system.h"
#include "socket_file.h"
#include "token.h"

/* The rights on a directory that let a user replace files in it.
 * FILE_DELETE_CHILD removes files whatever their own access lists say. DELETE
 * lets a user rename the directory and put another in its place. */
#define REPLACES_FILES                                                         \
    (FILE_ADD_FILE | FILE_WRITE_ATTRIBUTES | FILE_DELETE_CHILD | DELETE |      \
     WRITE_DAC | WRITE_OWNER | GENERIC_WRITE | GENERIC_ALL)

/* The rights on a file that let a user replace it. New files can inherit them
 * from the directory. */
#define REPLACES_THIS (DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_ALL)

/* The SID of TrustedInstaller, the service that owns the folders of Windows:
 * S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464. */
static const struct {
    SID sid;
    DWORD rest[5];
} trusted_installer = {
    {SID_REVISION, 6, {SECURITY_NT_AUTHORITY}, {SECURITY_SERVICE_ID_BASE_RID}},
    {956008885, 3418522649, 1831038044, 1853292631, 2271478464}};

static bool is_trusted(PSID sid, const sbind__user *own)
{
    return sbind__is_trusted(sid, own) ||
           EqualSid(sid, (PSID)(ULONG_PTR)&trusted_installer);
}

static sbind_status unsafe(const char *hint, sbind_error *reterr)
{
    return sbind__fail_hint(SBIND_UNSAFE_DIRECTORY, hint, reterr);
}

/* Whether an entry of the access list lets only trusted users replace files.
 * CREATOR OWNER is only inherited. It stands for the user who makes a file, and
 * our files are made by this user. */
static bool is_safe(const ACCESS_ALLOWED_ACE *ace, const sbind__user *own)
{
    const BYTE flags = ace->Header.AceFlags;
    const PSID sid = (PSID)(ULONG_PTR)&ace->SidStart;
    DWORD harm = 0;
    if (ace->Header.AceType == ACCESS_DENIED_ACE_TYPE)
        return true;
    if (ace->Header.AceType != ACCESS_ALLOWED_ACE_TYPE &&
        ace->Header.AceType != ACCESS_ALLOWED_CALLBACK_ACE_TYPE)
        return false;
    if ((flags & INHERIT_ONLY_ACE) == 0)
        harm |= ace->Mask & REPLACES_FILES;
    if ((flags & OBJECT_INHERIT_ACE) != 0 &&
        !IsWellKnownSid(sid, WinCreatorOwnerSid))
        harm |= ace->Mask & REPLACES_THIS;
    return harm == 0 || is_trusted(sid, own);
}

static sbind_status judge_list(ACL *list, const sbind__user *own,
                               sbind_error *reterr)
{
    if (list == NULL)
        return unsafe("the directory has no access list, so every user can "
                      "change it; give it one, or allow it: --any-directory "
                      "(any_directory)",
                      reterr);
    for (DWORD i = 0; i < list->AceCount; i++) {
        void *ace;
        if (!GetAce(list, i, &ace))
            return sbind__fail_call("GetAce", reterr);
        if (!is_safe(ace, own))
            return unsafe(
                "the access list lets other users change the directory or "
                "remove files in it; see icacls, or allow it: "
                "--any-directory (any_directory)",
                reterr);
    }
    return SBIND_OK;
}

static sbind_status judge_security(PSID owner, ACL *list, sbind_error *reterr)
{
    sbind__user own = {0};
    sbind_status s = sbind__own_user(&own, reterr);
    if (s != SBIND_OK)
        return s;
    if (owner == NULL || !is_trusted(owner, &own))
        return unsafe("the directory belongs to another user, who can replace "
                      "files in it; use your own, or allow it: "
                      "--any-directory (any_directory)",
                      reterr);
    return judge_list(list, &own, reterr);
}

/* ---- The directory ------------------------------------------------------------- */

/* Judges a directory. "flags" is FILE_FLAG_OPEN_REPARSE_POINT to judge a link
 * itself, or 0 to follow it. */
static sbind_status judge_by_name(const wchar_t *directory, DWORD flags,
                                  sbind_error *reterr)
{
    PSECURITY_DESCRIPTOR d = NULL;
    PSID owner = NULL;
    ACL *list = NULL;
    HANDLE h = CreateFileW(
        directory, READ_CONTROL,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
        OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | flags, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return sbind__fail_call("CreateFileW directory", reterr);
    DWORD code =
        GetSecurityInfo(h, SE_FILE_OBJECT,
                        OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                        &owner, NULL, &list, NULL, &d);
    sbind_status s =
        code == ERROR_SUCCESS
            ? judge_security(owner, list, reterr)
            : sbind__fail_code("GetSecurityInfo", (int)code, reterr);
    LocalFree(d);
    sbind__close_handle(h);
    return s;
}

/* Judges a path to a directory. A link or a junction leads where its owner
 * wants, so both the link and its target are judged. */
sbind_status sbind__judge_directory(const wchar_t *file, sbind_error *reterr)
{
    wchar_t directory[SBIND_FILE_MAX];
    size_t length = sbind__name_offset(file) - 1;
    /* "C:" alone would be the current directory of that drive */
    if (length == 2)
        length++;
    memcpy(directory, file, length * sizeof *file);
    directory[length] = L'\0';
    sbind_status s =
        judge_by_name(directory, FILE_FLAG_OPEN_REPARSE_POINT, reterr);
    return s == SBIND_OK ? judge_by_name(directory, 0, reterr) : s;
}
