# Compiler options that make an overwritten pointer or an overrun buffer less useful to an attacker.
# Every build type has all of them. Flags that a packager has set take precedence.

# hardening_options(NAME FLAG...): those that the compiler knows.
function(hardening_options ret)
    set(known "")
    set(CMAKE_REQUIRED_FLAGS -Werror) # clang only warns about options it does not use
    foreach(flag ${ARGN})
        string(MAKE_C_IDENTIFIER "SBIND_HAS${flag}" variable)
        string(TOUPPER "${variable}" variable)
        check_c_compiler_flag(${flag} ${variable})
        if(${variable})
            list(APPEND known ${flag})
        endif()
    endforeach()
    set(${ret} "${known}" PARENT_SCOPE)
endfunction()

# hardening_optimises(NAME TYPE): does the compiler optimise in this build type?
# The last -O decides.
function(hardening_optimises ret type)
    string(TOUPPER "${type}" type)
    string(REGEX MATCHALL "-O[^ ]*" levels
           "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${type}}")
    list(POP_BACK levels last)
    set(${ret} FALSE PARENT_SCOPE)
    if(last AND NOT last STREQUAL "-O0")
        set(${ret} TRUE PARENT_SCOPE)
    endif()
endfunction()

# hardening_fortify_type(TARGET TYPE): makes functions of the C library check the size of the buffer
# to which they write. The compiler does this only if it optimises.
function(hardening_fortify_type target type)
    hardening_optimises(optimises "${type}")
    if(optimises)
        target_compile_options(${target} INTERFACE
            "$<$<CONFIG:${type}>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
    endif()
endfunction()

# hardening_fortify(TARGET): calls hardening_fortify_type for every build type. Does nothing in a
# build with sanitizers, which know only the plain functions.
function(hardening_fortify target)
    if(SBIND_SANITIZE OR CMAKE_C_FLAGS MATCHES "_FORTIFY_SOURCE")
        return()
    endif()
    get_property(several GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
    if(NOT several)
        hardening_fortify_type(${target} "${CMAKE_BUILD_TYPE}")
        return()
    endif()
    foreach(type IN LISTS CMAKE_CONFIGURATION_TYPES)
        hardening_fortify_type(${target} ${type})
    endforeach()
endfunction()

set(hardened_compile -fstack-protector-strong)
if(MSVC)
    set(hardened_compile /GS /guard:cf)
endif()
set(hardened_link "")
# -fstack-protector calls functions that the C library of mingw lacks. gcc has these functions in
# libssp. libssp is linked statically, so that no program needs libssp-0.dll. Zig has such functions
# of its own, and links them if the linker gets the flag as well.
set(stack_protector "")
if(MINGW)
    set(stack_protector -fstack-protector-strong)
    set(CMAKE_REQUIRED_LIBRARIES -l:libssp.a)
    check_c_source_compiles("int main(void) { return 0; }" SBIND_HAS_LIBSSP)
    unset(CMAKE_REQUIRED_LIBRARIES)
    if(SBIND_HAS_LIBSSP)
        set(stack_protector -l:libssp.a)
    endif()
endif()
if(NOT WIN32)
    # An indirect jump can lead only to a place that is marked as its target. A return can lead only
    # back to its call. The processor checks both: by IBT and SHSTK on x86, by BTI and PAC on ARM. A
    # large stack frame cannot skip the guard page below the stack.
    hardening_options(known -fcf-protection -mbranch-protection=standard
                      -fstack-clash-protection)
    list(APPEND hardened_compile ${known})
endif()
# The linker's tables of addresses are filled and made read-only before the first function runs.
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    set(hardened_link -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
