/* win32/path.c - an absolute path begins with a drive
 *
 * /run/x depends on the current drive, and C:x on the current directory of the
 * drive. //server/share/x leads to another machine, which then learns who we
 * are. //?/C:/x is not parsed like other paths. ("File path formats on Windows
 * systems", "Naming Files, Paths, and Namespaces") */
#include "../path.h"

#include <stdbool.h>
#include <string.h>

const size_t sbind__drive_length = 2;

static bool is_separator(char c) { return c == '/' || c == '\\'; }

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool begins_with_drive(const char *path, size_t n)
{
    return n >= 3 && is_letter(path[0]) && path[1] == ':' &&
           is_separator(path[2]) && (n == 3 || !is_separator(path[3]));
}

/* Whether Windows takes the path as it is written. Windows drops dots and
 * spaces at the end of a name. A colon begins the name of a stream of the
 * file. */
static bool means_what_it_says(const char *path, size_t n)
{
    for (size_t i = sbind__drive_length; i < n; i++) {
        const bool is_last = i + 1 == n || is_separator(path[i + 1]);
        if (path[i] == ':' || (is_last && (path[i] == '.' || path[i] == ' ')))
            return false;
    }
    return true;
}

/* ---- Devices ------------------------------------------------------------------- */

static bool is_device(const char *name, size_t n, const char *device)
{
    if (n != strlen(device))
        return false;
    for (size_t i = 0; i < n; i++) {
        const bool is_lower = name[i] >= 'a' && name[i] <= 'z';
        if ((is_lower ? name[i] - 'a' + 'A' : name[i]) != device[i])
            return false;
    }
    return true;
}

/* Whether the name is COM0 to COM9 or LPT0 to LPT9. The digits 1 to 3 can also
 * be superscript, which takes two octets in UTF-8. */
static bool is_numbered(const char *name, size_t n)
{
    if (n < 4 || n > 5 ||
        (!is_device(name, 3, "COM") && !is_device(name, 3, "LPT")))
        return false;
    return n == 4 ? name[3] >= '0' && name[3] <= '9'
                  : memcmp(name + 3, "\xC2\xB9", 2) == 0 ||
                        memcmp(name + 3, "\xC2\xB2", 2) == 0 ||
                        memcmp(name + 3, "\xC2\xB3", 2) == 0;
}

/* Whether the name means a device. Such a name means the device in every
 * directory, and also with a dot and any text after it. */
static bool names_a_device(const char *name, size_t n)
{
    static const char *const devices[] = {"CON", "PRN",    "AUX",
                                          "NUL", "CONIN$", "CONOUT$"};
    size_t length = 0;
    while (length < n && name[length] != '.')
        length++;
    while (length > 0 && name[length - 1] == ' ')
        length--;
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        if (is_device(name, length, devices[i]))
            return true;
    return is_numbered(name, length);
}

static bool has_device(const char *path, size_t n)
{
    for (size_t i = sbind__drive_length; i < n;) {
        size_t end = ++i; /* behind a separator */
        while (end < n && !is_separator(path[end]))
            end++;
        if (names_a_device(path + i, end - i))
            return true;
        i = end;
    }
    return false;
}

const char *sbind__fault_of_path(const char *path, size_t n)
{
    if (!begins_with_drive(path, n))
        return "on Windows, begin the path with a drive, such as C:/";
    if (!means_what_it_says(path, n))
        return "on Windows, an absolute path has no colon behind its drive, "
               "and "
               "no name that ends in a dot or space";
    if (has_device(path, n))
        return "on Windows, names such as NUL, CON and COM1 are devices, with "
               "any extension; use another name";
    return NULL;
}
