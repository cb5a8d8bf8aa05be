// SPDX-License-Identifier: Apache-2.0
#include "cluster/refusals.hpp"

#include <fmt/format.h>

namespace cicada::cluster {

std::optional<std::string> Refusals::add(const std::string& host,
                                         const std::string& why,
                                         base::TimePoint now) {
    const bool is_new = !hosts_.contains(host);
    const bool is_one_of_many = is_new && hosts_.size() >= kMostHosts;
    const std::string shown = is_one_of_many ? "many hosts" : host;
    const auto [place, first] = hosts_.try_emplace(shown);
    ++place->second.untold;
    if (!first && now < place->second.next_line) return std::nullopt;
    const std::size_t connections = place->second.untold;
    place->second = {.untold = 0, .next_line = now + kPause};
    if (connections == 1) return fmt::format("refused a connection from {}: {}", shown, why);
    return fmt::format("refused {} connections from {} in a minute: {}", connections, shown, why);
}

}  // namespace cicada::cluster
