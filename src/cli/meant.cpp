// SPDX-License-Identifier: Apache-2.0
#include "cli/meant.hpp"

#include <fmt/format.h>

#include "base/nearest.hpp"

namespace cicada::cli {

std::string meant(const std::string& word, const std::vector<std::string>& known) {
    const auto near = base::nearest(word, known);
    return near ? fmt::format("\nDid you mean '{}'?", *near) : "";
}

std::string meant_command(const std::string& word) {
    const auto near = base::nearest(word, {"new", "check", "demo-server"});
    return near ? fmt::format("\nDid you mean 'cicada {}'?", *near) : "";
}

}  // namespace cicada::cli
