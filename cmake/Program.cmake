# The program itself: all modules whole, so that a test can import what no code of ours calls. What
# tests may import is in exports.list; -rdynamic would also hand them our copies of any inline
# function, in place of their own.
get_property(modules GLOBAL PROPERTY CICADA_MODULES)
set(exports ${CMAKE_SOURCE_DIR}/cmake/exports.list)

add_executable(cicada ${CMAKE_SOURCE_DIR}/src/cli/program/main.cpp)
target_link_libraries(cicada PRIVATE
    -Wl,--whole-archive ${modules} -Wl,--no-whole-archive cicada_flags ${CMAKE_DL_LIBS})
target_link_options(cicada PRIVATE -Wl,--dynamic-list=${exports})
set_target_properties(cicada PROPERTIES LINK_DEPENDS ${exports})
