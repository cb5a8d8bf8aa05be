// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>

namespace cicada::scenario {

/// A compiled test and the file it was made from.
struct ObjectFile {
    std::filesystem::path object;  ///< absolute
    std::filesystem::path test;    ///< what messages call it; the same for a .so that was given
};

/// Loads it into the process, for good: its variables at namespace scope are initialised, which
/// declares its users.
///
/// `before_exit` is called if one of them throws. An exception cannot leave an initialiser, so the
/// process ends then: one line on stderr with file and text, exit code 1.
/// Error: base::Error, one line: built against other headers (seen before any of its code runs),
///        a function without a definition, not a shared object.
void load_object(const ObjectFile& file, const std::function<void()>& before_exit);

}  // namespace cicada::scenario
