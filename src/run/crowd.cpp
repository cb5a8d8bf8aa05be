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

void Crowd::start(const PlannedUser& planned) {
    const user::Declaration& declaration = *classes_[planned.class_index];
    if (environment_.tickets.nothing_left(declaration)) return;
    if (const auto place = planned_.find(planned.number); place != planned_.end()) {
        if (lives(place->second)) return;
        bury();
    }
    auto user = std::make_unique<LiveUser>(declaration, planned.number, environment_);
    planned_.emplace_hint(planned_.end(), planned.number, std::move(user));
    note_start(planned.class_index);
}

void Crowd::start_guest(std::uint32_t class_index, user::ArrivalSource& source) {
    auto user =
        std::make_unique<LiveUser>(*classes_[class_index], next_guest_, environment_, &source);
    const LiveUser* const key = user.get();
    guests_.emplace(key, std::move(user));
    next_guest_ += 1;
    note_start(class_index);
}

void Crowd::note_start(std::uint32_t class_index) {
    counts_[class_index] += 1;
    alive_ += 1;
    nobody_.clear();
}

void Crowd::note_end(const LiveUser& user) {
    dead_.push_back(&user);
    counts_[class_indices_.at(&user.declaration())] -= 1;
    alive_ -= 1;
    if (alive_ == 0) nobody_.set();
    if (on_ended_) on_ended_();
}

void Crowd::stop(const std::vector<std::int64_t>& numbers) {
    std::vector<Killed> leaving;
    for (const std::int64_t number : numbers) {
        const auto place = planned_.find(number);
        if (place == planned_.end() || !lives(place->second)) continue;
        leaving.push_back({place->second.get(), next_serial_++});
        leaving_.emplace(leaving.back().user,
                         Leaving{std::move(place->second), leaving.back().serial});
        planned_.erase(place);
    }
    const std::chrono::nanoseconds none{};
    std::vector<Killed> to_be_killed;
    std::vector<Killed> limited;
    std::size_t asked = 0;
    for (const Killed& one : leaving) {
        LiveUser* const user = find(one);
        if (user == nullptr) continue;
        const bool counted = user->in_limited_execution();
        if (!counted && limits_.stop_timeout <= none) {
            user->kill(limits_.drain_timeout);
        } else {
            user->stop();
            (counted ? limited : to_be_killed).push_back(one);
        }
        if (++asked % kSlice == 0) fiber::yield();
    }
    kill_later(std::move(to_be_killed), limits_.stop_timeout);
    kill_later(std::move(limited), std::max(limits_.stop_timeout, limits_.limited_timeout));
}

// Null: it has ended meanwhile.
LiveUser* Crowd::find(const Killed& killed) const {
    const auto found = leaving_.find(killed.user);
    if (found == leaving_.end() || found->second.serial != killed.serial) return nullptr;
    return lives(found->second.user) ? found->second.user.get() : nullptr;
}

void Crowd::kill_later(std::vector<Killed> users, std::chrono::nanoseconds limit) {
    if (users.empty()) return;
    killers_.push_back(fiber::start(
        [this, limit, users = std::move(users)] {
            fiber::sleep_for(limit);
            for (const Killed& one : users) {
                if (LiveUser* const user = find(one)) user->kill(limits_.drain_timeout);
            }
        },
        {.label = "stop timeout"}));
}

// Others may come while it suspends, and those who are here may end, but nobody is freed.
template <class Act>
void Crowd::for_each_alive(Act act) {
    std::vector<LiveUser*> users;
    users.reserve(static_cast<std::size_t>(alive_));
    for (const auto& [key, leaving] : leaving_) users.push_back(leaving.user.get());
    for (const auto& [key, guest] : guests_) users.push_back(guest.get());
    for (auto place = planned_.rbegin(); place != planned_.rend(); ++place) {
        users.push_back(place->second.get());
    }
    std::size_t acted = 0;
    for (LiveUser* const user : users) {
        if (user->phase() == Phase::Ended) continue;
        act(*user);
        if (++acted % kSlice == 0) fiber::yield();
    }
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
        for (const LiveUser* const user : std::exchange(dead_, {})) {
            // Freed outside of the maps, as that suspends.
            if (const auto leaving = leaving_.extract(user)) continue;
            if (const auto guest = guests_.extract(user)) continue;
            const auto place = planned_.find(user->number());
            if (place == planned_.end() || place->second.get() != user) continue;
            const Owner owner = std::move(place->second);
            planned_.erase(place);
        }
    }
    std::erase_if(killers_, [](const fiber::Handle& killer) { return killer.done(); });
}

}  // namespace cicada::run
