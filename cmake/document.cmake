# document.cmake - installs documents. Links to files that are not installed
# become plain text.

# document_install(FROM TO): installs the Markdown page FROM as TO. The page is read last, after
# every file to which the page can link has been installed.
function(document_install from to)
    file(READ "${from}" text)
    get_filename_component(folder "${to}" DIRECTORY)
    string(REGEX MATCHALL "[(][A-Za-z.][^]():# ]*[#)]" links "${text}")
    list(REMOVE_DUPLICATES links)
    foreach(link IN LISTS links)
        string(REGEX REPLACE "^[(]|[#)]$" "" target "${link}")
        if(NOT EXISTS "${folder}/${target}")
            string(REGEX REPLACE "([.+*^$?|()\\])" "\\\\\\1" target "${target}")
            string(REGEX REPLACE "\\[([^]]*)\\]\\(${target}(#[^)]*)?\\)" "\\1"
                   text "${text}")
        endif()
    endforeach()
    file(WRITE "${to}" "${text}")
    file(CHMOD "${to}" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    message(STATUS "Installing: ${to}")
endfunction()
