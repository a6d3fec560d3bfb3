/* error.h - sets an error, for all rooms of the library */
#ifndef SBIND_STATUS_ERROR_H
#define SBIND_STATUS_ERROR_H

#include <sbind/status.h>

#include "ensure.h"

/* Sets *reterr, if reterr is not NULL, to an error with this status and without
 * details. Returns the status, so that a caller can fail in one line. */
sbind_status sbind__fail(sbind_status status, sbind_error *reterr);

/* The same, with a hint. */
sbind_status sbind__fail_hint(sbind_status status, const char *hint,
                              sbind_error *reterr);

/* The same, about an option, which may be NULL. */
sbind_status sbind__fail_option(sbind_status status, const char *option,
                                const char *hint, sbind_error *reterr);

/* The same, with an offset and a hint, which may be NULL. */
sbind_status sbind__fail_at(sbind_status status, size_t offset,
                            const char *hint, sbind_error *reterr);

/* Adds an address that was tried, and why it failed, to the attempts of *all.
 * The other members of *all become those of *error. */
void sbind__add_attempt(const char address[SBIND_ATTEMPT_TEXT_MAX],
                        const sbind_error *error, sbind_error *all);

#endif
