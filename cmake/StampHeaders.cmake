# Run by the build: copies the public headers to OUT/include, and gives version.hpp beside them, and
# the definition it asks for, the hash of them all. Files that would not change are left alone.
file(GLOB_RECURSE headers RELATIVE ${SOURCE} ${SOURCE}/include/cicada/*.hpp)
list(SORT headers)
set(hashes "")
foreach(header IN LISTS headers)
    file(SHA256 ${SOURCE}/${header} hash)
    string(APPEND hashes "${hash}  ${header}\n")
    configure_file(${SOURCE}/${header} ${OUT}/${header} COPYONLY)
endforeach()

# A header that is gone must not stay behind.
file(GLOB_RECURSE copies RELATIVE ${OUT} ${OUT}/include/cicada/*.hpp)
list(REMOVE_ITEM copies ${headers} include/cicada/version.hpp)
foreach(copy IN LISTS copies)
    file(REMOVE ${OUT}/${copy})
endforeach()

string(SHA256 hash "${hashes}")
string(SUBSTRING ${hash} 0 16 CICADA_HEADERS_HASH)
configure_file(${SOURCE}/cmake/version.hpp.in ${OUT}/include/cicada/version.hpp @ONLY)
configure_file(${SOURCE}/cmake/headers.cpp.in ${OUT}/headers.cpp @ONLY)
file(TOUCH ${OUT}/headers.stamp)
