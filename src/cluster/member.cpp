// SPDX-License-Identifier: Apache-2.0
#include "cluster/member.hpp"

#include <utility>

namespace cicada::cluster {

Member::Member(std::string id, std::int64_t index, std::size_t classes)
    : id_(std::move(id)), index_(index) {
    status_.users.assign(classes, 0);
}

void Member::note_log(std::vector<std::string> lines) {
    for (std::string& line : lines) {
        if (line.size() > kLongestLogLine) line.resize(kLongestLogLine);
        log_.push_back(std::move(line));
        if (log_.size() > kMostLogLines) log_.pop_front();
    }
}

void Member::replace_log(std::vector<std::string> lines) {
    log_.clear();
    note_log(std::move(lines));
}

}  // namespace cicada::cluster
