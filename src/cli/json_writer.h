/* json_writer.h - writes JSON, for programs that read the answers of the
 * command */
#ifndef SBIND_CLI_JSON_WRITER_H
#define SBIND_CLI_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>

/* Writes JSON to standard output, in printable ASCII. Other characters become
 * \uHHHH. For a value in an array, key is NULL. */
typedef struct json_writer {
    bool follows; /* a comma comes before the next */
} json_writer;

void json_begin(json_writer *w, const char *key, char bracket);
void json_end(json_writer *w, char bracket);
void json_newline(void);

void json_text(json_writer *w, const char *key, const char *text);
void json_number(json_writer *w, const char *key, long long number);
void json_bool(json_writer *w, const char *key, bool value);
void json_null(json_writer *w, const char *key);

/* Writes octets that came from outside, as two members. KEY has them as text,
 * or null if they are not UTF-8. KEY_hex has them exactly. */
void json_octets(json_writer *w, const char *key, const char *octets,
                 size_t length);

#endif
