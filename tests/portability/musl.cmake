# musl.cmake - what the tests need, for the C library musl. Debian packages it for
# glibc only, so it is built from Debian's sources, once for all presets.

set(c_library musl)
set(packages ${PROJECT_SOURCE_DIR}/build/musl-packages)
execute_process(
    COMMAND ${CMAKE_CURRENT_LIST_DIR}/musl_packages.sh ${packages}
    OUTPUT_FILE ${PROJECT_BINARY_DIR}/musl_packages.log
    ERROR_FILE ${PROJECT_BINARY_DIR}/musl_packages.log RESULT_VARIABLE failed)
if(failed)
    message(STATUS "see ${PROJECT_BINARY_DIR}/musl_packages.log")
endif()
set(ENV{PKG_CONFIG_LIBDIR} ${packages}/lib/pkgconfig)
# Its macro CMSG_NXTHDR subtracts what has no sign.
add_compile_options($<$<COMPILE_LANGUAGE:C>:-Wno-sign-conversion>)
# One gives stdin another value, the other has glibc's prototypes.
set(glibc_only cli bind)
set(VALGRIND VALGRIND-NOTFOUND) # which looks for glibc's allocator
