# What is installed, and how other projects find it.

install(TARGETS ${libraries} EXPORT sbind-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/sbind DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE-MIT LICENSE-APACHE README.md SECURITY.md CHANGELOG.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY grammar DESTINATION ${CMAKE_INSTALL_DOCDIR}
        PATTERN check EXCLUDE)
install(EXPORT sbind-targets NAMESPACE sbind::
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/sbind)
write_basic_package_version_file(sbind-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES cmake/sbind-config.cmake
              ${PROJECT_BINARY_DIR}/sbind-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/sbind)
if(NOT TARGET sbind)
    return()
endif()

install(TARGETS sbind_command DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES docs/sbind.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
foreach(section 3 7)
    install(DIRECTORY docs/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
            FILES_MATCHING PATTERN "*.${section}")
endforeach()
# The prefix is known when it is installed: cmake --install --prefix.
set(sbind_pc_variables "")
foreach(folder INCLUDEDIR LIBDIR)
    string(TOLOWER ${folder} name)
    set(${name} "${CMAKE_INSTALL_${folder}}")
    if(NOT IS_ABSOLUTE "${${name}}")
        set(${name} "\${prefix}/${${name}}")
    endif()
endforeach()
foreach(variable PROJECT_DESCRIPTION PROJECT_VERSION includedir libdir
                 SBIND_SYSTEM_LIBRARIES)
    string(APPEND sbind_pc_variables "set(${variable} [[${${variable}}]])\n")
endforeach()
install(CODE "${sbind_pc_variables}
    configure_file([[${PROJECT_SOURCE_DIR}/cmake/sbind.pc.in]]
                   [[${PROJECT_BINARY_DIR}/sbind.pc]] @ONLY)")
install(FILES ${PROJECT_BINARY_DIR}/sbind.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
