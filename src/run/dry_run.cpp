// SPDX-License-Identifier: Apache-2.0
#include "run/dry_run.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "fiber/scheduler.hpp"
#include "run/arrival_schedule.hpp"
#include "run/planned_limits.hpp"
#include "run/shape_driver.hpp"
#include "run/test_classes.hpp"

namespace cicada::run {
namespace {

using base::TimePoint;
using std::chrono::nanoseconds;

constexpr double kMostCounted = 2e6;  // arrivals counted one by one; beyond, the mean will do
constexpr double kOfOne = 2e-3;       // arrivals in the nanosecond to which an end is known

/// An engine on paper: users come and go at once.
class PaperEngine final : public EngineLink {
public:
    explicit PaperEngine(std::size_t classes) { report.users.assign(classes, 0); }

    void begin_test(const TestBegin& begin) override {
        report.tests_begun += 1;
        report.statistics_epoch = begin.statistics_epoch;
    }
    void take_step(SpawnStep step) override {
        for (const PlannedUser& user : step.start) {
            users_.emplace(user.number, user.class_index);
            report.users[user.class_index] += 1;
        }
        for (const std::int64_t number : step.stop) {
            const auto user = users_.find(number);
            report.users[user->second] -= 1;
            users_.erase(user);
        }
        report.steps_done += 1;
        report.user_count = static_cast<std::int64_t>(users_.size());
    }
    void pause() override {}
    void resume() override {}
    void announce_spawned(std::int64_t) override {}
    void end_test() override { report.tests_ended = report.tests_begun; }
    void reset_statistics(std::uint64_t epoch) override { report.statistics_epoch = epoch; }
    void tell(const RunNews&) override {}
    void leave() override { report.has_left = true; }
    void deliver(Letter) override {}
    void disable_task(std::string) override {}
    void grant(const LeaseGrant&) override {}
    void recall(LeaseKey, std::int64_t) override {}
    void close(LeaseKey) override {}

    EngineReport report;

private:
    std::unordered_map<std::int64_t, std::uint32_t> users_;  ///< numbers and classes
};

/// One class of an open model.
struct PlannedPool {
    const user::Declaration* declaration;
    ArrivalSchedule schedule;
    std::optional<nanoseconds> ends;  ///< when its last arrival is due; nothing: never
    nanoseconds settles;              ///< from then on its rate does not change
};

PlannedPool planned_pool(const user::Declaration& declaration, std::uint64_t seed) {
    const user::ArrivalPlan& plan = *declaration.arrivals;
    PlannedPool pool{&declaration, {plan.rate, seed, plan.limit}, {}, {}};
    for (const ArrivalRate::Piece& piece : plan.rate.pieces) {
        if (piece.length == kForever) break;
        pool.settles =
            std::min<nanoseconds>(pool.settles + piece.length.nanoseconds(), DryRun::kLongest);
    }
    return pool;
}

double due_by(const PlannedPool& pool, nanoseconds time) {
    return pool.schedule.due_by(pool.ends ? std::min(time, *pool.ends) : time);
}

/// How much of `limit` is used up by then, if nobody has to wait.
double used_by(const PlannedLimit& limit, const std::vector<PlannedPool>& pools, nanoseconds time) {
    double used = 0;
    for (const std::size_t pool : limit.pools) used += due_by(pools[pool], time);
    return std::min(used, static_cast<double>(limit.total));
}

/// When it is used up; nothing: never.
std::optional<nanoseconds> end_of(const PlannedLimit& limit,
                                  const std::vector<PlannedPool>& pools) {
    nanoseconds before{};
    nanoseconds after = DryRun::kLongest;
    const auto wanted = static_cast<double>(limit.total) - 1e-6;
    if (used_by(limit, pools, after) < wanted) return std::nullopt;
    while (after - before > nanoseconds(1)) {
        const nanoseconds middle = before + (after - before) / 2;
        (used_by(limit, pools, middle) < wanted ? before : after) = middle;
    }
    return after;
}

std::int64_t whole(double due) {
    return static_cast<std::int64_t>(std::ceil(due - kOfOne));
}

std::uint64_t count_until(const PlannedPool& pool, nanoseconds end) {
    if (pool.ends) end = std::min(end, *pool.ends);
    const auto mean = static_cast<std::uint64_t>(whole(due_by(pool, end)));
    if (static_cast<double>(mean) > kMostCounted) return mean;
    ArrivalSchedule schedule = pool.schedule;
    while (schedule.planned() && *schedule.planned() < end) schedule.advance();
    const bool is_even = !pool.declaration->arrivals->rate.poisson;
    return is_even ? std::min(schedule.number(), mean) : schedule.number();
}

class Rehearsal {
public:
    Rehearsal(const std::vector<const user::Declaration*>& classes, const DryRunOptions& options);

