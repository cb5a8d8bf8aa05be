// SPDX-License-Identifier: Apache-2.0
#include "scenario/shown_path.hpp"

#include <system_error>

namespace cicada::scenario {

std::string shown(const std::filesystem::path& path) {
    std::error_code error;
    const std::string folder = std::filesystem::current_path(error).string() + "/";
    std::string text = path.string();
    if (error || !text.starts_with(folder)) return text;
    return text.substr(folder.size());
}

}  // namespace cicada::scenario
