// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cicada::scenario {

/// What the comment lines of a test file ask of the build.
struct Directives {
    std::vector<std::string> compile_flags{};
    std::vector<std::string> link_flags{};         ///< after the objects, in order
    std::vector<std::filesystem::path> sources{};  ///< further ones, absolute
};

/// Reads the lines of `test_file` that start with `// cicada:`.
///
///     // cicada: pkg-config libpq        compile and link flags of a package
///     // cicada: link m                  -lm
///     // cicada: include dir             a folder of headers, relative to the file
///     // cicada: source b.cpp            one more source file, relative to the file
///
/// Shape: several names in one line have blanks between them.
/// Error: base::Error, "FILE:LINE: what", for the first one that is wrong: an unknown word, a
///        package that pkg-config does not know, a folder or source that is not there.
/// Runs pkg-config, if it is asked for.
Directives read_directives(const std::filesystem::path& test_file);

}  // namespace cicada::scenario
