# The fuzz targets as tests, in any build: each runs once over its corpus.

set(fuzz ${PROJECT_SOURCE_DIR}/fuzz)
set(corpus ${PROJECT_SOURCE_DIR}/build/corpus) # one for all presets

# sbind_add_replays(LABEL SECONDS TARGET...)
function(sbind_add_replays label seconds)
    add_custom_command(OUTPUT automaton.h
        COMMAND ${Python3_EXECUTABLE} -B ${fuzz}/automata.py automaton.h
        DEPENDS ${fuzz}/automata.py ${PROJECT_SOURCE_DIR}/grammar/sbind.abnf)
    add_custom_target(fuzz_automaton DEPENDS automaton.h)
    sbind_add_test(corpus ${label} 120 ${Python3_EXECUTABLE} -B
        ${PROJECT_SOURCE_DIR}/corpus/make.py --hex ${corpus})
    set_tests_properties(corpus PROPERTIES FIXTURES_SETUP corpus)
    foreach(target ${ARGN})
        add_executable(replay_${target} ${fuzz}/targets/${target}.c ${fuzz}/replay.c)
        target_link_libraries(replay_${target} PRIVATE sbind sbind_flags)
        target_include_directories(replay_${target} PRIVATE
                                   ${CMAKE_CURRENT_BINARY_DIR})
        add_dependencies(replay_${target} fuzz_automaton)
        sbind_add_test(replay_${target} ${label} ${seconds}
            replay_${target} ${corpus}/${target}.hex)
        set_tests_properties(replay_${target} PROPERTIES
                             FIXTURES_REQUIRED corpus)
    endforeach()
endfunction()
