/* variable.h - the environment, for programs that may trust it */
#ifndef SBIND_ACTIVATION_VARIABLE_H
#define SBIND_ACTIVATION_VARIABLE_H

/* As getenv. NULL if the program runs with raised privileges: whoever started it
 * wrote the variables. */
const char *sbind__getenv(const char *name);

#endif
