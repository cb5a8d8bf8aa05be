# What a build may be asked for, and the flags every target shares.
set(CMAKE_INSTALL_LIBDIR lib)  # where pkg-config and CMake look below any prefix
include(GNUInstallDirs)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_OPTIMIZE_DEPENDENCIES ON)  # a module compiles while those below it still do
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g")

option(CICADA_TESTS "Build the unit tests" ON)
option(CICADA_WERROR "Treat warnings as errors" ON)
set(CICADA_SANITIZE "" CACHE STRING "address,undefined or thread; empty for none")

set(CICADA_TEST_FILES "" CACHE STRING "regular expression of the tests to build; empty for all")

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(cicada_flags INTERFACE)
target_compile_options(cicada_flags INTERFACE
    -Wall -Wextra -Wconversion -Wshadow -fstack-clash-protection
    $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>
    $<$<BOOL:${CICADA_WERROR}>:-Werror>)
target_include_directories(cicada_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(CICADA_SANITIZE)
    set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")  # lines for reports; full debug information takes minutes
    add_compile_options(-fsanitize=${CICADA_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${CICADA_SANITIZE})
endif()
