# The public headers as a test file sees them: beside the program, in build/include, with the name
# of their version among them.
file(GLOB_RECURSE public_headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/include/cicada/*.hpp)
add_custom_command(
    OUTPUT ${CMAKE_BINARY_DIR}/headers.stamp
    BYPRODUCTS ${CMAKE_BINARY_DIR}/headers.cpp ${CMAKE_BINARY_DIR}/include/cicada/version.hpp
    COMMAND ${CMAKE_COMMAND} -D SOURCE=${CMAKE_SOURCE_DIR} -D OUT=${CMAKE_BINARY_DIR}
            -P ${CMAKE_SOURCE_DIR}/cmake/StampHeaders.cmake
    DEPENDS ${public_headers} ${CMAKE_SOURCE_DIR}/cmake/StampHeaders.cmake
            ${CMAKE_SOURCE_DIR}/cmake/version.hpp.in ${CMAKE_SOURCE_DIR}/cmake/headers.cpp.in
    COMMENT "Stamping the public headers")
add_custom_target(cicada_headers DEPENDS ${CMAKE_BINARY_DIR}/headers.stamp)
