/* number.h - numbers and ids on the command line */
#ifndef SBIND_CLI_NUMBER_H
#define SBIND_CLI_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Reads one or more digits of this base. The value is 0 to most. */
bool number_read_digits(const char *text, int64_t base, int64_t most,
                        int64_t *ret);

/* Decimal digits only, least to most. */
bool number_read(const char *text, int least, int most, int *ret);

/* Reads a mode like that of chmod: octal digits, 0 to 0777. */
bool number_read_mode(const char *text, int32_t *ret);

/* How errors describe a valid id. The largest number of 32 bits, SBIND_NO_ID,
 * is not one: it means "no id" to the system, and a call with it changes
 * nothing and reports no error. */
#define NUMBER_OF_AN_ID "a number from 0 to 4294967294"

/* Reads a user or a group, by name or number. The result is never SBIND_NO_ID,
 * with one exception: *ret_gid, if the user database does not have the number
 * of the user. */
bool number_read_user(const char *text, uint32_t *ret_uid, uint32_t *ret_gid);
bool number_read_group(const char *text, uint32_t *ret_gid);

#endif
