# glibc-2.17.cmake - builds programs that run with glibc 2.17 (RHEL 7) and every later version. The
# compiler is Zig, which knows the symbols of each version of glibc. tests/portability/zig.sh
# installs Zig.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
get_filename_component(zig ${CMAKE_CURRENT_LIST_DIR}/../build/zig/zig ABSOLUTE)
set(CMAKE_C_COMPILER ${zig} cc -target x86_64-linux-gnu.2.17)
