/* win32/path.c - an absolute path begins with a drive
 *
 * /run/x depends on the current drive, C:x on the current directory of the drive,
 * and //server/share/x and //?/C:/x lead past the drives, the first to another
 * machine, which then learns who we are. ("File path formats on Windows
 * systems", "Naming Files, Paths, and Namespaces") */
#include "../path.h"

#include <stdbool.h>

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

/* Windows drops dots and spaces at the end of a name, and takes what follows a
 * colon for a stream of the file. */
static bool means_what_it_says(const char *path, size_t n)
{
    for (size_t i = sbind__drive_length; i < n; i++) {
        const bool is_last = i + 1 == n || is_separator(path[i + 1]);
        if (path[i] == ':' || (is_last && (path[i] == '.' || path[i] == ' ')))
            return false;
    }
    return true;
}

const char *sbind__fault_of_path(const char *path, size_t n)
{
    if (!begins_with_drive(path, n))
        return "on Windows, begin the path with a drive, such as C:/";
    if (!means_what_it_says(path, n))
        return "on Windows, an absolute path has no colon behind its drive, "
               "and "
               "no name that ends in a dot or space";
    return NULL;
}
