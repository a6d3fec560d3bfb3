# find_package(sbind): gives the targets sbind::sbind and sbind::parse. Also gives sbind::shared and
# sbind::static, if they were built
include("${CMAKE_CURRENT_LIST_DIR}/sbind-targets.cmake")
if(TARGET sbind::sbind)
    get_target_property(sbind_kind sbind::sbind TYPE)
    if(sbind_kind STREQUAL "SHARED_LIBRARY" AND NOT TARGET sbind::shared)
        add_library(sbind::shared ALIAS sbind::sbind)
    elseif(sbind_kind STREQUAL "STATIC_LIBRARY" AND NOT TARGET sbind::static)
        add_library(sbind::static ALIAS sbind::sbind)
    endif()
    unset(sbind_kind)
endif()
