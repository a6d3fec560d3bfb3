/* ensure.h - what holds when a function returns: debug and fuzz builds stop
 * where it does not */
#ifndef SBIND_STATUS_ENSURE_H
#define SBIND_STATUS_ENSURE_H

#if defined(NDEBUG) || !defined(__GNUC__)
#define SBIND__ENSURE(condition) ((void)0)
#else
#define SBIND__ENSURE(condition) ((condition) ? (void)0 : __builtin_trap())
#endif

#endif
