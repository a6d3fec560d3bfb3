/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * transfer.h - reading and writing a connection by waiting, on POSIX and on
 * Windows
 */
#ifndef SBIND_EXAMPLES_TRANSFER_H
#define SBIND_EXAMPLES_TRANSFER_H

#include <sbind/sbind.h>

/* Up to "room" octets: how many, or 0 when no more come. */
size_t transfer_read(const sbind_stream *stream, char *octets, size_t room);

/* All of them, or false. */
bool transfer_write(const sbind_stream *stream, const char *octets,
                    size_t count);

#endif
