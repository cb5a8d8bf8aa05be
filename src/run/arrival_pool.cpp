// SPDX-License-Identifier: Apache-2.0
#include "run/arrival_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cicada::run {
namespace {

using base::TimePoint;
using stats::MetricKind;
using stats::MetricTag;
using stats::MetricUnit;
using user::ArrivalTimes;

constexpr int kMostInARow = 64;  // arrivals begun in one go, until the users get their turn

}  // namespace

/// What one user of the pool gets its work from; used again by a later user.
class ArrivalPool::Slot final : public user::ArrivalSource {
public:
    explicit Slot(ArrivalPool& pool) : pool_(pool) {}

    /// Gives it the next arrival.
    void hand() {
        is_idle_ = false;
        const ArrivalLine::Arrival arrival = pool_.line_.hand();
        planned_ = pool_.moment_of(arrival.planned);
        number_ = arrival.number;
        has_arrival_ = true;
        woken_.set();
    }

    /// For a new user.
    void reset() {
        has_arrival_ = false;
        worked_ = false;
        busy_ = false;
        woken_.clear();
    }

    void go_home() {
        is_idle_ = false;
        woken_.set();
    }

    bool next(ArrivalTimes& times) override {
        if (!has_arrival_ && !wait_for_arrival()) return false;
        has_arrival_ = false;
        worked_ = true;
        busy_ = true;
        times = {.pool = pool_.number_,
                 .number = static_cast<std::uint64_t>(number_),
                 .planned = planned_,
                 .begun = fiber::now()};
        pool_.counts_.begun += 1;
        pool_.counts_.busy += 1;
        return true;
    }

    void done(const ArrivalTimes& times, std::string_view task) override {
        end_work();
        pool_.counts_.done += 1;
        pool_.record(times, task);
    }

    void left() override {
        end_work();
        if (std::exchange(has_arrival_, false)) pool_.counts_.dropped += 1;
        pool_.counts_.users -= 1;
        pool_.free_.push_back(this);
        if (!pool_.line_.all_handed()) pool_.has_room_.set();
    }

private:
    void end_work() {
        if (std::exchange(busy_, false)) pool_.counts_.busy -= 1;
    }

    bool wait_for_arrival() {
        if (worked_ && pool_.plan().fresh) return false;
        if (!pool_.line_.all_handed()) {
            hand();
            return true;
        }
        if (pool_.planning_over_) return false;
        woken_.clear();
        pool_.idle_.push_back(this);
        is_idle_ = true;
        const AtCancellation rest(*this);
        woken_.wait();
        return has_arrival_;
    }

    /// Takes the slot from the idle ones if its user is cancelled while it is one of them.
    class AtCancellation {
    public:
        explicit AtCancellation(Slot& slot) : slot_(slot) {}
        AtCancellation(const AtCancellation&) = delete;
        AtCancellation& operator=(const AtCancellation&) = delete;
        ~AtCancellation() {
            if (std::exchange(slot_.is_idle_, false)) std::erase(slot_.pool_.idle_, &slot_);
        }

    private:
        Slot& slot_;
    };

    ArrivalPool& pool_;
    TimePoint planned_{};
    std::int64_t number_ = 0;
    bool has_arrival_ = false;  ///< handed to it, not begun
    bool worked_ = false;
    bool busy_ = false;
    bool is_idle_ = false;  ///< among the pool's idle ones
    Event woken_;
};

ArrivalSchedule ArrivalPool::schedule(const user::Declaration& declaration,
                                      std::uint64_t seed,
                                      std::uint64_t number) {
    const user::ArrivalPlan& plan = *declaration.arrivals;
    return {plan.rate, user::RandomStream(seed, UINT64_MAX, number + 1).next(), plan.limit};
}

ArrivalPool::ArrivalPool(const user::Declaration& declaration,
                         std::uint64_t number,
                         user::Gate& gate,
                         stats::Recorder& recorder,
                         StartUser start_user)
    : declaration_(declaration),
      number_(number),
      gate_(gate),
      recorder_(recorder),
      start_user_(std::move(start_user)),
      line_(schedule(declaration, 0, number)),
      max_users_(plan().max_users) {
    counts_.name = declaration.name;
    counts_.max_users = max_users_;
}

ArrivalPool::~ArrivalPool() = default;

// The pauses so far have moved all that has not begun yet.
TimePoint ArrivalPool::moment_of(std::chrono::nanoseconds planned) const {
    return start_ + planned + gate_.closed_for(fiber::now());
}

void ArrivalPool::begin(std::uint64_t seed, TimePoint start) {
    is_lent_ = false;
    line_.be_all_of(schedule(declaration_, seed, number_));
    start_ = start;
    max_users_ = plan().max_users;
    start_fibers();
}

void ArrivalPool::begin_lent(std::uint64_t seed) {
    is_lent_ = true;
    line_.be_lent(schedule(declaration_, seed, number_));
    start_ = fiber::now();
    max_users_ = 0;
    start_fibers();
}

void ArrivalPool::start_fibers() {
    planning_over_ = false;
    catch_up_.begin(start_);
    counts_ = {.name = declaration_.name, .max_users = max_users_, .more_to_come = true};
    has_more_.clear();
    has_room_.clear();
    planner_ = fiber::start([this] { plan_arrivals(); }, {.label = "arrivals"});
    starter_ = fiber::start([this] { start_missing(); }, {.label = "arrivals"});
}

