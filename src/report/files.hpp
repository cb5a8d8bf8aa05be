// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cicada::report {

/// Makes the folders that `path` lies in.
[[nodiscard]] base::Result<void> make_folders_of(const std::string& path);

/// Writes all of `bytes`; 0, or an errno.
[[nodiscard]] int write_all(int fd, std::string_view bytes);

/// Gives the file new contents in one step: whoever opens it finds the old or the new ones, whole.
/// What is no ordinary file (/dev/stdout) is written to as it is.
[[nodiscard]] base::Result<void> replace_file(const std::string& path, std::string_view bytes);

/// "cannot write out/x.csv: No space left on device"
[[nodiscard]] std::string cannot_write(const std::string& path, int error);

}  // namespace cicada::report
