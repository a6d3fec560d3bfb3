/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/parse.h - the text of a service binding and its value
 *
 * These functions are pure: no input or output, no allocation, no errno, no
 * locale, no global state. The functions are safe in any thread and in a signal
 * handler. The language is defined by grammar/sbind.abnf and grammar/SPEC.md.
 */
#ifndef SBIND_PARSE_H
#define SBIND_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sbind/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The value -----------------------------------------------------------
 *
 * A plain value: it has no pointers, nothing has to be freed, and it is copied
 * with "=". The kind says which members mean something. Of the other members,
 * numbers are zero and texts are empty. Numbers are in host byte order, IP
 * addresses in network byte order. Every text is followed by a NUL, which its
 * length does not count. Parsing leaves the octets behind this NUL as they
 * were: compare values with sbind_equal, and store or send what sbind_format
 * writes.
 */
typedef enum sbind_kind {  // such as                   members
    SBIND_TCP_DEFAULT = 1, // tcp://
    SBIND_TCP_IPV4,        // tcp://127.0.0.1:80        ip[0..3] port
    SBIND_TCP_IPV6,        // tcp://[fe80::1%eth0]:80   ip zone port
    SBIND_TCP_NAME,        // tcp://localhost:80        host port
    SBIND_TCP_ANY,         // tcp://*:80                port
    SBIND_UNIX_PATH,       // unix:///run/app.sock      name
    SBIND_UNIX_ABSTRACT,   // unix://@app               name, without @
    SBIND_FD_SINGLE,       // fd://
    SBIND_FD_ALL,          // fd://*
    SBIND_FD_NUMBER,       // fd://3                    fd
    SBIND_FD_NAME,         // fd://web                  name
    SBIND_NPIPE            // npipe:////srv/pipe/a/b    host, "." if local;
                           //                           name, as a\b
} sbind_kind;

#define SBIND_TEXT_MAX 1024   /* octets of an address */
#define SBIND_ZONE_MAX 15     /* octets of a zone */
#define SBIND_LABEL_MAX 63    /* octets of a label of a host name */
#define SBIND_HOST_MAX 253    /* octets of a host name, less a trailing dot */
#define SBIND_FD_NAME_MAX 255 /* octets of the name of a passed socket */
#define SBIND_PIPE_MAX 256    /* UTF-16 units of \\server\pipe\name */
#define SBIND_NAME_MAX (SBIND_TEXT_MAX - 7) /* octets after "unix://" */

typedef struct sbind_address {
    sbind_kind kind;
    int32_t fd;
    uint16_t port;        /* host byte order */
    uint16_t name_length; /* octets of name, the NUL not counted */
    uint8_t host_length;  /* octets of host */
    uint8_t zone_length;  /* octets of zone; 0: none */
    uint8_t ip[16];       /* network byte order */
    char zone[SBIND_ZONE_MAX + 1];
    char host[SBIND_HOST_MAX + 2]; /* lower case */
    char name[SBIND_NAME_MAX + 1]; /* each NUL-terminated */
} sbind_address;

/* The scheme of a kind: "tcp", "unix", "fd" or "npipe"; NULL for a number that
 * is not a kind. */
const char *sbind_scheme(sbind_kind kind);

/* ---- Parse, format, compare ---------------------------------------------- */

/* Parses text[0 .. len), and never reads text[len]. text may be NULL when len
 * is 0, and may lie in *ret. Errors: 101 to 119, with the offset. */
sbind_status sbind_parse(const char *text, size_t len, sbind_address *ret,
                         sbind_error *reterr);

#define SBIND_FORMAT_MAX (SBIND_TEXT_MAX + 1) /* always enough, with the NUL */

/* Writes the canonical spelling and a NUL to buf, which has room for cap
 * octets, and the length without the NUL to *ret_len. On failure buf is
 * untouched. Errors: SBIND_INVALID_ADDRESS, SBIND_BUFFER_TOO_SMALL. */
sbind_status sbind_format(const sbind_address *address, char *buf, size_t cap,
                          size_t *ret_len);

/* Returns whether some text has this value. That is true for every value that
 * sbind_parse gives. *address may have any content. */
bool sbind_valid(const sbind_address *address);

/* Returns whether two values mean the same, so that they have the same
 * canonical spelling. Members that the kind does not use do not count. */
bool sbind_equal(const sbind_address *a, const sbind_address *b);

/* ---- Internet addresses as text ------------------------------------------ */

#define SBIND_IPV4_TEXT_MAX 16 /* with the NUL */
#define SBIND_IPV6_TEXT_MAX 46

/* Writes an IP address and a NUL to buf: four octets in dotted decimal, sixteen
 * as RFC 5952 says. Returns the length without the NUL. */
size_t sbind_format_ipv4(const uint8_t ip[4], char buf[SBIND_IPV4_TEXT_MAX]);
size_t sbind_format_ipv6(const uint8_t ip[16], char buf[SBIND_IPV6_TEXT_MAX]);

#ifdef __cplusplus
}
#endif
#endif
