// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <source_location>
#include <string>

#include "stats/metric.hpp"
#include "stats/recorder.hpp"

namespace cicada::detail {

struct MetricDeclaration {
    stats::MetricKind kind = stats::MetricKind::Counter;
    std::string name;
    std::source_location place;
};

}  // namespace cicada::detail

namespace cicada::user {

/// One text of a thresholds({...}), not understood yet.
struct ThresholdDeclaration {
    std::string text;
    bool abort_on_fail = false;
    std::chrono::nanoseconds warm_up{};
    std::source_location place;
};

/// Where the values of the test's metrics go from now on; null: nowhere, telling one is an error.
/// Threads: each has its own; the engine's is the one that counts.
void keep_metrics_in(stats::Recorder* recorder);

}  // namespace cicada::user
