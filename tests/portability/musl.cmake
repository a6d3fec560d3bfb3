# musl.cmake - what is different in the tests with the C library musl

include(portability/packages.cmake)
set(c_library musl)
# The macro CMSG_NXTHDR of musl mixes signed and unsigned numbers.
add_compile_options($<$<COMPILE_LANGUAGE:C>:-Wno-sign-conversion>)
# The fuzz target "cli" assigns to stdin, and "bind" uses glibc's prototypes.
set(glibc_only cli bind)
set(VALGRIND VALGRIND-NOTFOUND) # valgrind looks for glibc's allocator
