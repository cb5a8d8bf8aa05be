enable_testing()
add_custom_target(unit_tests)  # all of them, for `ctest` and tools/test

# cicada_module(NAME LINK libraries...): src/NAME as one static library, and its *_test.cpp as one
# test program NAME_tests.
function(cicada_module name)
    cmake_parse_arguments(MODULE "" "" "LINK" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
    if(CICADA_SANITIZE MATCHES thread)  # has its own of these and must see every call
        list(FILTER sources EXCLUDE REGEX "/interpose_(locks|once)\\.cpp$")
    endif()
    set(tests ${sources})
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
    if(CICADA_TEST_FILES)
        list(FILTER tests INCLUDE REGEX "${CICADA_TEST_FILES}")
    endif()

    add_library(cicada_${name} STATIC ${sources})
    add_library(cicada::${name} ALIAS cicada_${name})
    add_dependencies(cicada_${name} cicada_headers)
    target_include_directories(cicada_${name} PUBLIC
        $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}/include>
        $<INSTALL_INTERFACE:include>)
    target_link_libraries(cicada_${name} PUBLIC ${MODULE_LINK} Threads::Threads
                                         PRIVATE cicada_flags)
    set_property(GLOBAL APPEND PROPERTY CICADA_MODULES cicada_${name})

    if(CICADA_TESTS AND tests)
        add_executable(${name}_tests EXCLUDE_FROM_ALL
                       ${tests} ${CMAKE_SOURCE_DIR}/tests/unit_main.cpp)
        add_dependencies(unit_tests ${name}_tests)
        target_link_libraries(${name}_tests PRIVATE cicada_${name} cicada_flags)
        # Not optimised: half of a sanitizer build's time would go into code that runs once.
        target_compile_options(${name}_tests PRIVATE -O0)
        add_test(NAME unit.${name} COMMAND ${name}_tests)
        set_tests_properties(unit.${name} PROPERTIES LABELS unit)
    endif()
endfunction()
