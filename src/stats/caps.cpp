// SPDX-License-Identifier: Apache-2.0
#include "stats/caps.hpp"

#include <fmt/format.h>

namespace cicada::stats {

std::string names_warning(std::size_t most) {
    return fmt::format(
        "more than {} different request names: all further ones are counted together as \"{}\"; "
        "give requests that differ only in an id one name",
        most,
        kOtherName);
}

std::string errors_warning(std::size_t most) {
    return fmt::format(
        "{} different error texts: further new ones are counted as \"{}\"", most, kOtherErrors);
}

std::string exceptions_warning(std::size_t most) {
    return fmt::format(
        "{} different exceptions: further new ones are counted as \"{}\"", most, kOtherExceptions);
}

std::string metrics_warning(std::size_t most) {
    return fmt::format(
        "more than {} different metrics, checks and their tags: further tags are not told apart, "
        "and further names are counted together as \"{}\"",
        most,
        kOtherName);
}

}  // namespace cicada::stats
