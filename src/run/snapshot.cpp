// SPDX-License-Identifier: Apache-2.0
#include "run/snapshot.hpp"

#include <algorithm>
#include <array>

namespace cicada::run {
namespace {

bool measured_anything(const stats::Totals& statistics) {
    if (statistics.total().counts.requests > 0) return true;
    const auto metrics = statistics.metrics().all();
    return std::any_of(metrics.begin(), metrics.end(), [](const auto& metric) {
        return metric->values.count > 0;
    });
}

}  // namespace

std::string_view name_of(State state) {
    static constexpr std::array<std::string_view, 7> kNames = {
        "ready", "spawning", "running", "cleanup", "stopping", "stopped", "missing"};
    return kNames[static_cast<std::size_t>(state)];
}

stats::Verdict verdict_of(const Snapshot& snapshot) {
    if (snapshot.dry_run) return {};  // nothing was measured
    stats::Verdict verdict = snapshot.statistics->verdict();
    if (snapshot.state == State::Stopped && !measured_anything(*snapshot.statistics)) {
        verdict.add(stats::Grade::Invalid,
                    "nothing was measured: no request was recorded, and no metric");
    }
    return verdict;
}

std::vector<std::string> warnings_of(const Snapshot& snapshot) {
    std::vector<std::string> texts = snapshot.warnings;
    const auto add = [&](const std::vector<std::string>& more) {
        for (const std::string& text : more) {
            if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
        }
    };
    add(snapshot.statistics->warnings());
    for (const stats::Reason& reason : verdict_of(snapshot).reasons) add({reason.text});
    return texts;
}

}  // namespace cicada::run
