# i386.cmake - builds programs for 32-bit x86 on Debian. qemu runs them
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_C_COMPILER gcc)
# This folder has the headers of the kernel. gcc -m32 does not look there. The package gcc-multilib
# would help, but gcc-multilib conflicts with the other cross compilers.
set(CMAKE_C_FLAGS_INIT "-m32 -idirafter /usr/include/x86_64-linux-gnu")

# Programs are linked statically, so they run without a 32-bit C library.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)

set(CMAKE_CROSSCOMPILING_EMULATOR qemu-i386-static)
