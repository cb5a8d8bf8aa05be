// SPDX-License-Identifier: Apache-2.0
#include "base/shown_path.hpp"

#include <fmt/format.h>

#include <system_error>

namespace cicada::base {

std::string shown(const std::filesystem::path& path) {
    std::error_code error;
    const std::string folder = std::filesystem::current_path(error).string() + "/";
    std::string text = path.string();
    if (error || !text.starts_with(folder)) return text;
    return text.substr(folder.size());
}

std::string shown(const std::source_location& place) {
    return fmt::format("{}:{}", shown(std::filesystem::path(place.file_name())), place.line());
}

}  // namespace cicada::base
