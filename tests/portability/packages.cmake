# packages.cmake - cmocka and jansson for another machine or C library. Debian's
# packages are for this machine and for glibc, so the two are built from Debian's
# sources. They are built once for all presets with the same toolchain file.

get_filename_component(toolchain ${CMAKE_TOOLCHAIN_FILE} ABSOLUTE
                       BASE_DIR ${PROJECT_SOURCE_DIR})
get_filename_component(name ${toolchain} NAME_WE)
set(packages ${PROJECT_SOURCE_DIR}/build/packages/${name})
set(log ${PROJECT_BINARY_DIR}/packages.log)
execute_process(
    COMMAND ${CMAKE_CURRENT_LIST_DIR}/packages.sh ${packages} ${toolchain}
    OUTPUT_FILE ${log} ERROR_FILE ${log} RESULT_VARIABLE failed)
if(failed)
    message(STATUS "cmocka and jansson cannot be built: see ${log}")
endif()
set(ENV{PKG_CONFIG_LIBDIR} ${packages}/lib/pkgconfig)
