# clang-cl.cmake - compiles the library and the command on Debian, as MSVC would on Windows. The
# compiler and its flags are the same as on Windows. The headers are those of mingw. The options
# below make these headers take the compiler for gcc. Programs are not linked, because Debian has no
# libraries of the Windows SDK.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64 CACHE STRING "or aarch64")
set(CMAKE_C_COMPILER clang-cl-14)
set(CMAKE_AR llvm-lib-14)
set(CMAKE_LINKER /bin/true) # links nothing
set(CMAKE_RC_COMPILER llvm-rc-14)
set(CMAKE_MT /bin/true)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_FLAGS_INIT --target=${CMAKE_SYSTEM_PROCESSOR}-pc-windows-msvc)
# These options must not be set while CMake finds out which compiler this is.
add_compile_options(-imsvc /usr/x86_64-w64-mingw32/include
    "SHELL:-Xclang -fms-compatibility-version=0"
    "SHELL:-Xclang -fgnuc-version=4.2.1" -D_UCRT)
