// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "fiber/scheduler.hpp"
#include "user/declaration.hpp"
#include "user/environment.hpp"
#include "user/random_stream.hpp"

namespace cicada::user {

/// How far a user is in its life.
enum class Phase : std::uint8_t {
    Starting,  ///< constructor and on_start
    Running,   ///< in a task
    Waiting,   ///< between two
    Stopping,  ///< on_stop
    Ended,
};

/// One user's life, in a fiber of its own: constructor, on_start, tasks with waits between them,
/// on_stop, destructor.
///
/// What a task throws is counted, logged and told to `user_error` listeners, and the user goes on.
/// What the constructor or on_start throws ends the user, without on_stop; it is not replaced.
/// Source: Locust, users.py and task.py.
class LiveUser {
public:
    /// Starts it. `number` is its number in the whole test, from 0.
    LiveUser(const Declaration& declaration, std::int64_t number, Environment& environment);
    LiveUser(const LiveUser&) = delete;
    LiveUser& operator=(const LiveUser&) = delete;

    /// Of one that has not ended: kills it and waits. Suspends.
    ~LiveUser();

    /// Ends it gracefully: one that waits at once, any other at its next wait or turn.
    void stop();

    /// Ends it at once; what it has on the wire may finish within `drain`. on_stop still runs,
    /// within its own time limit.
    void kill(nanoseconds drain);

    [[nodiscard]] Phase phase() const { return phase_; }
    [[nodiscard]] const Declaration& declaration() const { return declaration_; }
    [[nodiscard]] std::int64_t number() const { return number_; }

    /// Of the calling fiber; null: it is none of a user's.
    [[nodiscard]] static LiveUser* current();

private:
    const Declaration& declaration_;
    Environment& environment_;
    std::int64_t number_;
    Phase phase_ = Phase::Starting;
    bool stopping_ = false;
    fiber::Handle fiber_;
};

}  // namespace cicada::user
