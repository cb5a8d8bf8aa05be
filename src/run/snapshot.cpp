// SPDX-License-Identifier: Apache-2.0
#include "run/snapshot.hpp"

#include <array>

namespace cicada::run {

std::string_view name_of(State state) {
    static constexpr std::array<std::string_view, 7> kNames = {
        "ready", "spawning", "running", "cleanup", "stopping", "stopped", "missing"};
    return kNames[static_cast<std::size_t>(state)];
}

}  // namespace cicada::run
