// SPDX-License-Identifier: Apache-2.0
// Goal: a limit of N is never exceeded and reached exactly, whatever else happens.
// Method: thousands of random plans (users, limits, ramps up and down, failures, exceptions, kills,
// stops) in virtual time, engine and control together, against counts kept by the tasks themselves.
// A seed that fails is printed; CICADA_PLAN=SEED runs it alone.
#include <doctest/doctest.h>

#include <array>
#include <cicada/control.hpp>
#include <cicada/fiber.hpp>
#include <cicada/measure.hpp>
#include <cicada/sync.hpp>
#include <cicada/task_set.hpp>
#include <cicada/user.hpp>
#include <cicada/users.hpp>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/test_power.hpp"
#include "run/engine.hpp"
#include "run/run_machine.hpp"
#include "user/registry.hpp"

namespace cicada::run {
namespace {

using namespace std::chrono_literals;
using user::LimitKind;
using Limit = std::optional<std::int64_t>;

/// What a task does besides being counted.
struct Manners {
    int requests = 1;  ///< measured calls, at least one
    int longest_call_ms = 0;
    int fails = 0;   ///< of a hundred calls
    int throws = 0;  ///< of a hundred executions, likewise the rest
    int reschedules = 0;
    int stops_user = 0;
    int spawns = 0;
    int drops_fiber = 0;
    int interrupts = 0;  ///< of a set
};

struct TaskPlan {
    std::string name;
    TaskOptions options;
    Manners manners;
};

struct ClassPlan {
    std::string name;
    double weight = 1;
    Limit iterations;
    Limit iterations_per_user;
    double longest_wait_s = 0;
    std::vector<TaskPlan> tasks;
    bool has_set = false;
    TaskOptions set_options;
};

struct Ramp {
    double at_s;
    std::int64_t users;
    double rate;
};

struct Plan {
    std::vector<ClassPlan> classes;
    std::vector<TaskPlan> inner;  ///< tasks of the one task set
    Limit iterations;
    std::vector<Ramp> ramps;  ///< the first is the start
    StopLimits stop;
    double run_time_s = 0;
    bool ends_by_limits = true;  ///< nothing else keeps a user from using up what there is
};

/// What was seen to happen.
struct Seen {
    std::map<std::string, std::int64_t> begun;  ///< executions, by task
    std::map<std::string, std::int64_t> finished;
    std::map<std::string, std::int64_t> calls;       ///< measured calls begun, by task
    std::map<std::string, std::int64_t> iterations;  ///< by class
    std::map<std::pair<std::string, std::int64_t>, std::int64_t> by_user;  ///< task, user
    std::map<std::pair<std::string, std::int64_t>, std::int64_t> iterations_by_user;
    std::map<std::string, std::int64_t> visits;
    std::int64_t users = 0;
    std::mt19937_64 random;

    [[nodiscard]] bool chance(int percent) {
        return std::uniform_int_distribution<int>(0, 99)(random) < percent;
    }
    [[nodiscard]] int below(int end) {
        return std::uniform_int_distribution<int>(0, std::max(end, 1) - 1)(random);
    }
};
Seen* seen = nullptr;
const Plan* plan = nullptr;

void call(const std::string& task, const Manners& manners) {
    measure("call", task, [&] {
        ++seen->calls[task];
        if (manners.longest_call_ms > 0) {
            cicada::sleep(std::chrono::milliseconds(seen->below(manners.longest_call_ms)));
        }
        if (seen->chance(manners.fails)) throw std::runtime_error("failed");
    });
}

void act(const std::string& class_name, std::int64_t user_number, const TaskPlan& task) {
    ++seen->begun[task.name];
    ++seen->iterations[class_name];
    ++seen->by_user[{task.name, user_number}];
    ++seen->iterations_by_user[{class_name, user_number}];
    const Manners& manners = task.manners;
    for (int i = 0; i < manners.requests; ++i) {
        if (seen->chance(manners.spawns)) {
            Fiber fiber = spawn([&] { call(task.name, manners); });
            call(task.name, manners);
            if (!seen->chance(manners.drops_fiber)) fiber.join();
        } else {
            call(task.name, manners);
        }
    }
    ++seen->finished[task.name];
    if (seen->chance(manners.throws)) throw std::logic_error("thrown");
    if (seen->chance(manners.reschedules)) reschedule(Then::PickAtOnce);
    if (seen->chance(manners.stops_user)) stop_user();
    if (seen->chance(manners.interrupts)) interrupt();
}

template <int kNumber>
class Actor : public User {
public:
    void on_start() override { ++seen->users; }
    static constexpr int kClass = kNumber;
    [[nodiscard]] static const ClassPlan& of() { return plan->classes[kNumber]; }
    template <int kTask>
    void task() {
        act(of().name, user_number(), of().tasks[kTask]);
    }
};

template <int kNumber>
class Set : public TaskSet<Actor<kNumber>> {
public:
    void on_start() override {
        ++seen->visits[Actor<kNumber>::of().name];
        if (seen->chance(20)) call("hooks", {});
    }
    void on_stop() override {
        if (seen->chance(20)) call("hooks", {});
    }
    template <int kTask>
    void task() {
        act(Actor<kNumber>::of().name, this->user().user_number(), plan->inner[kTask]);
    }
};

template <int kNumber>
void declare() {
    const ClassPlan& own = plan->classes[kNumber];
    using Self = Actor<kNumber>;
    auto declared = users<Self>().name(own.name).weight(own.weight);
    if (own.longest_wait_s > 0) declared.wait_time(between(0s, own.longest_wait_s * 1s));
    if (own.iterations) declared.iterations(*own.iterations);
    if (own.iterations_per_user) declared.iterations_per_user(*own.iterations_per_user);
    const auto with_name = [](const TaskPlan& task) {
        TaskOptions options = task.options;
        options.name = task.name;
        return options;
    };
    declared.template task<&Self::template task<0>>(with_name(own.tasks[0]));
    if (own.tasks.size() > 1) {
        declared.template task<&Self::template task<1>>(with_name(own.tasks[1]));
    }
    if (own.tasks.size() > 2) {
        declared.template task<&Self::template task<2>>(with_name(own.tasks[2]));
    }
    if (!own.has_set) return;
    declared.template task_set<Set<kNumber>>(own.set_options);
    auto set = task_set<Set<kNumber>>();
    set.template task<&Set<kNumber>::template task<0>>(with_name(plan->inner[0]));
    set.template task<&Set<kNumber>::template task<1>>(with_name(plan->inner[1]));
}

// ---- random plans -------------------------------------------------------------------------------

class Maker {
public:
    explicit Maker(std::uint64_t seed) : random_(seed) {}

