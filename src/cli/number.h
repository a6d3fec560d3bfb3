/* number.h - numbers and ids on the command line */
#ifndef SBIND_CLI_NUMBER_H
#define SBIND_CLI_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* One or more digits below "base", 0 to most. */
bool number_read_digits(const char *text, int64_t base, int64_t most,
                        int64_t *ret);

/* Decimal digits only, least to most. */
bool number_read(const char *text, int least, int most, int *ret);

/* Octal digits only, 0 to 0777, as chmod takes them. */
bool number_read_mode(const char *text, int32_t *ret);

/* How errors describe ids. The largest number of 32 bits, SBIND_NO_ID,
 * means "no id" to the system. A call with it changes nothing and reports
 * no error. */
#define NUMBER_OF_AN_ID "a number from 0 to 4294967294"

/* A user or group, by name or number, and never SBIND_NO_ID. Where the user
 * database lacks a user's number, *ret_gid is SBIND_NO_ID. */
bool number_read_user(const char *text, uint32_t *ret_uid, uint32_t *ret_gid);
bool number_read_group(const char *text, uint32_t *ret_gid);

#endif
