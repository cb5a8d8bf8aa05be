// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cicada::scenario {

/// The C++ compiler that test files are compiled with.
struct Compiler {
    std::vector<std::string> command{};  ///< usually one word; $CXX may be "ccache g++"
    std::string identity{};  ///< file, size, time of change and version, for the cache's keys
    bool is_clang = false;
};

/// $CXX, else the first of c++, g++, clang++ that is in PATH.
///
/// Error: base::Error with one line: none, or $CXX cannot be started.
Compiler find_compiler();

/// The command that compiles `source` to `object`, and lists in `dependencies` what it read.
std::vector<std::string> compile_command(const Compiler& compiler,
                                         const std::vector<std::string>& flags,
                                         const std::filesystem::path& source,
                                         const std::filesystem::path& object,
                                         const std::filesystem::path& dependencies);

/// The command that links `objects` to the shared object `result`.
std::vector<std::string> link_command(const Compiler& compiler,
                                      const std::vector<std::filesystem::path>& objects,
                                      const std::vector<std::string>& link_flags,
                                      const std::filesystem::path& result);

/// The flags every test file is compiled with, and then those of `more`.
std::vector<std::string> compile_flags(const Compiler& compiler,
                                       const std::filesystem::path& public_headers,
                                       const std::vector<std::string>& more);

/// Values of the environment variables that the compiler heeds.
std::vector<std::string> compiler_environment();

}  // namespace cicada::scenario
