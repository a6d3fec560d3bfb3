# musl.cmake - what is different in the tests with the C library musl

include(portability/packages.cmake)
set(c_library musl)
# Its macro CMSG_NXTHDR subtracts what has no sign.
add_compile_options($<$<COMPILE_LANGUAGE:C>:-Wno-sign-conversion>)
# One gives stdin another value, the other has glibc's prototypes.
set(glibc_only cli bind)
set(VALGRIND VALGRIND-NOTFOUND) # which looks for glibc's allocator
