// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/log.hpp"
#include "user/listeners.hpp"

namespace cicada::run {

/// Listeners and log of a test's own.
class Events {
public:
    Events() {
        user::listeners().clear();
        base::set_log_writer([this](const base::LogLine& line) { log.push_back(line.text); });
    }
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;
    ~Events() {
        base::set_log_writer({});
        user::listeners().clear();
    }

    std::vector<std::string> log;
};

}  // namespace cicada::run
