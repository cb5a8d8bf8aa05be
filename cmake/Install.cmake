# What `make install` puts into a prefix: the program, the headers, and one archive of all modules
# with a CMake package and a pkg-config file, so that a test can be a program of its own.
set(objects "")
foreach(module IN LISTS modules)
    list(APPEND objects $<TARGET_OBJECTS:${module}>)
endforeach()
add_library(cicada_archive STATIC EXCLUDE_FROM_ALL ${objects})
set_target_properties(cicada_archive PROPERTIES OUTPUT_NAME cicada LINKER_LANGUAGE CXX)

# Whoever links the archive takes it whole and exports the same names as the program.
set(CICADA_LIBRARIES "-lcpp-httplib -lzmq -lsodium -lssl -lcrypto -lz -lfmt -l:libboost_context.a -luring -ldl -pthread")
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/cicada)
configure_file(cmake/cicada.pc.in ${CMAKE_BINARY_DIR}/cicada.pc @ONLY)
configure_file(cmake/cicadaConfig.cmake.in ${CMAKE_BINARY_DIR}/cicadaConfig.cmake @ONLY)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/cicadaConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)

install(TARGETS cicada RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES $<TARGET_FILE:cicada_archive> DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${CMAKE_BINARY_DIR}/include/cicada DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp")
install(FILES ${CMAKE_BINARY_DIR}/cicada.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${CMAKE_BINARY_DIR}/cicadaConfig.cmake ${CMAKE_BINARY_DIR}/cicadaConfigVersion.cmake
              ${exports} DESTINATION ${package_folder})