    Plan plan() {
        Plan made;
        const int classes = number(1, 3);
        for (int i = 0; i < classes; ++i) made.classes.push_back(user_class(i));
        for (int i = 0; i < 2; ++i) made.inner.push_back(task("inner" + std::to_string(i)));
        if (chance(20)) made.iterations = number(1, 200);
        double at = 0;
        const int ramps = chance(50) ? 1 : number(2, 4);
        for (int i = 0; i < ramps; ++i) {
            made.ramps.push_back({at, number(1, 30), number(1, 40) / 2.0});
            at += number(1, 60) / 10.0;
        }
        made.stop.stop_timeout = chance(50) ? 0s : std::chrono::seconds(number(1, 40));
        made.run_time_s = chance(80) ? 100'000 : number(1, 20);
        return made;
    }

private:
    int number(int least, int most) {
        return std::uniform_int_distribution<int>(least, most)(random_);
    }
    bool chance(int percent) { return number(0, 99) < percent; }
    int sometimes(int most) { return chance(30) ? number(1, most) : 0; }

    TaskPlan task(const std::string& name) {
        TaskPlan task{.name = name, .options = {}, .manners = {}};
        task.options.weight = number(1, 5);
        // At least one limit that ends it; a task of only a request limit makes requests.
        const int which = number(0, 4);
        if (which != 1) task.options.limit = number(1, 60);
        if (which == 1 || which == 2) task.options.request_limit = number(1, 60);
        if (which == 3) task.options.limit_per_user = number(1, 6);
        task.manners = {.requests = number(1, 3),
                        .longest_call_ms = chance(50) ? 0 : number(1, 3000),
                        .fails = sometimes(100),
                        .throws = sometimes(100),
                        .reschedules = sometimes(30),
                        .stops_user = chance(10) ? number(1, 10) : 0,
                        .spawns = sometimes(100),
                        .drops_fiber = sometimes(100),
                        .interrupts = 0};
        return task;
    }

    ClassPlan user_class(int index) {
        ClassPlan made;
        made.name = "Class" + std::to_string(index);
        made.weight = number(1, 3);
        if (chance(25)) made.iterations = number(1, 150);
        if (chance(25)) made.iterations_per_user = number(1, 10);
        made.longest_wait_s = chance(30) ? 0 : number(1, 30) / 10.0;
        const int tasks = number(1, 3);
        for (int i = 0; i < tasks; ++i) {
            made.tasks.push_back(task(made.name + "task" + std::to_string(i)));
        }
        made.has_set = chance(30);
        if (made.has_set) {
            if (chance(50)) made.set_options.limit = number(1, 10);
            if (chance(50)) made.set_options.request_limit = number(1, 40);
        }
        return made;
    }