void ArrivalPool::grant(const user::TicketBlock& block, const ArrivalLease& lease) {
    if (planning_over_) return;
    start_ = lease.zero - gate_.closed_for(fiber::now());
    if (line_.granted() == 0) catch_up_.begin(start_);
    const bool has_room = lease.max_users > max_users_;
    max_users_ = lease.max_users;
    counts_.max_users = max_users_;
    line_.grant(block, {static_cast<std::uint64_t>(lease.number), lease.due, lease.random_state});
    has_more_.set();
    if (has_room && !line_.all_handed()) has_room_.set();
}

void ArrivalPool::close() {
    line_.close();
    has_more_.set();
}

user::Holding ArrivalPool::holding() const {
    return {.granted = line_.granted(), .used = line_.handed()};
}

void ArrivalPool::cancel() {
    planning_over_ = true;
    planner_.cancel();
    starter_.cancel();
}

void ArrivalPool::finish() {
    if (over()) return;
    cancel();
    drop_rest();
}

void ArrivalPool::end() {
    cancel();
    planner_ = {};
    starter_ = {};
    drop_rest();
}

// Those that should have begun by now, had the planner not been late itself.
void ArrivalPool::note_overdue() {
    for (auto next = line_.next_due(); next && moment_of(next->planned) <= fiber::now();
         next = line_.next_due()) {
        line_.pass_due();
        counts_.planned += 1;
    }
}

// What is due and has found nobody.
void ArrivalPool::drop_rest() {
    note_overdue();
    counts_.dropped += static_cast<std::uint64_t>(line_.drop());
    send_home();
}

void ArrivalPool::plan_arrivals() {
    int in_a_row = 0;
    while (!line_.has_ended()) {
        const auto next = line_.next_due();
        if (!next) {
            has_more_.clear();
            has_more_.wait();
            continue;
        }
        gate_.pass();
        const TimePoint at = catch_up_.moment_for(moment_of(next->planned));
        if (fiber::now() < at) {
            fiber::sleep_until(at);
            in_a_row = 0;
            continue;  // there may have been a pause
        }
        on_due();
        if (const auto later = line_.next_due()) {
            const std::chrono::nanoseconds gap = later->planned - next->planned;
            catch_up_.note_begun(fiber::now(), std::max(gap, std::chrono::nanoseconds{}));
        }
        if (++in_a_row % kMostInARow == 0) fiber::yield();
    }
    planning_over_ = true;
    if (line_.all_handed()) send_home();
}

void ArrivalPool::on_due() {
    line_.pass_due();
    counts_.planned += 1;
    if (serve()) return;
    if (plan().when_full == WhenFull::Drop) {
        counts_.dropped += static_cast<std::uint64_t>(line_.drop());
    } else {
        counts_.delayed += 1;
    }
}

/// Whether all that is due has found a user.
bool ArrivalPool::serve() {
    while (!line_.all_handed()) {
        if (!idle_.empty()) {
            Slot& slot = *idle_.back();
            idle_.pop_back();
            slot.hand();
        } else if (counts_.users >= max_users_ || !start_user()) {
            return false;
        }
    }
    return true;
}

bool ArrivalPool::start_user() {
    if (free_.empty()) {
        slots_.push_back(std::make_unique<Slot>(*this));
        free_.push_back(slots_.back().get());
    }
    Slot& slot = *free_.back();
    slot.reset();
    if (!start_user_(slot)) return false;
    free_.pop_back();
    counts_.users += 1;
    slot.hand();
    return true;
}

void ArrivalPool::start_missing() {
    while (true) {
        has_room_.wait();
        has_room_.clear();
        gate_.pass();
        (void)serve();
        if (over()) send_home();
    }
}

void ArrivalPool::send_home() {
    for (Slot* slot : std::exchange(idle_, {})) slot->go_home();
}

ArrivalProgress ArrivalPool::progress() const {
    ArrivalProgress progress = counts_;
    progress.more_to_come = !over();
    return progress;
}

const ArrivalPool::Trends& ArrivalPool::trends_of(std::string_view task) {
    // Labels of tasks live as long as the registry, and there are few.
    const auto known = std::find_if(trends_.begin(), trends_.end(), [task](const Trends& trends) {
        return trends.task.data() == task.data();
    });
    if (known != trends_.end()) return *known;
    const std::array<MetricTag, 1> tags{MetricTag{"task", task}};
    const auto trend = [&](std::string_view name) {
        return recorder_.metrics().series(MetricKind::Trend, name, tags, MetricUnit::Time);
    };
    trends_.push_back(
        {task, trend(kFromPlan), trend(kExecution), trend(kFirstFromPlan), trend(kFirst)});
    return trends_.back();
}

void ArrivalPool::record(const ArrivalTimes& times, std::string_view task) {
    const Trends& trends = trends_of(task);
    const auto observe = [this](stats::MetricId trend, TimePoint from, TimePoint to) {
        recorder_.metrics().observe(trend, std::max(to - from, std::chrono::nanoseconds{}));
    };
    observe(trends.from_plan, times.planned, times.ended);
    observe(trends.execution, times.begun, times.ended);
    if (!times.answered) return;
    observe(trends.first_from_plan, times.planned, times.first_resumed);
    observe(trends.first, times.first_called, times.first_resumed);
}

std::string text_of(const ArrivalProgress& progress) {
    return fmt::format(
        "{}: {} arrivals planned = {} begun + {} dropped + {} waiting; {} delayed; the pool may "
        "have {} users (.max_users)",
        progress.name,
        progress.planned,
        progress.begun,
        progress.dropped,
        progress.waiting(),
        progress.delayed,
        progress.max_users);
}

}  // namespace cicada::run
