// SPDX-License-Identifier: Apache-2.0
#include "scenario/test_files.hpp"

#include <algorithm>
#include <system_error>

#include "base/error.hpp"
#include "scenario/download.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& item, const std::string& why) {
    throw base::Error(item + ": " + why);
}

// Names that start so are the author's own affair: parts of tests, editors' files.
bool is_set_aside(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.starts_with('_') || name.starts_with('.');
}

std::vector<fs::path> tests_below(const fs::path& folder, const std::string& item) {
    std::vector<fs::path> found;
    std::error_code error;
    fs::recursive_directory_iterator entry(
        folder, fs::directory_options::follow_directory_symlink, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        std::error_code gone;
        if (entry->is_directory(gone)) {
            if (is_set_aside(entry->path())) entry.disable_recursion_pending();
        } else if (entry->path().extension() == ".cpp" && !is_set_aside(entry->path())) {
            found.push_back(entry->path());
        }
    }
    if (error) refuse(item, "cannot read this folder: " + error.message());
    if (found.empty()) {
        refuse(item, "no test file in this folder (*.cpp, name not starting with _)");
    }
    std::ranges::sort(found);
    return found;
}

std::vector<fs::path> tests_of(const std::string& item) {
    if (is_url(item)) return {download_test(item)};
    std::error_code error;
    const fs::path path = fs::canonical(item, error);
    if (error == std::errc::no_such_file_or_directory) refuse(item, "there is no such file");
    if (error) refuse(item, error.message());
    if (fs::is_directory(path, error)) return tests_below(path, item);
    if (!fs::is_regular_file(path, error)) refuse(item, "this is not a file");
    const fs::path suffix = fs::path(item).extension();
    if (suffix != ".cpp" && suffix != ".so") {
        refuse(item, "a test is a .cpp file, a .so file or a folder");
    }
    return {path};
}

std::vector<std::string> split_at_commas(const std::string& item) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    while (start <= item.size()) {
        const std::size_t comma = std::min(item.find(',', start), item.size());
        std::string part = item.substr(start, comma - start);
        part.erase(0, part.find_first_not_of(' '));
        part.erase(part.find_last_not_of(' ') + 1);
        if (!part.empty()) parts.push_back(std::move(part));
        start = comma + 1;
    }
    return parts;
}

}  // namespace

std::vector<fs::path> find_test_files(const std::vector<std::string>& items) {
    std::vector<std::string> parts;
    for (const std::string& item : items) {
        for (std::string& part : split_at_commas(item)) parts.push_back(std::move(part));
    }
    if (parts.empty()) {
        std::error_code error;
        if (!fs::exists(kDefaultTestFile, error)) {
            throw base::Error(std::string("there is no ") + kDefaultTestFile +
                              " here: name a test file with -f, or see --help");
        }
        parts.emplace_back(kDefaultTestFile);
    }

    std::vector<fs::path> found;
    for (const std::string& part : parts) {
        for (fs::path& test : tests_of(part)) {
            if (std::ranges::find(found, test) == found.end()) found.push_back(std::move(test));
        }
    }
    return found;
}

}  // namespace cicada::scenario
