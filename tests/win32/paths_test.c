/* paths_test.c - which paths are absolute on Windows, and which are below a
 * given directory?
 *
 * Promises: P24 */
#include "check.h"

static const char no_drive[] =
    "on Windows, begin the path with a drive, such as C:/";
static const char two_meanings[] =
    "on Windows, an absolute path has no colon behind its drive, and no name "
    "that ends in a dot or space";

static const char device[] =
    "on Windows, names such as NUL, CON and COM1 are devices, with any "
    "extension; use another name";

/* Whether the policy allows unix://PATH. If not, the hint has to be this
 * one. */
static void check_path(const sbind_policy *p, const char *path,
                       sbind_status wanted, const char *hint)
{
    char text[256];
    sbind_error e;
    snprintf(text, sizeof text, "unix://%s", path);
    sbind_address a = parsed(text);
    sbind_status s = sbind_policy_check(p, &a, &e);
    if (s != wanted)
        printf("%s\n", path);
    CHECK_STATUS(s, wanted);
    CHECK(s == SBIND_OK || hint == NULL || strcmp(e.hint, hint) == 0);
}

static void absolute_paths_begin_with_a_drive(void)
{
    static const struct {
        const char *path, *hint;
    } rows[] = {
        {"C:/run/x.sock", NULL},
        {"c:\\run\\x.sock", NULL},
        {"z:/x", NULL},
        {"C:/run//x", NULL}, /* the same place */
        {"C:/run/.x/..y", NULL},
        {"x.sock", no_drive},
        {"/run/x.sock", no_drive}, /* of the current drive */
        {"\\run\\x.sock", no_drive},
        {"C:x.sock", no_drive}, /* of its current directory */
        {"C:", no_drive},
        {"//server/share/x", no_drive}, /* where we log on */
        {"\\\\server\\share\\x", no_drive},
        {"//?/C:/x", no_drive},
        {"//./C:/x", no_drive},
        {"C://server/share/x", no_drive},
        {"C:/\\x", no_drive},
        {"1:/x", no_drive},
        {"[:/x", no_drive},
        {"CC:/x", no_drive},
        {"C:/run/x:stream", two_meanings},
        {"C:/D:/x", two_meanings},
        {"C:/run/x.", two_meanings},
        {"C:/run/x ", two_meanings},
        {"C:/run./x", two_meanings},
        {"C:\\run \\x", two_meanings},
        {"C:/run/../x", two_meanings},
        {"C:/./x", two_meanings},
        {"C:/run/NUL", device},
        {"C:/run/nul.sock", device},
        {"C:/run/Con", device},
        {"C:/run/aux .x", device},
        {"C:\\prn\\x", device},
        {"C:/conin$", device},
        {"C:/CONOUT$.a.b", device},
        {"C:/run/com1.sock", device},
        {"C:/LPT0", device},
        {"C:/lpt\xC2\xB9", device},
        {"C:/COM\xC2\xB3.x", device},
        {"C:/com", NULL},
        {"C:/com10", NULL},
        {"C:/comx", NULL},
        {"C:/lpt\xC2\xB4", NULL},
        {"C:/nul1", NULL},
        {"C:/nully/con_", NULL},
        {"C:/xnul/.nul", NULL},
    };
    sbind_policy absolute, strict;
    sbind_policy_init(&absolute);
    absolute.absolute_path = true;
    sbind_policy_init_strict(&strict);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sbind_status wanted =
            rows[i].hint == NULL ? SBIND_OK : SBIND_RELATIVE_PATH;
        check_path(&absolute, rows[i].path, wanted, rows[i].hint);
        check_path(&strict, rows[i].path, wanted, rows[i].hint);
    }
}

static void paths_are_within_a_directory(void)
{
    static const struct {
        const char *directory, *path;
        sbind_status wanted;
    } rows[] = {
        {"C:/run", "C:/run/x", SBIND_OK},
        {"C:/run/", "C:/run/y/x", SBIND_OK},
        {"C:/", "C:/x", SBIND_OK},
        {"C:/run", "C:/running/x", SBIND_NOT_WITHIN},
        {"C:/run", "D:/run/x", SBIND_NOT_WITHIN},
        {"C:/run", "C:/run", SBIND_NOT_WITHIN},
        {"C:/run", "C:/run/../x", SBIND_NOT_WITHIN},
        {"C:/run", "C:/run//x", SBIND_NOT_WITHIN},
        {"C:/run", "C:/run/..\\..\\x", SBIND_NOT_WITHIN},
        {"C:/run", "C:/run/y./x", SBIND_NOT_WITHIN},
        {"C:/run", "C:/run/x:y", SBIND_NOT_WITHIN},
        {"C:/run", "C:/run/NUL", SBIND_NOT_WITHIN},
        {"C:/run/nul", "C:/run/nul/x", SBIND_BAD_OPTION},
        {"C:/run", "/run/x", SBIND_NOT_WITHIN},
        {"/run", "/run/x", SBIND_BAD_OPTION},
        {"C:\\run", "C:/run/x", SBIND_BAD_OPTION},
        {"C:", "C:/x", SBIND_BAD_OPTION},
        {"C:/run/..", "C:/run/../x", SBIND_BAD_OPTION},
        {"//server/share", "//server/share/x", SBIND_BAD_OPTION},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sbind_policy p;
        sbind_policy_init(&p);
        p.within = rows[i].directory;
        check_path(&p, rows[i].path, rows[i].wanted, NULL);
    }
}

int main(int argc, char **argv)
{
    static const check_test tests[] = {
        TEST(absolute_paths_begin_with_a_drive),
        TEST(paths_are_within_a_directory),
    };
    return check_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
