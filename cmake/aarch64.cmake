# aarch64.cmake - builds programs for 64-bit ARM, whose char is unsigned, on Debian. qemu runs them
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)

# Programs are linked statically, so they run without a C library for ARM.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)

set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)
