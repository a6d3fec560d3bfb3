# sbind_add_mistakes(ARCHITECTURE [ID]): what the digest shows of mistakes that
# only some machines show: of one in every run, of all of them nightly.
function(sbind_add_mistakes architecture)
    set(mistakes ${Python3_EXECUTABLE} -B
        ${PROJECT_SOURCE_DIR}/tests/mistakes/machines.py ${architecture}
        $<TARGET_FILE:sbind> $<TARGET_OBJECTS:sbind_command>)
    sbind_add_test(all_mistakes nightly 1200 ${mistakes}
                   CONFIGURATIONS nightly)
    set(tests all_mistakes)
    if(ARGN)
        sbind_add_test(mistakes portability 300 ${mistakes} --only ${ARGN})
        list(APPEND tests mistakes)
    endif()
    separate_arguments(flags UNIX_COMMAND
        "${CMAKE_C_FLAGS} ${CMAKE_EXE_LINKER_FLAGS} ${SBIND_SYSTEM_LIBRARIES}")
    foreach(name CMAKE_C_COMPILER flags CMAKE_CROSSCOMPILING_EMULATOR)
        string(REPLACE ";" "\\;" ${name} "${${name}}")
    endforeach()
    set_tests_properties(${tests} PROPERTIES ENVIRONMENT
        "SBIND_CC=${CMAKE_C_COMPILER};SBIND_FLAGS=${flags};SBIND_EMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR}")
endfunction()
