// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cicada::scenario {

/// What to load, as the command line gave it.
struct LoadOptions {
    /// Items of `-f`, each a .cpp file, a .so file, a folder, or several of them with commas
    /// between. Empty: the users the program itself declared, if it is a test linked with Cicada;
    /// else ./cicadafile.cpp.
    std::vector<std::string> items{};
};

/// A test whose declarations stand in user::registry().
struct LoadedTest {
    std::vector<std::filesystem::path> files;  ///< absolute, in the order they were loaded
    std::filesystem::path folder;              ///< of the first file: the test's paths start here
};

/// Finds, compiles (or takes from the cache) and loads the test files, then seals the registry.
///
/// Once per process: a shared object is never unloaded, since names are views into it.
/// Error: base::Error, exit code 1, when a file is missing, does not compile, was built against
///        other headers, or declares no user class, and with all complaints about declarations.
///        A variable at namespace scope that throws ends the process: its text, exit code 1.
/// Threads: the main thread, before there are others.
LoadedTest load(const LoadOptions& options);

}  // namespace cicada::scenario
