// SPDX-License-Identifier: Apache-2.0
#include "cluster/crash_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cicada::cluster {

CrashPolicy::CrashPolicy(std::size_t processes,
                         OnCrash on_crash,
                         std::function<bool(const std::string&)> is_task)
    : on_crash_(on_crash), is_task_(std::move(is_task)), restarts_(processes), gone_(processes) {}

Consequence CrashPolicy::on_death(std::size_t process, const std::string& label) {
    Consequence consequence;
    const std::size_t crashes = label.empty() ? 0 : ++crashes_[label];
    if (crashes == kMostCrashes && on_crash_ == OnCrash::Disable && is_task_(label)) {
        consequence.disable = label;
    }
    if (restarts_.at(process) < kMostRestarts) {
        consequence.restart = ++restarts_[process];
        consequence.restart_after = kFirstPause * (1U << (consequence.restart - 1));
    } else {
        gone_[process] = true;
    }
    consequence.stop = reason_to_stop(label);
    if (consequence.stop) consequence.restart_after.reset();
    return consequence;
}

std::optional<std::string> CrashPolicy::reason_to_stop(const std::string& label) const {
    const auto crashed = crashes_.find(label);
    if (on_crash_ == OnCrash::Stop && crashed != crashes_.end() &&
        crashed->second >= kMostCrashes) {
        return fmt::format("'{}' has crashed {} worker processes", label, crashed->second);
    }
    if (std::ranges::all_of(gone_, [](bool gone) { return gone; })) {
        return fmt::format("no worker process is left: each has been started again {} times",
                           kMostRestarts);
    }
    return std::nullopt;
}

}  // namespace cicada::cluster
