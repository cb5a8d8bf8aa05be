// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace cicada::scenario {

/// Whether an item of `-f` is to be fetched.
[[nodiscard]] bool is_url(const std::string& item);

/// Fetches a test file into a temporary folder, which is removed when the program ends.
///
/// Error: base::Error with one line: the URL and why it cannot be had.
/// Threads: the main thread, before there are others.
[[nodiscard]] std::filesystem::path download_test(const std::string& url);

}  // namespace cicada::scenario
