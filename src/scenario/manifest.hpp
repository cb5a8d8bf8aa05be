// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cicada::scenario {

/// A file that the compiler read.
struct Dependency {
    std::filesystem::path file;
    std::string digest;
};

/// From what a compiled test was made.
struct Manifest {
    std::string object_name;
    std::string object_digest;
    std::vector<Dependency> dependencies{};
};

/// Nothing if it is not there or is not one.
std::optional<Manifest> read_manifest(const std::filesystem::path& file);

/// False if it could not be written, or could not be read again (a name with a line break).
bool write_manifest(const std::filesystem::path& file, const Manifest& manifest);

/// Every file it lists is as it was.
bool is_current(const Manifest& manifest);

/// The files that a compiler's -MD output lists, absolute, each once, sorted.
std::vector<std::filesystem::path> files_read(const std::string& make_rule);

}  // namespace cicada::scenario