    base::Result<DryRun> run();

private:
    struct Change {
        nanoseconds at;
        std::vector<std::int64_t> users;
        std::string course;
    };

    void find_ends();
    [[nodiscard]] Moment now() const { return {fiber::now(), base::WallTime{}}; }
    [[nodiscard]] nanoseconds elapsed() const { return fiber::now() - begin_; }
    void deliver();
    void ask_shape();
    void note_change();
    [[nodiscard]] bool settled() const;
    [[nodiscard]] TimePoint next_event() const;
    [[nodiscard]] DryRun result() const;
    [[nodiscard]] DryRun::Point point_at(nanoseconds time) const;

    const DryRunOptions& options_;
    std::vector<std::string> names_;
    std::vector<PlannedPool> pools_;
    std::vector<PlannedLimit> limits_;
    std::vector<std::optional<nanoseconds>> reached_;  ///< when each of them is used up
    std::optional<PaperEngine> engine_;
    std::optional<RunMachine> machine_;
    std::optional<ShapeDriver> shape_;
    TimePoint begin_{};
    TimePoint next_tick_ = TimePoint::max();
    std::vector<Change> changes_;
    nanoseconds ended_{};
};

Rehearsal::Rehearsal(const std::vector<const user::Declaration*>& classes,
                     const DryRunOptions& options)
    : options_(options) {
    const TestClasses sorted = test_classes(classes);
    for (const user::Declaration* const declaration : sorted.pooled) {
        pools_.push_back(planned_pool(*declaration, options.seed));
    }
    limits_ = planned_limits(sorted, options.iterations);
    find_ends();
    names_ = sorted.planned_names();
    MachineOptions machine_options = options.machine;
    sorted.prepare(machine_options, options.load_plan);
    if (options.load_plan != nullptr && options.load_plan->is_shape()) {
        shape_.emplace(*options.load_plan, options.common_options, names_);
    }
    machine_options.quit_after_test = nanoseconds::zero();
    engine_.emplace(names_.size());
    machine_.emplace(sorted.shares(), machine_options, *engine_, Moment{});
}

// One that is used up ends the arrivals that use it, and so keeps others from being used up.
void Rehearsal::find_ends() {
    reached_.resize(limits_.size());
    while (true) {
        std::optional<nanoseconds> first;
        std::size_t of = 0;
        for (std::size_t index = 0; index < limits_.size(); ++index) {
            if (!limits_[index].is_planned() || reached_[index]) continue;
            const auto end = end_of(limits_[index], pools_);
            if (!end || (first && *end >= *first)) continue;
            first = end;
            of = index;
        }
        if (!first) return;
        reached_[of] = first;
        for (const std::size_t index : limits_[of].pools) {
            PlannedPool& pool = pools_[index];
            pool.ends = pool.ends ? std::min(*pool.ends, *first) : *first;
            pool.settles = *pool.ends;
        }
    }
}

base::Result<DryRun> Rehearsal::run() {
    begin_ = fiber::now();
    if (auto started = machine_->start(options_.target, now()); !started) {
        return base::failure(started.error());
    }
    deliver();
    if (shape_) next_tick_ = begin_;
    while (machine_->testing() && !settled() && elapsed() < DryRun::kLongest) {
        fiber::sleep_until(std::min(next_event(), begin_ + DryRun::kLongest));
        if (fiber::now() >= next_tick_) ask_shape();
        machine_->on_time(now());
        deliver();
    }
    ended_ = elapsed();
    return result();
}

// Until nothing follows from it any more.
void Rehearsal::deliver() {
    std::uint64_t steps = 0;
    State state{};
    do {
        steps = engine_->report.steps_done;
        state = machine_->state();
        engine_->report.arrivals.clear();
        for (const PlannedPool& pool : pools_) {
            ArrivalProgress progress;
            progress.more_to_come = !pool.ends || elapsed() < *pool.ends;
            engine_->report.arrivals.push_back(std::move(progress));
        }
        machine_->on_report(EngineReport(engine_->report), now());
        note_change();
    } while (engine_->report.steps_done != steps || machine_->state() != state);
}

void Rehearsal::ask_shape() {
    next_tick_ = fiber::now() + ShapeDriver::kPeriod;
    const auto aim = shape_->ask(elapsed(), engine_->report.user_count);
    if (aim) {
        engine_->report.shape = ShapeWish{engine_->report.tests_begun, *aim};
        if (!*aim) next_tick_ = TimePoint::max();
    } else {
        engine_->report.cannot_go_on = {aim.error()};
    }
}

void Rehearsal::note_change() {
    if (!machine_->testing() || machine_->state() == State::Cleanup) return;
    std::string course = machine_->course();
    const bool same = !changes_.empty() && changes_.back().users == engine_->report.users &&
                      changes_.back().course == course;
    if (!same) changes_.push_back({elapsed(), engine_->report.users, std::move(course)});
}

/// Nothing will change any more, and nothing ends the test.
bool Rehearsal::settled() const {
    if (machine_->state() != State::Running || options_.load_plan != nullptr) return false;
    if (options_.target.run_time) return false;
    const bool all_settled = std::all_of(pools_.begin(), pools_.end(), [this](const auto& pool) {
        return elapsed() >= pool.settles;
    });
    if (pools_.empty() || engine_->report.user_count > 0) return all_settled;
    return all_settled && std::any_of(pools_.begin(), pools_.end(), [](const PlannedPool& pool) {
               return !pool.ends;
           });
}

TimePoint Rehearsal::next_event() const {
    TimePoint next = std::min(machine_->next_deadline(), next_tick_);
    for (const PlannedPool& pool : pools_) {
        const TimePoint settles = begin_ + pool.settles;
        if (settles > fiber::now()) next = std::min(next, settles);
    }
    return next;
}

DryRun::Point Rehearsal::point_at(nanoseconds time) const {
    DryRun::Point point{.at = time, .of_class = std::vector<std::int64_t>(names_.size(), 0)};
    const auto after = std::upper_bound(
        changes_.begin(), changes_.end(), time, [](nanoseconds at, const Change& change) {
            return at < change.at;
        });
    if (after != changes_.begin()) {
        point.of_class = (after - 1)->users;
        point.course = (after - 1)->course;
    }
    for (const std::int64_t users : point.of_class) point.users += users;
    for (const PlannedPool& pool : pools_) {
        const bool over = pool.ends && time >= *pool.ends;
        point.rates.push_back(over ? 0 : pool.schedule.rate_at(time));
    }
    for (const PlannedLimit& limit : limits_) {
        point.limits.push_back(whole(used_by(limit, pools_, time)));
    }
    return point;
}

DryRun Rehearsal::result() const {
    DryRun result{.classes = names_, .duration = ended_, .has_end = !machine_->testing()};
    result.given_up = machine_->given_up();
    const nanoseconds step = point_step(ended_);
    for (nanoseconds at{}; at < ended_; at += step) result.points.push_back(point_at(at));
    result.points.push_back(point_at(ended_));
    for (const Change& change : changes_) {
        std::int64_t users = 0;
        for (const std::int64_t of_class : change.users) users += of_class;
        if (users <= result.most_users) continue;
        result.most_users = users;
        result.most_users_at = change.at;
    }
    for (std::size_t index = 0; index < pools_.size(); ++index) {
        const PlannedPool& pool = pools_[index];
        DryRun::Pool shown{.name = pool.declaration->name,
                           .planned = count_until(pool, ended_),
                           .max_users = pool.declaration->arrivals->max_users};
        for (const DryRun::Point& point : result.points) {
            shown.highest_rate = std::max(shown.highest_rate, point.rates[index]);
        }
        result.pools.push_back(std::move(shown));
    }
    for (std::size_t index = 0; index < limits_.size(); ++index) {
        const PlannedLimit& limit = limits_[index];
        const bool reached = reached_[index] && *reached_[index] <= ended_;
        result.limits.push_back({.end = {.name = limit.name,
                                         .kind = limit.kind,
                                         .total = limit.total,
                                         .done = result.points.back().limits[index]},
                                 .is_known = limit.is_planned(),
                                 .reached_at = reached ? reached_[index] : std::nullopt});
    }
    return result;
}

}  // namespace

nanoseconds point_step(nanoseconds length) {
    using namespace std::chrono_literals;
    static constexpr std::array<nanoseconds, 21> kSteps{
        100ms, 200ms, 500ms, 1s,    2s, 5s, 10s, 15s, 30s, 1min, 2min,
        5min,  10min, 15min, 30min, 1h, 2h, 3h,  6h,  12h, 24h};
    const auto most = static_cast<std::int64_t>(DryRun::kMostPoints - 1);
    const auto* const step = std::find_if(
        kSteps.begin(), kSteps.end(), [&](nanoseconds one) { return one * most >= length; });
    return step == kSteps.end() ? kSteps.back() : *step;
}

base::Result<DryRun> dry_run(const std::vector<const user::Declaration*>& classes,
                             const DryRunOptions& options) {
    base::Result<DryRun> result;
    fiber::Scheduler scheduler({.clock = fiber::ClockKind::Virtual});
    scheduler.run([&] { result = Rehearsal(classes, options).run(); });
    return result;
}

}  // namespace cicada::run
