// SPDX-License-Identifier: Apache-2.0
#include "run/snapshot.hpp"

#include <algorithm>
#include <array>

namespace cicada::run {

std::string_view name_of(State state) {
    static constexpr std::array<std::string_view, 7> kNames = {
        "ready", "spawning", "running", "cleanup", "stopping", "stopped", "missing"};
    return kNames[static_cast<std::size_t>(state)];
}

std::vector<std::string> warnings_of(const Snapshot& snapshot) {
    std::vector<std::string> texts = snapshot.warnings;
    const auto add = [&](const std::vector<std::string>& more) {
        for (const std::string& text : more) {
            if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
        }
    };
    add(snapshot.statistics->warnings());
    for (const stats::Reason& reason : snapshot.statistics->verdict().reasons) add({reason.text});
    return texts;
}

}  // namespace cicada::run
