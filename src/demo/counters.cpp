// SPDX-License-Identifier: Apache-2.0
#include "demo/counters.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace cicada::demo {

Counters::Counters(std::vector<std::string> patterns)
    : patterns_(std::move(patterns)), counts_(patterns_.size()) {}

void Counters::count(std::size_t pattern, std::string_view method) {
    const auto* const known = std::find(kMethods.begin(), kMethods.end() - 1, method);
    ++counts_.at(pattern).at(static_cast<std::size_t>(known - kMethods.begin()));
}

void Counters::reset() {
    for (auto& row : counts_) row.fill(0);
}

std::string Counters::json() const {
    std::uint64_t total = 0;
    auto requests = nlohmann::json::object();
    for (std::size_t pattern = 0; pattern < counts_.size(); ++pattern) {
        for (std::size_t method = 0; method < kMethods.size(); ++method) {
            const auto count = counts_[pattern].at(method);
            if (count == 0) continue;
            total += count;
            requests[std::string(kMethods.at(method)) + ' ' + patterns_[pattern]] = count;
        }
    }
    return nlohmann::json{{"total", total}, {"requests", requests}}.dump() + '\n';
}

void Identities::add(std::string_view identity) {
    if (seen_.size() < kSeenMax) {
        seen_.emplace_back(identity);
    } else {
        ++dropped_;
    }
}

void Identities::reset() {
    seen_.clear();
    dropped_ = 0;
}

}  // namespace cicada::demo
