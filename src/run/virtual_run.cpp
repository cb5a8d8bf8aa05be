// SPDX-License-Identifier: Apache-2.0
#include "run/virtual_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cicada/sync.hpp>
#include <deque>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "run/course_samples.hpp"
#include "run/test_classes.hpp"

namespace cicada::run {
namespace {

using base::TimePoint;
using std::chrono::nanoseconds;

constexpr std::size_t kControlStack = std::size_t{256} * 1024;  // whatever the users' is

EngineOptions engine_options(const VirtualRunOptions& options) {
    EngineOptions engine = options.engine;
    engine.answers = options.answers;
    const bool has_shape = options.load_plan != nullptr && options.load_plan->is_shape();
    engine.shape = has_shape ? options.load_plan : nullptr;
    return engine;
}

MachineOptions machine_options(const VirtualRunOptions& options, const TestClasses& classes) {
    MachineOptions machine = options.machine;
    classes.prepare(machine, options.load_plan);
    machine.quit_after_test = nanoseconds::zero();
    return machine;
}

/// All of it, in a fiber.
class Simulation {
public:
    Simulation(fiber::Scheduler& scheduler,
               const TestClasses& classes,
               const VirtualRunOptions& options)
        : classes_(classes),
          options_(options),
          zero_{fiber::now(), base::wall_now()},
          engine_(scheduler,
                  classes.all(),
                  engine_options(options),
                  [this](EngineReport& report) { return take(report); }),
          machine_(classes.shares(), machine_options(options, classes), engine_, zero_) {}

    base::Result<VirtualRun> run();

private:
    [[nodiscard]] Moment now() const;
    [[nodiscard]] nanoseconds elapsed() const { return fiber::now() - *begun_; }
    bool take(EngineReport& report);
    void control();
    void wait_for_news();

    void watch_course();
    void sample(nanoseconds at);
    void note_limits(const EngineReport& report, nanoseconds at);
    [[nodiscard]] bool runs() const;
    [[nodiscard]] DryRun course(const Snapshot& last) const;
    [[nodiscard]] std::vector<DryRun::Point> points(nanoseconds duration) const;
    [[nodiscard]] Snapshot last_snapshot() const;

    const TestClasses& classes_;
    const VirtualRunOptions& options_;
    Moment zero_;
    std::deque<EngineReport> reports_;
    Event news_;
    Engine engine_;
    RunMachine machine_;
    bool asked_to_end_ = false;

