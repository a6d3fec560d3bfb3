# i386.cmake - programs for x86 of 32 bits, made on Debian, run by qemu
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_C_COMPILER gcc)
# The headers of the kernel are in that folder. The package gcc-multilib would link them to where
# -m32 looks, but it conflicts with the other cross compilers.
set(CMAKE_C_FLAGS_INIT "-m32 -idirafter /usr/include/x86_64-linux-gnu")

# A program needs no C library of that machine.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)

set(CMAKE_CROSSCOMPILING_EMULATOR qemu-i386-static)
