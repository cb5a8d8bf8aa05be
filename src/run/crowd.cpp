// SPDX-License-Identifier: Apache-2.0
#include "run/crowd.hpp"

#include <algorithm>
#include <utility>

#include "base/expects.hpp"

namespace cicada::run {
namespace {

using user::LiveUser;
using user::Phase;

bool lives(const std::unique_ptr<LiveUser>& user) {
    return user != nullptr && user->phase() != Phase::Ended;
}

}  // namespace

Crowd::Crowd(std::vector<const user::Declaration*> classes,
             user::Environment& environment,
             const StopLimits& limits)
    : classes_(std::move(classes)),
      limits_(limits),
      environment_(environment),
      counts_(classes_.size(), 0) {
    for (std::size_t index = 0; index < classes_.size(); ++index) {
        class_indices_[classes_[index]] = index;
    }
    environment.user_ended = [this](LiveUser& user) { note_end(user); };
    nobody_.set();
}

Crowd::~Crowd() {
    base::expects(alive_ == 0, "the engine outlives its users");
}

void Crowd::start(std::uint32_t class_index) {
    places_.push_back({next_number_, nullptr});
    if (environment_.tickets.nothing_left(*classes_[class_index])) {
        next_number_ += 1;
        return;
    }
    try {
        places_.back().user =
            std::make_unique<LiveUser>(*classes_[class_index], next_number_, environment_);
    } catch (...) {
        places_.pop_back();
        throw;
    }
    note_start(class_index);
}

void Crowd::start_guest(std::uint32_t class_index, user::ArrivalSource& source) {
    guests_.emplace(
        next_number_,
        std::make_unique<LiveUser>(*classes_[class_index], next_number_, environment_, &source));
    note_start(class_index);
}

void Crowd::note_start(std::uint32_t class_index) {
    next_number_ += 1;
    counts_[class_index] += 1;
    alive_ += 1;
    nobody_.clear();
}

void Crowd::note_end(const LiveUser& user) {
    dead_.push_back(user.number());
    counts_[class_indices_.at(&user.declaration())] -= 1;
    alive_ -= 1;
    if (alive_ == 0) nobody_.set();
    if (on_ended_) on_ended_();
}

void Crowd::stop_last(std::int64_t count) {
    std::vector<std::int64_t> numbers;
    for (; count > 0 && !places_.empty(); --count) {
        Place place = std::move(places_.back());
        places_.pop_back();
        if (!lives(place.user)) continue;
        numbers.push_back(place.number);
        leaving_.emplace(place.number, std::move(place.user));
    }
    const std::chrono::nanoseconds none{};
    std::vector<std::int64_t> to_be_killed;
    std::vector<std::int64_t> limited;
    std::size_t asked = 0;
    for (const std::int64_t number : numbers) {
        const auto found = leaving_.find(number);
        if (found == leaving_.end() || !lives(found->second)) continue;
        LiveUser& user = *found->second;
        const bool counted = user.in_limited_execution();
        if (!counted && limits_.stop_timeout <= none) {
            user.kill(limits_.drain_timeout);
        } else {
            user.stop();
            (counted ? limited : to_be_killed).push_back(number);
        }
        if (++asked % kSlice == 0) fiber::yield();
    }
    kill_later(std::move(to_be_killed), limits_.stop_timeout);
    kill_later(std::move(limited), std::max(limits_.stop_timeout, limits_.limited_timeout));
}

void Crowd::kill_later(std::vector<std::int64_t> numbers, std::chrono::nanoseconds limit) {
    if (numbers.empty()) return;
    killers_.push_back(fiber::start(
        [this, limit, numbers = std::move(numbers)] {
            fiber::sleep_for(limit);
            for (const std::int64_t number : numbers) {
                const auto found = leaving_.find(number);
                if (found != leaving_.end() && lives(found->second)) {
                    found->second->kill(limits_.drain_timeout);
                }
            }
        },
        {.label = "stop timeout"}));
}

template <class Act>
void Crowd::for_each_alive(Act act) {
    std::size_t acted = 0;
    const auto visit = [&act, &acted](const std::unique_ptr<LiveUser>& user) {
        if (!lives(user)) return;
        act(*user);
        if (++acted % kSlice == 0) fiber::yield();
    };
    for (const auto& [number, user] : leaving_) visit(user);
    for (const auto& [number, user] : guests_) visit(user);
    for (auto place = places_.rbegin(); place != places_.rend(); ++place) visit(place->user);
}

void Crowd::stop_those_done() {
    for_each_alive([](LiveUser& user) { user.stop_if_done(); });
}

void Crowd::stop_all() {
    if (limits_.stop_timeout > std::chrono::nanoseconds::zero()) {
        for_each_alive([](LiveUser& user) { user.stop(); });
    }
    if (!wait_until_empty(limits_.stop_timeout)) {
        for_each_alive([this](LiveUser& user) { user.kill(limits_.drain_timeout); });
        nobody_.wait();
    }
    bury();
    killers_.clear();
    places_.clear();
    next_number_ = 0;
}

bool Crowd::wait_until_empty(std::chrono::nanoseconds limit) {
    if (alive_ == 0) return true;
    if (limit <= std::chrono::nanoseconds::zero()) return false;
    try {
        const Timeout timeout(limit);
        nobody_.wait();
        return true;
    } catch (const TimeoutExpired&) {
        return alive_ == 0;
    }
}

void Crowd::bury() {
    while (!dead_.empty()) {
        const std::vector<std::int64_t> numbers = std::exchange(dead_, {});
        for (const std::int64_t number : numbers) {
            if (leaving_.erase(number) > 0) continue;
            if (const auto guest = guests_.extract(number)) continue;  // freed outside of the map
            const auto place = std::lower_bound(
                places_.begin(), places_.end(), number, [](const Place& one, std::int64_t other) {
                    return one.number < other;
                });
            if (place != places_.end() && place->number == number) place->user.reset();
        }
    }
    std::erase_if(killers_, [](const fiber::Handle& killer) { return killer.done(); });
}

}  // namespace cicada::run
