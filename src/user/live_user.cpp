// SPDX-License-Identifier: Apache-2.0
#include "user/live_user.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cicada/event_types.hpp>
#include <cicada/fiber.hpp>
#include <cicada/sync.hpp>
#include <exception>
#include <optional>

#include "base/log.hpp"
#include "fiber/hooks.hpp"
#include "user/listeners.hpp"
#include "user/signals.hpp"

namespace cicada::user {
namespace {

void before_sleep(void* local) {
    if (local != nullptr) static_cast<LiveUser*>(local)->before_suspending();
}

void at_fiber_end(void* local) {
    if (local != nullptr) static_cast<LiveUser*>(local)->on_fiber_end();
}

}  // namespace

LiveUser::LiveUser(const Declaration& declaration,
                   std::int64_t number,
                   Environment& environment,
                   ArrivalSource* arrivals)
    : declaration_(declaration),
      environment_(environment),
      number_(number),
      stream_(static_cast<std::uint64_t>(number)),
      random_(environment.seed, stream_, 0),
      allowance_(environment.tickets, declaration),
      arrivals_(arrivals),
      outbox_(environment, arrivals == nullptr ? nullptr : &arrival_),
      outermost_(*this, *declaration.tasks_to_run, nullptr) {
    if (environment.each_task_once) allowance_.lift();
    if (allowance_.limited()) environment.tickets.note_user(declaration);
    fiber::set_hooks({.before_sleep = before_sleep, .at_end = at_fiber_end});
    fiber_ = fiber::start([this] { live(); }, {.label = declaration.on_start_label.c_str()});
}

LiveUser::~LiveUser() = default;

void LiveUser::stop() {
    stopping_ = true;
    if (phase_ == Phase::Waiting) fiber_.cancel();
}

void LiveUser::kill(nanoseconds drain) {
    stopping_ = true;
    fiber_.cancel(drain);
}

void LiveUser::stop_if_done() {
    if (phase_ != Phase::Waiting) return;
    for (const TaskLoop* loop = innermost_; loop != nullptr; loop = loop->outer()) {
        if (loop->supply() != Supply::Never) return;
    }
    stop();
}

LiveUser* LiveUser::current() {
    return fiber::in_fiber() ? static_cast<LiveUser*>(fiber::local()) : nullptr;
}

const std::string& LiveUser::host() const {
    if (!environment_.host.empty()) return environment_.host;
    return declaration_.host.empty() ? environment_.host_if_none : declaration_.host;
}

http::TraceSource* LiveUser::trace() {
    return environment_.trace_header.empty() ? nullptr : this;
}

void LiveUser::append_identity(std::string& to) {
    fmt::format_to(std::back_inserter(to),
                   "{}.{}.{}.{}",
                   environment_.run_id,
                   number_,
                   iteration_,
                   exchanges_++);
}

// ---- the parts of a life ------------------------------------------------------------------------

void LiveUser::live() {
    fiber::local() = this;
    if (!stopping_ && create()) {
        const bool starts = !stopping_;
        if (starts && start()) {
            (void)outermost_.run();
            await_limited_requests();
        }
        leave(starts);
    }
    phase_ = Phase::Ended;
    fiber::local() = nullptr;
    if (arrivals_ != nullptr) arrivals_->left();
    if (environment_.user_ended) environment_.user_ended(*this);
}

// Fibers that are kept in members end with their user; but what they have on the wire has been
// counted by a limit, and is recorded only if its answer may come.
void LiveUser::await_limited_requests() {
    constexpr std::chrono::seconds kDrain{30};
    if (limited_requests_.none()) return;
    fiber::cancel_spawned_of(this, kDrain);
    try {
        limited_requests_.wait_for_end();
    } catch (const FiberCancelled&) {
        stopping_ = true;
    }
}

bool LiveUser::create() {
    if (outermost_.create() == Outcome::Stopped) stopping_ = true;
    return outermost_.owner() != nullptr;
}

bool LiveUser::start() {
    const Outcome outcome = outermost_.start();
    if (outcome == Outcome::Threw) outermost_.destroy();
    return outcome < Outcome::Threw;
}

void LiveUser::leave(bool has_started) {
    begin_leaving();
    const fiber::Shield shield;
    if (has_started && outermost_.owner() != nullptr) (void)outermost_.stop();
    fiber::end_spawned_of(this);  // wherever their handles are kept
    outermost_.destroy();
    outbox_.settle_all();
    settle_rest();
}

// ---- for its loops ------------------------------------------------------------------------------

Outcome LiveUser::await_opening(const TaskLoop& loop) {
    try {
        phase_ = Phase::Waiting;
        environment_.gate.pass();
        if (has_arrivals(loop) && !arrivals_->next(arrival_)) return Outcome::Stopped;
    } catch (const FiberCancelled&) {
        return Outcome::Cancelled;
    }
    if (has_arrivals(loop)) begin_stream_of_arrival();
    return stopping_ ? Outcome::Stopped : Outcome::Finished;
}

// What an arrival does depends on its number in the whole test and not on who begins it.
void LiveUser::begin_stream_of_arrival() {
    constexpr std::uint64_t kArrivals = std::uint64_t{1} << 63U;  // no user has such a number
    constexpr unsigned kPoolShift = 48;
    stream_ = kArrivals | arrival_.pool << kPoolShift | arrival_.number;
    turns_ = 0;
}

void LiveUser::end_arrival(std::string_view task, Outcome outcome) {
    if (outcome == Outcome::Cancelled) return;  // cut off
    arrival_.ended = fiber::now();
    arrivals_->done(arrival_, task);
}

void LiveUser::begin_turn() {
    phase_ = Phase::Running;
    ++turns_;
    random_ = RandomStream(environment_.seed, stream_, static_cast<std::uint64_t>(turns_));
}

void LiveUser::begin_execution(const std::string& task) {
    ++iteration_;
    fiber::set_label(task.c_str());
}

void LiveUser::begin_leaving() {
    stopping_ = true;
    phase_ = Phase::Stopping;
}

Outcome LiveUser::wait(nanoseconds time) {
    try {
        if (time > nanoseconds{}) {
            phase_ = Phase::Waiting;
            fiber::sleep_for(time);
        } else if (fiber::switch_count() == switches_seen_) {
            fiber::yield();  // a task that never suspends must not keep the others from running
        }
        switches_seen_ = fiber::switch_count();
    } catch (const FiberCancelled&) {
        return Outcome::Cancelled;
    }
    return Outcome::Finished;
}

Outcome LiveUser::wait_for_tickets() {
    try {
        phase_ = Phase::Waiting;
        environment_.tickets.wait_for_change();
    } catch (const FiberCancelled&) {
        return Outcome::Cancelled;
    }
    return Outcome::Finished;
}

Outcome LiveUser::run_on_stop(const Part& part, TaskOwner& owner) {
    const base::TimePoint now = fiber::now();
    base::TimePoint deadline = now + environment_.on_stop_limit;
    if (stopping_) {
        if (!on_stop_deadline_) on_stop_deadline_ = deadline;
        deadline = *on_stop_deadline_;
    }
    fiber::set_label(part.label.c_str());
    const nanoseconds time = std::max(deadline - now, nanoseconds{});
    const fiber::Shield shield;
    const Timeout limit{Duration(time)};
    settle_rest();  // what is left to tell to listeners from before
    const Outcome outcome = guarded(part, [&owner] { owner.on_stop(); });
    if (limit.expired()) {
        base::log(base::LogLevel::Warning,
                  "{} was cut off after {:g} s",
                  part.label,
                  std::chrono::duration<double>(time).count());
    }
    return outcome;
}

void LiveUser::settle_rest() {
    (void)guarded({"on_stop", declaration_.on_stop_label}, [] {});
}

void LiveUser::on_fiber_end() {
    if (std::current_exception() != nullptr) {
        try {
            throw;
        } catch (const FiberCancelled&) {
        } catch (const LimitReached&) {
        } catch (const Departure&) {
        } catch (...) {
            outbox_.fail_mine(thrown_now().summary());
        }
    }
    outbox_.settle_mine();
    outbox_.empty();
}

// ---- what the author wrote may throw ------------------------------------------------------------

Outcome LiveUser::outcome_of_exception(const Part& part) {
    std::optional<Thrown> thrown;
    Outcome outcome = Outcome::Finished;
    try {
        throw;
    } catch (const FiberCancelled&) {
        outcome = Outcome::Cancelled;
    } catch (const LimitReached&) {
        outcome = Outcome::Finished;
    } catch (const Departure& departure) {
        outcome = departure.outcome;
    } catch (...) {
        thrown = thrown_now();
    }
    if (thrown) {
        outbox_.fail_mine(thrown->summary());
        outcome = report(part, *thrown);
    }
    outbox_.settle_mine();
    return outcome;
}

Outcome LiveUser::report(const Part& part, const Thrown& thrown) {
    environment_.recorder.record_exception(thrown.type, thrown.text, part.label);
    environment_.exception_log.log(
        fmt::format("{} threw {}: {}", part.label, thrown.type, thrown.text), fiber::now());
    auto* const user = static_cast<User*>(outermost_.owner());
    if (user == nullptr) return Outcome::Threw;
    const UserErrorEvent event{
        .user = *user, .task = part.name, .type = thrown.type, .text = thrown.text};
    try {
        listeners().fire_to_user(EventKind::UserError, &event);
    } catch (const FiberCancelled&) {
        return Outcome::Cancelled;
    } catch (const LimitReached&) {
        return Outcome::Threw;
    } catch (const Departure& departure) {
        if (departure.outcome != Outcome::Finished) return departure.outcome;
    }
    return Outcome::Threw;
}

}  // namespace cicada::user
