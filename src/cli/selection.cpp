// SPDX-License-Identifier: Apache-2.0
#include "cli/selection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/nearest.hpp"
#include "user/registry.hpp"

namespace cicada::cli {
namespace {

[[noreturn]] void reject(const std::string& name) {
    std::vector<std::string> known;
    for (const auto& declaration : user::registry().declarations()) {
        known.push_back(declaration->name);
    }
    std::string message = fmt::format("there is no user class {}", name);
    if (const auto near = base::nearest(name, known)) {
        message += fmt::format("\nDid you mean '{}'?", *near);
    } else {
        message += fmt::format("; the test has {}", fmt::join(known, ", "));
    }
    throw base::Error(message);
}

}  // namespace

std::vector<const user::Declaration*> chosen_classes(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (user::registry().find(name) == nullptr) reject(name);
    }
    std::vector<const user::Declaration*> classes;
    for (const auto& declaration : user::registry().declarations()) {
        if (names.empty() ||
            std::find(names.begin(), names.end(), declaration->name) != names.end()) {
            classes.push_back(declaration.get());
        }
    }
    return classes;
}

}  // namespace cicada::cli
