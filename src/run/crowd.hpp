// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/sync.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "fiber/scheduler.hpp"
#include "run/spawn_plan.hpp"
#include "user/environment.hpp"
#include "user/live_user.hpp"

namespace cicada::run {

/// How users are ended.
struct StopLimits {
    std::chrono::nanoseconds stop_timeout{};  ///< to finish what they do; 0: none
    std::chrono::nanoseconds drain_timeout = std::chrono::seconds(2);  ///< for what is on the wire

    /// When the number of users is lowered: for executions that a limit counts, at least.
    std::chrono::nanoseconds limited_timeout = std::chrono::seconds(30);
};

/// The users of an engine, by their numbers.
///
/// Threads: the engine's, one fiber of the run's own.
class Crowd {
public:
    /// Users begun or ended in one go, until the others get their turn.
    static constexpr std::size_t kSlice = 64;

    /// `classes` in the plan's order. Sets environment.user_ended.
    Crowd(std::vector<const user::Declaration*> classes,
          user::Environment& environment,
          const StopLimits& limits);
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;
    ~Crowd();  ///< everybody has ended

    void set_limits(const StopLimits& limits) { limits_ = limits; }

    /// Guests are numbered from `number` on. While nobody is here.
    void number_guests_from(std::int64_t number) { next_guest_ = number; }

    /// Starts a user. One for whom the limits leave nothing to do does not come, nor one who is
    /// here already. Error: what the system says when there is no memory for another stack.
    void start(const PlannedUser& planned);

    /// Starts a user that stop() does not know: one of an open model, who works for `source`.
    /// Error: as start().
    void start_guest(std::uint32_t class_index, user::ArrivalSource& source);

    /// Stops these gracefully, as far as they are still here, and kills them when the stop timeout
    /// is over; who is in an execution that a limit counts has 30 s at least, as what has been
    /// counted cannot be made up for. Suspends now and then, but does not wait for them.
    void stop(const std::vector<std::int64_t>& numbers);

    /// Ends everybody, likewise, and waits for the last; the test is over then. Suspends.
    void stop_all();

    /// Stops those that wait for their next turn and have nothing left to do. Suspends now and
    /// then.
    void stop_those_done();

    /// Frees the memory of those who have ended. Suspends.
    void bury();

    [[nodiscard]] bool has_dead() const { return !dead_.empty(); }
    [[nodiscard]] std::int64_t alive() const { return alive_; }
    [[nodiscard]] const std::vector<std::int64_t>& alive_per_class() const { return counts_; }

    /// Called in the fiber of a user that ends.
    void on_ended(std::function<void()> callback) { on_ended_ = std::move(callback); }

private:
    using Owner = std::unique_ptr<user::LiveUser>;

    struct Leaving {
        Owner user;
        std::uint64_t serial;  ///< tells it from a later one at the same address
    };
    struct Killed {
        const user::LiveUser* user;
        std::uint64_t serial;
    };

    [[nodiscard]] user::LiveUser* find(const Killed& killed) const;
    void note_start(std::uint32_t class_index);
    void note_end(const user::LiveUser& user);
    void kill_later(std::vector<Killed> users, std::chrono::nanoseconds limit);
    [[nodiscard]] bool wait_until_empty(std::chrono::nanoseconds limit);
    template <class Act>
    void for_each_alive(Act act);

    std::vector<const user::Declaration*> classes_;
    std::unordered_map<const user::Declaration*, std::size_t> class_indices_;
    StopLimits limits_;
    user::Environment& environment_;
    std::function<void()> on_ended_;

    // Only the run's fiber takes somebody away, so that it may suspend while it knows them.
    std::map<std::int64_t, Owner> planned_;  ///< by number
    std::unordered_map<const user::LiveUser*, Leaving> leaving_;
    std::unordered_map<const user::LiveUser*, Owner> guests_;  ///< come at any time

    std::vector<fiber::Handle> killers_;  ///< wait for the stop timeout of some who leave
    std::int64_t next_guest_ = 0;
    std::uint64_t next_serial_ = 0;

    std::vector<const user::LiveUser*> dead_;  ///< to be buried
    std::vector<std::int64_t> counts_;
    std::int64_t alive_ = 0;
    Event nobody_;  ///< set while nobody is alive
};

}  // namespace cicada::run
