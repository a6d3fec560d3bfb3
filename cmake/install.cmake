# What is installed, and how other projects find it.
#
# Installing writes nothing to the build tree, which may belong to another user, or be read-only.

include(GNUInstallDirs)

# GNUInstallDirs would name the folder of documents after a parent project.
if(PROJECT_IS_TOP_LEVEL)
    set(docs ${CMAKE_INSTALL_DOCDIR})
else()
    set(docs ${CMAKE_INSTALL_DATAROOTDIR}/doc/sbind)
endif()
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/sbind)

# ---- Libraries and headers -------------------------------------------------------

install(TARGETS ${libraries} EXPORT sbind-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY include/sbind DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT sbind-targets NAMESPACE sbind:: DESTINATION ${package})
write_basic_package_version_file(sbind-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES cmake/sbind-config.cmake
              ${PROJECT_BINARY_DIR}/sbind-config-version.cmake
        DESTINATION ${package})

# ---- The command and pkg-config --------------------------------------------------

if(TARGET sbind_command)
    install(TARGETS sbind_command DESTINATION ${CMAKE_INSTALL_BINDIR})
    install(FILES docs/sbind.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    set(completions packaging/completions)
    install(FILES ${completions}/sbind.bash RENAME sbind
            DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions)
    install(FILES ${completions}/_sbind
            DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/zsh/site-functions)
    install(FILES ${completions}/sbind.fish
            DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/fish/vendor_completions.d)
endif()

# install_at(NAME FOLDER): sets NAME to FOLDER below the prefix. The prefix is
# known only during installation: cmake --install --prefix.
function(install_at name folder)
    if(NOT IS_ABSOLUTE "${folder}")
        set(folder "\${CMAKE_INSTALL_PREFIX}/${folder}")
    endif()
    install(CODE "set(${name} \"${folder}\")")
endfunction()

if(TARGET sbind)
    set(system_libraries "")
    if(WIN32)
        set(system_libraries " -lws2_32 -liphlpapi -ladvapi32")
        if(SBIND_HAS_LIBSSP)
            string(APPEND system_libraries " -lssp")
        endif()
    endif()
    foreach(variable PROJECT_DESCRIPTION PROJECT_VERSION system_libraries)
        install(CODE "set(${variable} [[${${variable}}]])")
    endforeach()
    install_at(includedir "${CMAKE_INSTALL_INCLUDEDIR}")
    install_at(libdir "${CMAKE_INSTALL_LIBDIR}")
    install(CODE "
        string(REPLACE \"\${CMAKE_INSTALL_PREFIX}/\" \"\\\${prefix}/\" pc_includedir \"\${includedir}\")
        string(REPLACE \"\${CMAKE_INSTALL_PREFIX}/\" \"\\\${prefix}/\" pc_libdir \"\${libdir}\")
        configure_file([[${PROJECT_SOURCE_DIR}/cmake/sbind.pc.in]]
            \"\$ENV{DESTDIR}\${libdir}/pkgconfig/sbind.pc\" @ONLY
            FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)")
endif()

foreach(section 3 7)
    install(DIRECTORY docs/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
            FILES_MATCHING PATTERN "*.${section}")
endforeach()

# ---- Documents ---------------------------------------------------------------------

install(FILES LICENSE-MIT LICENSE-APACHE DESTINATION ${docs})
install(FILES docs/speed.svg DESTINATION ${docs}/docs)
install(DIRECTORY grammar DESTINATION ${docs}
        FILES_MATCHING PATTERN *.abnf PATTERN *.svg PATTERN prover EXCLUDE)
install(DIRECTORY examples DESTINATION ${docs}
        PATTERN CMakeLists.txt EXCLUDE PATTERN demo.sh EXCLUDE)
file(GLOB pages RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS
     README.md SECURITY.md CHANGELOG.md docs/*.md docs/guides/*.md grammar/SPEC.md)
install_at(documents "${docs}")
install(CODE "
    include([[${PROJECT_SOURCE_DIR}/cmake/document.cmake]])
    foreach(times RANGE 1) # pages that link to each other are all there by then
        foreach(page ${pages})
            document_install(\"${PROJECT_SOURCE_DIR}/\${page}\"
                             \"\$ENV{DESTDIR}\${documents}/\${page}\")
        endforeach()
    endforeach()")

# CMake would write install_manifest.txt to the build tree.
if(PROJECT_IS_TOP_LEVEL)
    install(CODE "return()")
endif()
