// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cicada/control.hpp>
#include <cicada/user.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fiber/scheduler.hpp"
#include "http/client.hpp"
#include "user/allowance.hpp"
#include "user/arrival_source.hpp"
#include "user/declaration.hpp"
#include "user/environment.hpp"
#include "user/outbox.hpp"
#include "user/random_stream.hpp"
#include "user/request_ticket.hpp"
#include "user/signals.hpp"
#include "user/task_loop.hpp"

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
/// What happens between on_start and on_stop is TaskLoop's. What a task throws is counted, logged
/// and told to `user_error` listeners, and the user goes on. What the constructor or on_start
/// throws ends the user, without on_stop; it is not replaced. Source: Locust, users.py and task.py.
class LiveUser final : private http::TraceSource {
public:
    /// Starts it. `number` is its number in the whole test, from 0. With `arrivals` it is one of an
    /// open model: each turn of its outermost loop is an arrival, and there are no waits between.
    LiveUser(const Declaration& declaration,
             std::int64_t number,
             Environment& environment,
             ArrivalSource* arrivals = nullptr);

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

    /// Ends it if it waits for its next turn and no limit will let it have one.
    void stop_if_done();

    /// It is in the execution of a task, or the visit of a task set, that a limit counts.
    [[nodiscard]] bool in_limited_execution() const { return counted_ > 0; }

    /// Of the calling fiber; null: it is none of a user's.
    [[nodiscard]] static LiveUser* current();

    // For the public API behind it.
    [[nodiscard]] TaskLoop* creating() const { return creating_; }  ///< null: nothing
    [[nodiscard]] bool is_in_task_set() const { return innermost_ != &outermost_; }
    [[nodiscard]] Environment& environment() const { return environment_; }
    [[nodiscard]] Outbox& outbox() { return outbox_; }
    [[nodiscard]] RandomStream& random() { return random_; }
    [[nodiscard]] Allowance& allowance() { return allowance_; }
    [[nodiscard]] LimitedRequests& limited_requests() { return limited_requests_; }
    [[nodiscard]] const std::string& host() const;  ///< empty: none is given
    [[nodiscard]] http::TraceSource* trace();       ///< null: exchanges carry no name

    /// What is recorded before the calling fiber sends, waits or sleeps. Suspends if a listener
    /// does; throws what passes through to the user.
    void before_suspending() {
        limited_requests_.throw_if_refused();
        outbox_.settle_mine();
        outbox_.empty();
    }

    /// A spawned fiber of this user ends, by the exception being handled if there is one.
    void on_fiber_end();

    // For its loops, one for each level it is in.

    /// While it lives, `loop` is constructing its owner.
    class Creation {
    public:
        Creation(LiveUser& user, TaskLoop& loop) : user_(user) { user_.creating_ = &loop; }
        Creation(const Creation&) = delete;
        Creation& operator=(const Creation&) = delete;
        ~Creation() { user_.creating_ = nullptr; }

    private:
        LiveUser& user_;
    };

    /// While it lives, the user is in the task set of `loop`.
    class Visit {
    public:
        Visit(LiveUser& user, TaskLoop& loop) : user_(user) { user_.innermost_ = &loop; }
        Visit(const Visit&) = delete;
        Visit& operator=(const Visit&) = delete;
        ~Visit() { user_.innermost_ = user_.innermost_->outer(); }

    private:
        LiveUser& user_;
    };

    /// What something the author wrote is called.
    struct Part {
        std::string_view name;     ///< "browse"
        const std::string& label;  ///< "Shopper.browse"
    };

    /// Calls `body`, something the author wrote, and settles what it has sent. What it throws is
    /// counted, logged and told to listeners.
    template <class Body>
    Outcome guarded(const Part& part, Body body) {
        try {
            body();
            outbox_.settle_mine();
            outbox_.empty();
            return Outcome::Finished;
        } catch (...) {
            return outcome_of_exception(part);
        }
    }

    /// Calls on_stop of `owner`. The time limit is one for all levels that a user leaves when it
    /// ends; a task set that is left in the middle of a life has its own.
    Outcome run_on_stop(const Part& part, TaskOwner& owner);

    /// Settles what the calling fiber has sent and tells the listeners, whatever they throw.
    void settle_rest();

    /// Sleeps; lets the others run if there is nothing to wait for. Stopped or cancelled meanwhile:
    /// Outcome::Cancelled.
    Outcome wait(nanoseconds time);

    /// Before each turn of `loop`: waits while the run is paused, and for an arrival where one is
    /// needed. Finished: the turn may begin.
    Outcome await_turn(const TaskLoop& loop) {
        const bool open = arrivals_ == nullptr && !environment_.gate.closed();
        return open ? Outcome::Finished : await_opening(loop);
    }

    /// `task`, executed as an arrival, has ended so.
    void end_arrival(std::string_view task, Outcome outcome);

    /// Turns of `loop` are arrivals.
    [[nodiscard]] bool has_arrivals(const TaskLoop& loop) const {
        return arrivals_ != nullptr && &loop == &outermost_;
    }

    void note_answer(base::TimePoint called, base::TimePoint resumed) {
        if (arrivals_ != nullptr) arrival_.note_answer(called, resumed);
    }

    void begin_turn();                              ///< something is chosen at some level
    void begin_execution(const std::string& task);  ///< a task, not a set, is executed
    void begin_counted() { ++counted_; }
    void end_counted() { --counted_; }
    /// Waits until some limit changes.
    Outcome wait_for_tickets();
    void begin_leaving();  ///< from here on there is only on_stop
    [[nodiscard]] bool is_stopping() const { return stopping_; }
    [[nodiscard]] bool runs_each_task_once() const { return environment_.each_task_once; }
    [[nodiscard]] TaskLoop& outermost() { return outermost_; }
    [[nodiscard]] TaskLoop& innermost() { return *innermost_; }

private:
    void live();
    bool create();
    bool start();
    void leave(bool has_started);
    void await_limited_requests();

    Outcome await_opening(const TaskLoop& loop);
    void begin_stream_of_arrival();
    Outcome outcome_of_exception(const Part& part);
    Outcome report(const Part& part, const Thrown& thrown);

    void append_identity(std::string& to) override;

    const Declaration& declaration_;
    Environment& environment_;
    std::int64_t number_;
    std::int64_t turns_ = 0;      ///< choices at all levels
    std::int64_t iteration_ = 0;  ///< executions of tasks begun; 0 in on_start
    std::int64_t exchanges_ = 0;
    std::uint64_t stream_;  ///< of random numbers: the user's number, or that of its arrival
    RandomStream random_;
    Allowance allowance_;
    LimitedRequests limited_requests_;
    int counted_ = 0;          ///< executions under way that a limit counts, one within the other
    ArrivalSource* arrivals_;  ///< null: the user is in a closed model
    ArrivalTimes arrival_{};   ///< the present one
    Outbox outbox_;
    TaskLoop outermost_;
    TaskLoop* innermost_ = &outermost_;
    TaskLoop* creating_ = nullptr;
    Phase phase_ = Phase::Starting;
    bool stopping_ = false;
    std::optional<base::TimePoint> on_stop_deadline_;  ///< of a user that ends
    std::uint64_t switches_seen_ = 0;                  ///< at the last turn of its loop
    fiber::Handle fiber_;                              // last: it uses all of the above
};

}  // namespace cicada::user
