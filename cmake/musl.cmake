# musl.cmake - builds programs for the C library musl (Alpine, containers with a single program) on
# Debian, with musl-tools. The programs run on this machine.
set(CMAKE_C_COMPILER musl-gcc)

# musl's folder does not have the kernel's headers. Debian keeps the kernel's headers beside those
# of glibc.
execute_process(COMMAND gcc -print-multiarch OUTPUT_VARIABLE multiarch
                OUTPUT_STRIP_TRAILING_WHITESPACE)
set(kernel_headers ${CMAKE_BINARY_DIR}/kernel_headers)
file(MAKE_DIRECTORY ${kernel_headers})
foreach(folder linux asm-generic ${multiarch}/asm)
    get_filename_component(name ${folder} NAME)
    file(CREATE_LINK /usr/include/${folder} ${kernel_headers}/${name} SYMBOLIC)
endforeach()
set(CMAKE_C_FLAGS_INIT "-idirafter ${kernel_headers}")
