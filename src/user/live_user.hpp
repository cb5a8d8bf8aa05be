// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cicada/control.hpp>
#include <cicada/user.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "fiber/scheduler.hpp"
#include "http/client.hpp"
#include "user/declaration.hpp"
#include "user/environment.hpp"
#include "user/outbox.hpp"
#include "user/pause.hpp"
#include "user/random_stream.hpp"
#include "user/signals.hpp"

namespace cicada::user {

/// How far a user is in its life.
enum class Phase : std::uint8_t {
    Starting,  ///< constructor and on_start
    Running,   ///< in a task
    Waiting,   ///< between two
    Stopping,  ///< on_stop and destructor
    Ended,
};

/// One user's life, in a fiber of its own: constructor, on_start, tasks with waits between them,
/// on_stop, destructor.
///
/// What a task throws is counted, logged and told to `user_error` listeners, and the user goes on.
/// What the constructor or on_start throws ends the user, without on_stop; it is not replaced.
/// Source: Locust, users.py and task.py.
class LiveUser final : private http::TraceSource {
public:
    /// Starts it. `number` is its number in the whole test, from 0.
    LiveUser(const Declaration& declaration, std::int64_t number, Environment& environment);

    /// Of one that has not ended: kills it and waits. Suspends.
    ~LiveUser() override;

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

    // For the public API behind it.
    [[nodiscard]] bool is_creating() const { return creating_; }
    [[nodiscard]] Environment& environment() const { return environment_; }
    [[nodiscard]] Outbox& outbox() { return outbox_; }
    [[nodiscard]] RandomStream& random() { return random_; }
    [[nodiscard]] const std::string& host() const;  ///< empty: none is given
    [[nodiscard]] http::TraceSource* trace();       ///< null: exchanges carry no name

    /// What is recorded before the calling fiber sends, waits or sleeps. Suspends if a listener
    /// does; throws what passes through to the user.
    void before_suspending() {
        outbox_.settle_mine();
        outbox_.empty();
    }

    /// A spawned fiber of this user ends, by the exception being handled if there is one.
    void on_fiber_end();

private:
    /// How something the author wrote has ended.
    enum class Outcome : std::uint8_t { Finished, PickAtOnce, Threw, Stopped, Cancelled };

    /// What it is called.
    struct Part {
        std::string_view name;     ///< "browse"
        const std::string& label;  ///< "Shopper.browse"
    };

    void live();
    bool create();
    bool start();
    void run_tasks();
    Outcome pause();
    Outcome wait(nanoseconds time);
    void leave(bool has_started);
    void run_on_stop();

    template <class Body>
    Outcome guarded(const Part& part, Body body);
    Outcome outcome_of_exception(const Part& part);
    Outcome report(const Part& part, const Thrown& thrown);
    const Task& choose_task();

    void append_identity(std::string& to) override;

    const Declaration& declaration_;
    Environment& environment_;
    std::int64_t number_;
    std::int64_t iteration_ = 0;  ///< executions of tasks begun; 0 in on_start
    std::int64_t exchanges_ = 0;
    RandomStream random_;
    Pacing pacing_;
    Outbox outbox_;
    std::unique_ptr<User> user_;
    Phase phase_ = Phase::Starting;
    bool creating_ = false;
    bool stopping_ = false;
    std::uint64_t switches_seen_ = 0;  ///< at the last turn of its loop
    fiber::Handle fiber_;              // last: it uses all of the above
};

}  // namespace cicada::user
