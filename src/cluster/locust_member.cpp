// SPDX-License-Identifier: Apache-2.0
#include "cluster/locust_member.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/later.hpp"
#include "base/log.hpp"

namespace cicada::cluster {
namespace {

using base::LogLevel;
using std::chrono::nanoseconds;

/// Distance of two spawn messages at least; a double of seconds since 1970 can tell them apart.
constexpr double kTick = 1e-3;

/// The name of what was raised: "ValueError" of "... line 3\nValueError: no\n".
std::string type_of_exception(const std::string& traceback) {
    const std::size_t end = traceback.find_last_not_of(" \n\r");
    if (end == std::string::npos) return "exception";
    const std::size_t begin = traceback.find_last_of('\n', end);
    std::string line = traceback.substr(begin == std::string::npos ? 0 : begin + 1,
                                        begin == std::string::npos ? end + 1 : end - begin);
    line.resize(std::min(line.size(), line.find(':')));
    const bool is_name = !line.empty() && line.find(' ') == std::string::npos;
    return is_name ? line : "exception";
}

}  // namespace

LocustMember::LocustMember(std::string id,
                           std::int64_t index,
                           const std::vector<std::string>& classes,
                           const LocustTerms& terms)
    : Member(std::move(id), index, classes.size()),
      classes_(classes),
      terms_(terms),
      wanted_(classes.size(), 0) {}

void LocustMember::on_ready() {
    count({});
    if (told_ && state != run::State::Stopping) {  // it has lost the users it had
        answered_ = false;
        spawn_wanted_ = true;
    } else {
        status_.tests_ended = status_.tests_begun;
    }
    state = run::State::Ready;
}

void LocustMember::on_spawning() {
    state = run::State::Spawning;
    epoch_ = next_epoch_;
}

void LocustMember::on_spawned(const from_worker::SpawningComplete& complete) {
    state = run::State::Running;
    answered_ = true;
    count(complete.user_classes_count);
    if (spawn_wanted_ || status_.users != wanted_) return;  // the answer to an earlier one
    spawn_sent_at_.reset();
    status_.steps_done = steps_asked_;
}

void LocustMember::count(const ClassCounts& counts) {
    status_.user_count = 0;
    for (std::size_t index = 0; index < classes_.size(); ++index) {
        const auto found = counts.find(classes_[index]);
        const std::int64_t users =
            found == counts.end() ? 0 : std::max<std::int64_t>(found->second, 0);
        status_.users[index] = users;
        status_.user_count += users;
    }
}

Gain LocustMember::take(from_worker::LocustStats&& stats, const run::Moment& now) {
    if (answered_ && (state == run::State::Spawning || state == run::State::Running)) {
        count(stats.user_classes_count);
    }
    shift_to_our_clock(stats.delta, now.wall);
    stats.delta.taken = now.wall;
    return {.epoch = epoch_, .delta = std::move(stats.delta)};
}

// Nothing in the message says when it was sent, but its newest request cannot be far from now.
void LocustMember::shift_to_our_clock(stats::Delta& delta, base::WallTime now) {
    std::optional<base::WallTime> newest;
    for (const stats::EntryDelta& entry : delta.entries) {
        if (entry.last_request && (!newest || *newest < *entry.last_request)) {
            newest = entry.last_request;
        }
    }
    if (newest) {
        const nanoseconds ahead = *newest - now;
        const nanoseconds lateness = clock_ahead_ - ahead;
        if (lateness < nanoseconds{} || lateness > kBelievedLateness) {
            const bool is_right = ahead <= nanoseconds{} && -ahead <= kBelievedLateness;
            clock_ahead_ = is_right ? nanoseconds{} : ahead;
        }
    }
    if (clock_ahead_ == nanoseconds{}) return;
    using std::chrono::seconds;
    const auto shift = std::chrono::duration_cast<base::WallTime::duration>(clock_ahead_);
    const std::int64_t shift_s = std::chrono::round<seconds>(clock_ahead_).count();
    for (stats::EntryDelta& entry : delta.entries) {
        if (entry.last_request) *entry.last_request -= shift;
        for (stats::SecondCounts& second : entry.seconds) second.second -= shift_s;
    }
    for (stats::ErrorCount& error : delta.errors) {
        error.first_seen -= shift;
        error.last_seen -= shift;
    }
}

Gain LocustMember::take(const from_worker::ExceptionRaised& exception) const {
    stats::Delta delta;
    delta.exceptions.push_back({.type = type_of_exception(exception.traceback),
                                .text = exception.message,
                                .where = id_,
                                .count = 1});
    return {.epoch = epoch_, .delta = std::move(delta)};
}

void LocustMember::on_stopped() {
    state = run::State::Stopped;
    status_.tests_ended = status_.tests_begun;
    count({});
}

void LocustMember::on_quit() {
    on_stopped();
    status_.has_left = true;
}

from_master::Spawn LocustMember::spawn(base::WallTime now) {
    from_master::Spawn spawn;
    const double wall = std::chrono::duration<double>(now.time_since_epoch()).count();
    last_timestamp_ = std::max(wall, last_timestamp_ + kTick);
    spawn.timestamp = last_timestamp_;
    for (std::size_t index = 0; index < classes_.size(); ++index) {
        spawn.user_classes_count[classes_[index]] = wanted_[index];
    }
    if (!host_.empty()) spawn.host = host_;
    spawn.stop_timeout_s = terms_.stop_timeout_s;
    spawn.parsed_options_json = terms_.parsed_options_json;
    return spawn;
}

void LocustMember::send_due(std::vector<Outgoing>& out, const run::Moment& now) {
    if (missing) return;
    if (spawn_sent_at_ && now.steady >= *spawn_sent_at_ + kStepPatience) {
        spawn_sent_at_.reset();
        status_.steps_done = steps_asked_;
    }
    if (std::exchange(spawn_wanted_, false)) {
        out.push_back({id_, spawn(now.wall)});
        spawn_sent_at_ = now.steady;
        told_ = true;
    }
    for (FromMaster& message : waiting_) out.push_back({id_, std::move(message)});
    waiting_.clear();
}

base::TimePoint LocustMember::next_deadline() const {
    if (missing) return base::TimePoint::max();
    if (spawn_wanted_ || !waiting_.empty()) return base::TimePoint::min();
    return spawn_sent_at_ ? *spawn_sent_at_ + kStepPatience : base::TimePoint::max();
}

// Its listeners of test_start are called with the first users; nobody says when they return.
void LocustMember::begin_test(const run::TestBegin& begin) {
    told_ = false;
    answered_ = false;
    host_ = begin.host;
    next_epoch_ = begin.statistics_epoch;
    class_of_.clear();
    std::fill(wanted_.begin(), wanted_.end(), 0);
    status_.tests_begun = last_test_;
}

void LocustMember::take_step(run::SpawnStep step) {
    for (const run::PlannedUser& user : step.start) {
        if (class_of_.emplace(user.number, user.class_index).second) wanted_[user.class_index] += 1;
    }
    for (const std::int64_t number : step.stop) {
        const auto found = class_of_.find(number);
        if (found == class_of_.end()) continue;
        wanted_[found->second] -= 1;
        class_of_.erase(found);
    }
    steps_asked_ += 1;
    spawn_wanted_ = true;
    if (answered_) return;
    status_.users = wanted_;
    status_.user_count = std::accumulate(wanted_.begin(), wanted_.end(), std::int64_t{0});
}

void LocustMember::pause() {
    base::log(LogLevel::Warning, "worker {} is made for Locust and cannot pause", id_);
}

void LocustMember::announce_spawned(std::int64_t users) {
    waiting_.emplace_back(from_master::SpawningComplete{users});
}

void LocustMember::end_test() {
    spawn_wanted_ = false;
    spawn_sent_at_.reset();
    status_.steps_done = steps_asked_;
    class_of_.clear();
    std::fill(wanted_.begin(), wanted_.end(), 0);
    if (!std::exchange(told_, false)) {
        status_.tests_ended = status_.tests_begun;
        return;
    }
    state = run::State::Stopping;
    waiting_.emplace_back(from_master::Stop{});
}

// No message of Locust's says so. What it has measured until now and not sent counts afterwards.
void LocustMember::reset_statistics(std::uint64_t epoch) {
    epoch_ = epoch;
    next_epoch_ = epoch;
}

void LocustMember::leave() {
    waiting_.emplace_back(from_master::Quit{});
}

void LocustMember::deliver(run::Letter letter) {
    waiting_.emplace_back(from_master::Custom{std::move(letter.type), std::move(letter.json)});
}

}  // namespace cicada::cluster
