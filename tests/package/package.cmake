# Tests of what is installed, and of projects that use it. prepare.sh makes one
# build and one installation, and each test looks at these.

set(place ${CMAKE_CURRENT_BINARY_DIR}/package)

# sbind_add_package_test(NAME SCRIPT [ARGUMENT...])
function(sbind_add_package_test name script)
    sbind_add_test(${name} "package;sources" 300
        ${CMAKE_CURRENT_SOURCE_DIR}/package/${script} ${PROJECT_SOURCE_DIR} ${place} ${ARGN})
    set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED package)
endfunction()

sbind_add_test(package_build "package;sources" 300
    ${CMAKE_CURRENT_SOURCE_DIR}/package/prepare.sh ${PROJECT_SOURCE_DIR} ${place})
set_tests_properties(package_build PROPERTIES FIXTURES_SETUP package)
sbind_add_package_test(install install.sh)
sbind_add_package_test(exports exports.sh)
sbind_add_package_test(abi abi.sh)
sbind_add_package_test(consumers consumers.sh)
sbind_add_package_test(hardened hardened.sh Debug)
sbind_add_package_test(amalgamation amalgamation.sh)
sbind_add_package_test(release release.sh)
sbind_add_package_test(suite suite.sh)
set_tests_properties(suite PROPERTIES TIMEOUT 600)

# ---- nightly ---------------------------------------------------------------------

sbind_add_nightly_test(all_hardened 600 ${CMAKE_CURRENT_SOURCE_DIR}/package/hardened.sh
    ${PROJECT_SOURCE_DIR} ${place} None Debug RelWithDebInfo MinSizeRel)
set_tests_properties(all_hardened PROPERTIES FIXTURES_REQUIRED package)
sbind_add_nightly_test(all_suite 3600 ${CMAKE_CURRENT_SOURCE_DIR}/package/suite.sh
    ${PROJECT_SOURCE_DIR} ${place} all)
set_tests_properties(all_suite PROPERTIES FIXTURES_REQUIRED package)
# These packages are made from the last commit, and tried in a root file system
# that has nothing else.
set(packages ${CMAKE_CURRENT_BINARY_DIR}/packages)
sbind_add_nightly_test(debian_packages 1200 sh -euc
    "${PROJECT_SOURCE_DIR}/packaging/package.sh ${packages}
     ${PROJECT_SOURCE_DIR}/packaging/autopkgtest.sh ${packages}")
sbind_add_nightly_test(other_packages 900
    ${PROJECT_SOURCE_DIR}/packaging/others.sh ${packages}/others)