    std::mt19937_64 random_;
};

// ---- one run ------------------------------------------------------------------------------------

struct Ended {
    bool by_itself = false;  ///< before the run time was over
    bool nothing_left = false;
    std::vector<user::LimitProgress> limits;
    std::map<std::string, std::int64_t> recorded;  ///< by task
    double took_s = 0;
};

Ended simulate(const Plan& given, Seen& into) {
    user::registry().clear();
    plan = &given;
    seen = &into;
    if (given.classes.size() > 0) declare<0>();
    if (given.classes.size() > 1) declare<1>();
    if (given.classes.size() > 2) declare<2>();
    REQUIRE(user::registry().check() == std::vector<std::string>{});
    user::registry().seal();
    std::vector<const user::Declaration*> classes;
    std::vector<ClassShare> shares;
    for (const auto& one : user::registry().declarations()) {
        classes.push_back(one.get());
        shares.push_back({one->name, one->weight, one->fixed_count});
    }
    base::set_log_writer([](const base::LogLine&) {});
    Ended ended;
    fiber::Scheduler scheduler({.clock = fiber::ClockKind::Virtual});
    scheduler.run([&] {
        std::deque<EngineReport> reports;
        EngineOptions options;
        options.stop = given.stop;
        options.iterations = given.iterations;
        Engine engine(scheduler, classes, options, [&reports](EngineReport& report) {
            reports.push_back(std::move(report));
            return true;
        });
        fiber::Handle body = fiber::start([&engine] { engine.run(); });
        const auto now = [] { return Moment{fiber::now(), base::WallTime()}; };
        const base::TimePoint begin = fiber::now();
        const auto seconds = [&] {
            return std::chrono::duration<double>(fiber::now() - begin).count();
        };
        RunMachine machine(shares, {.quit_after_test = 0s}, engine, now());
        std::size_t ramp = 0;
        const auto run_time =
            std::chrono::nanoseconds(static_cast<std::int64_t>(given.run_time_s * 1e9));
        while (!machine.finished()) {
            if (ramp < given.ramps.size() && seconds() >= given.ramps[ramp].at_s) {
                const Ramp& next = given.ramps[ramp];
                const bool runs = ramp == 0 || machine.state() == State::Spawning ||
                                  machine.state() == State::Running;
                if (runs) {
                    REQUIRE(machine.start(
                        {.users = next.users, .spawn_rate = next.rate, .run_time = run_time},
                        now()));
                }
                ++ramp;
            }
            for (; !reports.empty(); reports.pop_front()) {
                machine.on_report(std::move(reports.front()), now());
            }
            machine.on_time(now());
            fiber::sleep_until(std::min(machine.next_deadline(), fiber::now() + 20ms));
        }
        const Snapshot snapshot = machine.snapshot(now());
        ended.took_s = std::chrono::duration<double>(snapshot.elapsed).count();
        ended.by_itself = ended.took_s < given.run_time_s;
        ended.nothing_left = machine.engine().nothing_left;
        ended.limits = snapshot.limits;
        for (const auto& entry : snapshot.statistics->entries()) {
            ended.recorded[entry->name()] = static_cast<std::int64_t>(entry->counts.requests);
        }
        engine.dismiss(0);
        body.join();
    });
    base::set_log_writer({});
    user::registry().clear();
    return ended;
}

// ---- the laws -----------------------------------------------------------------------------------

const user::LimitProgress* find(const Ended& ended, const std::string& name, LimitKind kind) {
    for (const user::LimitProgress& one : ended.limits) {
        if (one.kind == kind && one.name.ends_with(name)) return &one;
    }
    return nullptr;
}

std::int64_t total(const std::map<std::string, std::int64_t>& counts) {
    std::int64_t sum = 0;
    for (const auto& [name, count] : counts) sum += count;
    return sum;
}

void check_task(const Ended& ended, const Seen& what, const TaskPlan& task) {
    CAPTURE(task.name);
    const auto at = [&](const auto& counts) {
        const auto found = counts.find(task.name);
        return found == counts.end() ? std::int64_t{0} : found->second;
    };
    if (task.options.limit) {
        REQUIRE(at(what.begun) <= *task.options.limit);
        if (const auto* limit = find(ended, task.name, LimitKind::Executions)) {
            REQUIRE(limit->done == at(what.begun));
        }
    }
    if (task.options.request_limit) {
        REQUIRE(at(what.calls) <= *task.options.request_limit);
        REQUIRE(at(ended.recorded) <= at(what.calls));
        if (const auto* limit = find(ended, task.name, LimitKind::Requests)) {
            REQUIRE(limit->done == at(what.calls));
            REQUIRE(limit->done - limit->cut_off == at(ended.recorded));
        }
    }
    if (task.options.limit_per_user) {
        for (const auto& [key, count] : what.by_user) {
            if (key.first == task.name) REQUIRE(count <= *task.options.limit_per_user);
        }
    }
}

/// Every user had the chance to use up all there was: so all of it is used up, exactly.
void check_reached(const Plan& given, const Ended& ended) {
    if (find(ended, "all tasks", LimitKind::Iterations) != nullptr &&
        find(ended, "all tasks", LimitKind::Iterations)->reached()) {
        return;
    }
    for (const ClassPlan& one : given.classes) {
        CAPTURE(one.name);
        const auto* iterations = find(ended, one.name, LimitKind::Iterations);
        if (iterations != nullptr && iterations->reached()) continue;
        for (const TaskPlan& task : one.tasks) {
            CAPTURE(task.name);
            const auto* executions = find(ended, task.name, LimitKind::Executions);
            const auto* requests = find(ended, task.name, LimitKind::Requests);
            const bool one_reached = (executions != nullptr && executions->reached()) ||
                                     (requests != nullptr && requests->reached());
            REQUIRE(one_reached);
        }
    }
}

void check_laws(const Plan& given, const Ended& ended, const Seen& what) {
    for (const ClassPlan& one : given.classes) {
        CAPTURE(one.name);
        for (const TaskPlan& task : one.tasks) check_task(ended, what, task);
        const auto iterations = what.iterations.find(one.name);
        const std::int64_t done = iterations == what.iterations.end() ? 0 : iterations->second;
        if (one.iterations) REQUIRE(done <= *one.iterations);
        if (one.iterations_per_user) {
            for (const auto& [key, count] : what.iterations_by_user) {
                if (key.first == one.name) REQUIRE(count <= *one.iterations_per_user);
            }
        }
        const auto visits = what.visits.find(one.name);
        if (one.set_options.limit && visits != what.visits.end()) {
            REQUIRE(visits->second <= *one.set_options.limit);
        }
    }
    if (given.iterations) REQUIRE(total(what.iterations) <= *given.iterations);
    // Executions are at most six seconds long: lowering the number of users cuts none off.
    if (ended.by_itself) {
        for (const user::LimitProgress& one : ended.limits) {
            if (one.kind == LimitKind::Executions || one.kind == LimitKind::Iterations) {
                CAPTURE(one.name);
                REQUIRE(one.cut_off == 0);
            }
        }
        if (ended.nothing_left) check_reached(given, ended);
    }
}

TEST_CASE("limits hold in thousands of random plans") {
    const char* const alone = std::getenv("CICADA_PLAN");
    const std::uint64_t first = alone != nullptr ? std::strtoull(alone, nullptr, 10) : 1;
    const std::uint64_t plans = alone != nullptr ? 1 : 300 * base::kTestPower;
    std::int64_t by_limits = 0;
    std::int64_t by_run_time = 0;
    std::int64_t executions = 0;
    for (std::uint64_t seed = first; seed < first + plans; ++seed) {
        CAPTURE(seed);
        const Plan given = Maker(seed).plan();
        Seen what;
        what.random.seed(seed);
        const Ended ended = simulate(given, what);
        check_laws(given, ended, what);
        by_limits += ended.nothing_left ? 1 : 0;
        by_run_time += ended.by_itself ? 0 : 1;
        executions += total(what.begun);
    }
    if (alone == nullptr) {  // the plans are of every kind
        MESSAGE(plans << " plans, " << executions << " executions, " << by_limits
                      << " ended by their limits, " << by_run_time << " by the run time");
        CHECK(by_limits > 50 * base::kTestPower);
        CHECK(by_run_time > 10 * base::kTestPower);
    }
}

/// One class with one task of a second, in so many users, ten more each second.
Plan simple_plan(const TaskOptions& options, std::int64_t users) {
    Plan made;
    TaskPlan task{.name = "task", .options = options, .manners = {}};
    task.manners.longest_call_ms = 1000;
    ClassPlan one;
    one.name = "Class0";
    one.tasks = {task};
    made.classes = {one};
    made.ramps = {{0, users, 10}};
    made.run_time_s = 10'000;
    return made;
}

TEST_CASE("a run whose limits are reached ends while users are still to come") {
    // Goal: nobody waits for users that would have nothing to do, and those do not come.
    // Method: 5,000 users at 10/s share 40 executions.
    Seen what;
    const Ended ended = simulate(simple_plan({.limit = 40}, 5000), what);
    CHECK(what.begun["task"] == 40);
    CHECK(what.users <= 60);
    CHECK(ended.nothing_left);
    CHECK(ended.took_s < 20);
}

TEST_CASE("users that are still to come have their own limits to use up") {
    // Goal: early users end before the last has come; the run waits for all of them.
    // Method: 100 users at 10/s with two executions each.
    Seen what;
    const Ended ended = simulate(simple_plan({.limit_per_user = 2}, 100), what);
    CHECK(what.begun["task"] == 200);
    CHECK(what.users == 100);
    CHECK(ended.by_itself);
    CHECK(ended.took_s > 8);
}

}  // namespace
}  // namespace cicada::run
