// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cicada::scenario {

/// The file that is a test when no `-f` is given.
inline constexpr const char* kDefaultTestFile = "cicadafile.cpp";

/// The test files that `items` of `-f` name, absolute and in order, each once.
///
/// Shape: an item may be several with commas between; an http:// URL is fetched; a folder stands
/// for every .cpp below it
///        whose name, and whose folders' names, do not start with `_` or `.`, sorted.
/// Error: base::Error with one line: a missing file, an empty folder, another suffix.
/// Source: Locust, argument_parser.py, parse_locustfile_paths().
std::vector<std::filesystem::path> find_test_files(const std::vector<std::string>& items);

}  // namespace cicada::scenario
