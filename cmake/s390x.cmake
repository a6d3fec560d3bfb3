# s390x.cmake - builds programs for s390x, which is big-endian and whose char is
# unsigned, on Debian. qemu runs them
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(CMAKE_C_COMPILER s390x-linux-gnu-gcc)

# Programs are linked statically, so they run without a C library for s390x.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)

set(CMAKE_CROSSCOMPILING_EMULATOR qemu-s390x-static)
