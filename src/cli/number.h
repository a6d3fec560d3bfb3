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

/* A user or group, by name or number. Of a number that the user database does
 * not have, the group is SBIND_NO_ID. */
bool number_read_user(const char *text, uint32_t *ret_uid, uint32_t *ret_gid);
bool number_read_group(const char *text, uint32_t *ret_gid);

#endif
