/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/version.h - the version, which stands here and nowhere else
 *
 * Versions are semantic. While the major version is 0, a new minor version
 * may change the interface.
 */
#ifndef SBIND_VERSION_H
#define SBIND_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

#define SBIND_VERSION_MAJOR 0
#define SBIND_VERSION_MINOR 1
#define SBIND_VERSION_PATCH 0

/* The version of these headers, "MAJOR.MINOR.PATCH". */
#define SBIND_VERSION                                                          \
    SBIND__VERSION_TEXT(SBIND_VERSION_MAJOR, SBIND_VERSION_MINOR,              \
                        SBIND_VERSION_PATCH)
#define SBIND__VERSION_TEXT(major, minor, patch)                               \
    SBIND__VERSION_JOIN(major, minor, patch)
#define SBIND__VERSION_JOIN(major, minor, patch) #major "." #minor "." #patch

/* The version of the library that the program runs with. It differs from
 * SBIND_VERSION if the shared library was replaced since the program was
 * compiled. */
const char *sbind_version(void);

#ifdef __cplusplus
}
#endif

#endif
