# armhf.cmake - builds programs for 32-bit ARM, whose char is unsigned, on Debian. qemu runs them
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-linux-gnueabihf-gcc)

# Programs are linked statically, so they run without a C library for ARM.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)

set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm-static)
