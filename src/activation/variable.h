/* variable.h - the environment, for programs that may trust it */
#ifndef SBIND_ACTIVATION_VARIABLE_H
#define SBIND_ACTIVATION_VARIABLE_H

/* Like getenv, but NULL if the program runs with raised privileges: the user
 * who started such a program has set its variables. */
const char *sbind__getenv(const char *name);

#endif
