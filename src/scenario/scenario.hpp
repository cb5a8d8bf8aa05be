// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenario/object_file.hpp"
#include "scenario/parcel.hpp"

namespace cicada::scenario {

/// What to load, as the command line gave it.
struct LoadOptions {
    /// Items of `-f`, each a .cpp file, a .so file, a folder, or several of them with commas
    /// between. Empty: the users the program itself declared, if it is a test linked with Cicada;
    /// else ./cicadafile.cpp.
    std::vector<std::string> items{};

    /// Instead of items: compiled already.
    std::vector<ObjectFile> objects{};
    std::filesystem::path folder{};  ///< of `objects`: where the test's paths start

    bool for_workers = false;  ///< the test is to travel: LoadedTest::parcel is wanted
};

/// A test whose declarations stand in user::registry().
struct LoadedTest {
    std::vector<std::filesystem::path> files;  ///< absolute, in the order they were loaded
    std::filesystem::path folder;              ///< of the first file: the test's paths start here
    std::optional<Parcel> parcel{};            ///< if it was wanted, and it can travel
    std::string no_parcel{};                   ///< if it was wanted: why it cannot
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
