# Debian packages; tools/setup installs them.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
set(Boost_USE_STATIC_LIBS ON)  # a switch of fibers goes through no table of a shared library
find_package(Boost 1.74 REQUIRED COMPONENTS context)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)

pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
add_library(httplib::httplib ALIAS PkgConfig::httplib)
find_file(CICADA_TOML toml++/toml.h REQUIRED)  # its headers alone; its library is not needed

pkg_check_modules(libzmq REQUIRED IMPORTED_TARGET libzmq)
pkg_check_modules(libsodium REQUIRED IMPORTED_TARGET libsodium)
find_package(msgpackc-cxx NAMES msgpack REQUIRED)  # headers alone
