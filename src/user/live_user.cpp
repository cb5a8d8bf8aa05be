// SPDX-License-Identifier: Apache-2.0
#include "user/live_user.hpp"

#include <fmt/format.h>

#include <cicada/event_types.hpp>
#include <cicada/fiber.hpp>
#include <cicada/sync.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "fiber/hooks.hpp"
#include "user/listeners.hpp"
#include "user/signals.hpp"

namespace cicada::user {
namespace {

constexpr std::string_view kConstructor = "constructor";
constexpr std::string_view kOnStart = "on_start";
constexpr std::string_view kOnStop = "on_stop";
constexpr std::string_view kWaitTime = "wait_time";

void before_sleep(void* local) {
    if (local != nullptr) static_cast<LiveUser*>(local)->before_suspending();
}

void at_fiber_end(void* local) {
    if (local != nullptr) static_cast<LiveUser*>(local)->on_fiber_end();
}

}  // namespace

LiveUser::LiveUser(const Declaration& declaration, std::int64_t number, Environment& environment)
    : declaration_(declaration),
      environment_(environment),
      number_(number),
      random_(environment.seed, static_cast<std::uint64_t>(number), 0),
      outbox_(environment) {
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

LiveUser* LiveUser::current() {
    return fiber::in_fiber() ? static_cast<LiveUser*>(fiber::local()) : nullptr;
}

const std::string& LiveUser::host() const {
    return environment_.host.empty() ? declaration_.host : environment_.host;
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
        if (starts && start()) run_tasks();
        leave(starts);
    }
    phase_ = Phase::Ended;
    fiber::local() = nullptr;
    if (environment_.user_ended) environment_.user_ended(*this);
}

bool LiveUser::create() {
    creating_ = true;
    const Outcome outcome = guarded({kConstructor, declaration_.on_start_label},
                                    [this] { user_.reset(declaration_.info.create()); });
    creating_ = false;
    if (outcome == Outcome::Stopped) stopping_ = true;
    return user_ != nullptr;
}

bool LiveUser::start() {
    const Outcome outcome =
        guarded({kOnStart, declaration_.on_start_label}, [this] { user_->on_start(); });
    if (outcome == Outcome::Threw) user_.reset();
    return outcome == Outcome::Finished || outcome == Outcome::PickAtOnce;
}

void LiveUser::run_tasks() {
    pacing_ = {.last_call = fiber::now(), .last_wait = {}};
    while (!stopping_) {
        phase_ = Phase::Running;
        ++iteration_;
        random_ = RandomStream(environment_.seed,
                               static_cast<std::uint64_t>(number_),
                               static_cast<std::uint64_t>(iteration_));
        const Task& task = choose_task();
        fiber::set_label(task.label.c_str());
        Outcome outcome = guarded({task.name, task.label}, [&] { task.run(*user_); });
        if (outcome == Outcome::Finished || outcome == Outcome::Threw) outcome = pause();
        if (outcome == Outcome::PickAtOnce) outcome = wait({});
        if (outcome == Outcome::Stopped || outcome == Outcome::Cancelled) return;
    }
}

const Task& LiveUser::choose_task() {
    if (declaration_.tasks.size() == 1) return declaration_.tasks.front();
    auto place = static_cast<std::int64_t>(
        random_.below(static_cast<std::uint64_t>(declaration_.task_weights)));
    auto task = declaration_.tasks.begin();
    while (place >= task->weight) {
        place -= task->weight;
        ++task;
    }
    return *task;
}

LiveUser::Outcome LiveUser::pause() {
    if (stopping_) return Outcome::Stopped;
    nanoseconds time{};
    if (!declaration_.wait_function) {
        const WaitTime& wait_time = declaration_.wait_time;
        const bool reads_clock = wait_time.kind == WaitTime::Kind::Pacing;
        const base::TimePoint now = reads_clock ? fiber::now() : base::TimePoint{};
        time = next_pause(wait_time, now, random_, pacing_);
    } else {
        const Outcome outcome = guarded({kWaitTime, declaration_.wait_label}, [&] {
            time = declaration_.wait_function(*user_).nanoseconds();
        });
        if (outcome == Outcome::Stopped || outcome == Outcome::Cancelled) return outcome;
    }
    return wait(time);
}

LiveUser::Outcome LiveUser::wait(nanoseconds time) {
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

void LiveUser::leave(bool has_started) {
    phase_ = Phase::Stopping;
    const fiber::Shield shield;
    if (has_started && user_ != nullptr) run_on_stop();
    fiber::end_spawned_of(this);  // wherever their handles are kept
    fiber::set_label(declaration_.on_stop_label.c_str());
    user_.reset();
    outbox_.settle_all();
    (void)guarded({kOnStop, declaration_.on_stop_label}, [] {});
}

void LiveUser::run_on_stop() {
    const Part part{kOnStop, declaration_.on_stop_label};
    fiber::set_label(part.label.c_str());
    const Timeout limit{Duration(environment_.on_stop_limit)};
    (void)guarded(part, [] {});  // what is left to tell to listeners from before
    (void)guarded(part, [this] { user_->on_stop(); });
    if (limit.expired()) {
        base::log(base::LogLevel::Warning,
                  "{} was cut off after {:g} s",
                  part.label,
                  std::chrono::duration<double>(environment_.on_stop_limit).count());
    }
}

void LiveUser::on_fiber_end() {
    if (std::current_exception() != nullptr) {
        try {
            throw;
        } catch (const FiberCancelled&) {
        } catch (const StopUser&) {
        } catch (const Reschedule&) {
        } catch (...) {
            outbox_.fail_mine(thrown_now().summary());
        }
    }
    outbox_.settle_mine();
    outbox_.empty();
}

// ---- what the author wrote may throw ------------------------------------------------------------

template <class Body>
LiveUser::Outcome LiveUser::guarded(const Part& part, Body body) {
    try {
        body();
        outbox_.settle_mine();
        outbox_.empty();
        return Outcome::Finished;
    } catch (...) {
        return outcome_of_exception(part);
    }
}

LiveUser::Outcome LiveUser::outcome_of_exception(const Part& part) {
    std::optional<Thrown> thrown;
    Outcome outcome = Outcome::Finished;
    try {
        throw;
    } catch (const FiberCancelled&) {
        outcome = Outcome::Cancelled;
    } catch (const StopUser&) {
        outcome = Outcome::Stopped;
    } catch (const Reschedule& reschedule) {
        const bool at_once = reschedule.then == Then::PickAtOnce;
        outcome = at_once ? Outcome::PickAtOnce : Outcome::Finished;
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

LiveUser::Outcome LiveUser::report(const Part& part, const Thrown& thrown) {
    environment_.recorder.record_exception(thrown.type, thrown.text, part.label);
    environment_.exception_log.log(
        fmt::format("{} threw {}: {}", part.label, thrown.type, thrown.text), fiber::now());
    if (user_ == nullptr) return Outcome::Threw;
    const UserErrorEvent event{
        .user = *user_, .task = part.name, .type = thrown.type, .text = thrown.text};
    try {
        listeners().fire_to_user(EventKind::UserError, &event);
    } catch (const FiberCancelled&) {
        return Outcome::Cancelled;
    } catch (const StopUser&) {
        return Outcome::Stopped;
    } catch (const Reschedule& reschedule) {
        if (reschedule.then == Then::PickAtOnce) return Outcome::PickAtOnce;
    }
    return Outcome::Threw;
}

}  // namespace cicada::user
