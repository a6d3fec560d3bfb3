# i386.cmake - builds programs for x86 of 32 bits on Debian. qemu runs them
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_C_COMPILER gcc)
# This folder has the headers of the kernel. The package gcc-multilib would make links to them
# where gcc -m32 looks, but it conflicts with the other cross compilers.
set(CMAKE_C_FLAGS_INIT "-m32 -idirafter /usr/include/x86_64-linux-gnu")

# Programs are linked statically, so they need no C library of that machine.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)

set(CMAKE_CROSSCOMPILING_EMULATOR qemu-i386-static)
