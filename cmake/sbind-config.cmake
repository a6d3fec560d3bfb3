# find_package(sbind): the targets sbind::sbind and sbind::parse
include("${CMAKE_CURRENT_LIST_DIR}/sbind-targets.cmake")
