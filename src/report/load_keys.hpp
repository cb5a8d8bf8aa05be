// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "run/control.hpp"

namespace cicada::report {

/// What the keys do: w and W one and ten users more, s and S fewer, at 100 per second; p pauses the
/// test and lets it go on. Any other key does nothing.
/// Source: Locust, input_events.py; p is Cicada's own.
class LoadKeys {
public:
    explicit LoadKeys(run::RunControl& run) : run_(run) {}

    /// Says in the log what it does, or why it does not.
    void press(char key);

private:
    void change_users(std::int64_t by);
    void toggle_pause();

    run::RunControl& run_;
};

}  // namespace cicada::report
