/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * transfer.h - reads and writes a connection, and waits, on POSIX and on
 * Windows
 */
#ifndef SBIND_EXAMPLES_TRANSFER_H
#define SBIND_EXAMPLES_TRANSFER_H

#include <sbind/sbind.h>

/* Reads up to "room" octets. Returns how many, or 0 at the end. */
size_t transfer_read(const sbind_stream *stream, char *octets, size_t room);

/* Writes all octets. False if that fails. */
bool transfer_write(const sbind_stream *stream, const char *octets,
                    size_t count);

#endif