    std::optional<TimePoint> begun_;       ///< the listeners of test_start have returned
    std::optional<TimePoint> stop_begun_;  ///< from then on users leave
    CourseSamples samples_;
    std::vector<DryRun::Limit> limits_;
    std::vector<std::int64_t> most_in_pool_;
    std::int64_t most_users_ = 0;
    nanoseconds most_users_at_{};
};

Moment Simulation::now() const {
    const TimePoint steady = fiber::now();
    const auto since = std::chrono::duration_cast<base::WallTime::duration>(steady - zero_.steady);
    return {steady, zero_.wall + since};
}

bool Simulation::take(EngineReport& report) {
    reports_.push_back(std::move(report));
    news_.set();
    return true;
}

base::Result<VirtualRun> Simulation::run() {
    engine_.init();
    fiber::Handle body = fiber::start([this] { engine_.run(); }, {.label = "engine"});
    if (auto started = machine_.start(options_.target, now()); !started) {
        return base::failure(started.error());
    }
    {
        const fiber::Handle watch = fiber::start([this] { watch_course(); },
                                                 {.label = "course", .stack_size = kControlStack});
        control();
    }
    VirtualRun result;
    result.last = std::make_shared<const Snapshot>(last_snapshot());
    if (begun_ && (samples_.empty() || samples_.last().at <= result.last->elapsed)) {
        sample(result.last->elapsed);
    }
    result.outcome = outcome_of(machine_, *result.last);
    result.course = course(*result.last);
    if (options_.exit_code) result.exit_code = options_.exit_code(result.outcome);
    engine_.dismiss(result.exit_code);
    body.join();
    return result;
}

void Simulation::control() {
    while (!machine_.finished()) {
        for (; !reports_.empty(); reports_.pop_front()) {
            if (!begun_ && reports_.front().tests_begun > 0) begun_ = fiber::now();
            machine_.on_report(std::move(reports_.front()), now());
        }
        machine_.on_time(now());
        if (begun_ && !stop_begun_ && !runs()) stop_begun_ = fiber::now();
        if (!asked_to_end_ && options_.asked_to_end && options_.asked_to_end()) {
            asked_to_end_ = true;
            machine_.quit(now());
        }
        wait_for_news();
    }
}

void Simulation::wait_for_news() {
    const nanoseconds left = machine_.next_deadline() - fiber::now();
    if (reports_.empty() && left > nanoseconds{}) {
        try {
            const Timeout limit{Duration(left)};
            news_.wait();
        } catch (const TimeoutExpired&) {  // the machine's time has come
        }
    }
    news_.clear();
    fiber::yield();
}

// ---- the course ---------------------------------------------------------------------------------

// A nanosecond late: what happens at that moment has happened.
void Simulation::watch_course() {
    constexpr nanoseconds kLate{1};
    while (!begun_) fiber::sleep_for(CourseSamples::kFirstPeriod);
    while (true) {
        const nanoseconds due = samples_.next();
        fiber::sleep_until(*begun_ + due + kLate);
        sample(due);
    }
}

bool Simulation::runs() const {
    return machine_.state() == State::Spawning || machine_.state() == State::Running;
}

// Users who leave at the end are not of the course; what they complete is.
void Simulation::sample(nanoseconds at) {
    const EngineReport report = engine_.look();
    note_limits(report, at);
    CourseSamples::Sample sample{.at = at, .answers = options_.answers->counts().all()};
    for (const DryRun::Limit& limit : limits_) sample.limits.push_back(limit.end.done);
    for (const ArrivalProgress& pool : report.arrivals) sample.begun.push_back(pool.begun);
    if (runs() || samples_.empty()) {
        sample.users = report.users;
        sample.course = machine_.course();
    } else {
        sample.users = samples_.last().users;
        sample.course = samples_.last().course;
    }
    std::int64_t users = 0;
    const std::size_t planned = classes_.planned.size();
    for (std::size_t index = 0; index < planned; ++index) users += sample.users[index];
    if (users > most_users_) {
        most_users_ = users;
        most_users_at_ = at;
    }
    most_in_pool_.resize(classes_.pooled.size());
    for (std::size_t index = 0; index < most_in_pool_.size(); ++index) {
        most_in_pool_[index] = std::max(most_in_pool_[index], sample.users[planned + index]);
    }
    samples_.add(std::move(sample));
}

// Those of the engine, then those of pools, whose arrivals are counted where they begin.
void Simulation::note_limits(const EngineReport& report, nanoseconds at) {
    std::vector<user::LimitProgress> all = report.limits;
    for (std::size_t pool = 0; pool < classes_.pooled.size(); ++pool) {
        const auto limit = classes_.pooled[pool]->arrivals->limit;
        if (!limit) continue;
        all.push_back({.name = classes_.pooled[pool]->name,
                       .kind = user::LimitKind::Iterations,
                       .total = *limit,
                       .done = static_cast<std::int64_t>(report.arrivals[pool].begun)});
    }
    limits_.resize(all.size());
    for (std::size_t index = 0; index < all.size(); ++index) {
        DryRun::Limit& limit = limits_[index];
        limit.end = std::move(all[index]);
        if (!limit.reached_at && limit.end.reached()) limit.reached_at = at;
    }
}

std::vector<DryRun::Point> Simulation::points(nanoseconds duration) const {
    const nanoseconds step = point_step(duration);
    std::vector<nanoseconds> times;
    for (nanoseconds at{}; at < duration; at += step) times.push_back(at);
    if (times.size() > 1 && duration - times.back() < step / 4) times.pop_back();
    times.push_back(duration);

    const auto planned = static_cast<std::ptrdiff_t>(classes_.planned.size());
    std::vector<DryRun::Point> points;
    const CourseSamples::Sample* before = nullptr;
    for (const nanoseconds at : times) {
        // What is done after the end, by who had begun it, belongs to the end.
        const CourseSamples::Sample& sample = at == duration ? samples_.last() : samples_.at(at);
        DryRun::Point point{.at = at,
                            .of_class = {sample.users.begin(), sample.users.begin() + planned},
                            .course = sample.course,
                            .limits = sample.limits,
                            .answers_per_s = 0};
        for (const std::int64_t users : point.of_class) point.users += users;
        const double seconds =
            before == nullptr ? 0 : std::chrono::duration<double>(sample.at - before->at).count();
        const auto rate = [seconds](std::uint64_t now, std::uint64_t then) {
            return seconds > 0 ? static_cast<double>(now - then) / seconds : 0;
        };
        if (before != nullptr) point.answers_per_s = rate(sample.answers, before->answers);
        for (std::size_t pool = 0; pool < sample.begun.size(); ++pool) {
            point.rates.push_back(
                before == nullptr ? 0 : rate(sample.begun[pool], before->begun[pool]));
        }
        points.push_back(std::move(point));
        before = &sample;
    }
    return points;
}

DryRun Simulation::course(const Snapshot& last) const {
    DryRun run;
    for (const user::Declaration* const one : classes_.planned) run.classes.push_back(one->name);
    if (stop_begun_) run.duration = *stop_begun_ - *begun_;
    run.cut_short = asked_to_end_;
    run.has_end = true;
    run.given_up = machine_.given_up();
    run.most_users = most_users_;
    run.most_users_at = most_users_at_;
    run.limits = limits_;
    if (!samples_.empty()) run.points = points(run.duration);
    for (std::size_t pool = 0; pool < last.arrivals.size(); ++pool) {
        const ArrivalProgress& progress = last.arrivals[pool];
        DryRun::Pool shown{.name = progress.name,
                           .planned = progress.planned,
                           .max_users = progress.max_users,
                           .most_users = most_in_pool_.empty() ? 0 : most_in_pool_[pool]};
        for (const DryRun::Point& point : run.points) {
            shown.highest_rate = std::max(shown.highest_rate, point.rates[pool]);
        }
        run.pools.push_back(std::move(shown));
    }
    return run;
}

Snapshot Simulation::last_snapshot() const {
    Snapshot last = machine_.snapshot(now());
    last.dry_run = options_.answers->counts();
    const auto& not_recorded = options_.answers->not_recorded();
    if (!not_recorded.empty()) {
        std::string names;
        for (const std::string& name : not_recorded) names += (names.empty() ? "" : ", ") + name;
        const bool more = not_recorded.size() == Answers::kMostNamed;
        last.warnings.push_back(fmt::format("no answer is recorded for {}{}: they got a plain 200",
                                            names,
                                            more ? " and maybe more" : ""));
    }
    return last;
}

}  // namespace

base::Result<VirtualRun> run_in_virtual_time(const std::vector<const user::Declaration*>& classes,
                                             const VirtualRunOptions& options) {
    const TestClasses sorted = test_classes(classes, options.engine.each_task_once);
    fiber::SchedulerOptions scheduler_options = options.scheduler;
    scheduler_options.clock = fiber::ClockKind::Virtual;
    fiber::Scheduler scheduler(scheduler_options);
    base::Result<VirtualRun> result;
    scheduler.run([&] {
        fiber::Handle simulation = fiber::start(
            [&] { result = std::make_unique<Simulation>(scheduler, sorted, options)->run(); },
            {.label = "run", .stack_size = kControlStack});
        simulation.join();
    });
    return result;
}

}  // namespace cicada::run
