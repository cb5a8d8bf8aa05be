// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace cicada::cluster {

/// Which refused connections are worth a line of the log: the first of each host, and then one line
/// with their number each kPause. Somebody who tries all day fills no disk.
class Refusals {
public:
    static constexpr std::chrono::seconds kPause{60};
    static constexpr std::size_t kMostHosts = 1'000;  ///< then all are one

    /// A connection from `host` was refused at `now`. Returns the line, if it is time for one.
    [[nodiscard]] std::optional<std::string> add(const std::string& host,
                                                 const std::string& why,
                                                 base::TimePoint now);

private:
    struct Host {
        std::size_t untold = 0;
        base::TimePoint next_line{};
    };
    std::map<std::string, Host> hosts_;
};

}  // namespace cicada::cluster
