# The program itself: all modules whole, so that a test can import what no code of ours calls.
get_property(modules GLOBAL PROPERTY CICADA_MODULES)
if(EXISTS ${CMAKE_SOURCE_DIR}/src/cli/program/main.cpp)
    add_executable(cicada ${CMAKE_SOURCE_DIR}/src/cli/program/main.cpp)
    target_link_libraries(cicada PRIVATE
        -Wl,--whole-archive ${modules} -Wl,--no-whole-archive cicada_flags ${CMAKE_DL_LIBS})
endif()
