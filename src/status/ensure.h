/* ensure.h - postconditions: a debug or fuzz build stops at once if one does not
 * hold */
#ifndef SBIND_STATUS_ENSURE_H
#define SBIND_STATUS_ENSURE_H

#if defined(NDEBUG) || !defined(__GNUC__)
#define SBIND__ENSURE(condition) ((void)0)
#else
#define SBIND__ENSURE(condition) ((condition) ? (void)0 : __builtin_trap())
#endif

#endif
