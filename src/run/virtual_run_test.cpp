// SPDX-License-Identifier: Apache-2.0
#include "run/virtual_run.hpp"

#include <doctest/doctest.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cicada/arrivals.hpp>
#include <cicada/client.hpp>
#include <cicada/load_shape.hpp>
#include <cicada/random.hpp>
#include <cicada/user.hpp>
#include <cicada/users.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "fiber/stream.hpp"
#include "user/listeners.hpp"
#include "user/registry.hpp"

namespace cicada::run {
namespace {

using namespace std::chrono_literals;

std::function<void(HttpUser&)> what_they_do;

class Visitor : public HttpUser {
public:
    void visit() { what_they_do(*this); }
};

/// Declares nothing; runs what is declared, its users doing `act`.
struct Rehearsal {
    Rehearsal() {
        user::registry().clear();
        user::listeners().clear();
        base::set_log_writer([this](const base::LogLine& line) { log.push_back(line.text); });
        options.engine.host_if_none = "http://nowhere.invalid";
        options.engine.seed = 42;
    }
    Rehearsal(const Rehearsal&) = delete;
    Rehearsal& operator=(const Rehearsal&) = delete;
    ~Rehearsal() {
        base::set_log_writer({});
        user::registry().clear();
        user::listeners().clear();
    }

    base::Result<VirtualRun> try_run(std::function<void(HttpUser&)> act) {
        what_they_do = std::move(act);
        user::registry().seal();
        std::vector<const user::Declaration*> classes;
        for (const auto& one : user::registry().declarations()) classes.push_back(one.get());
        options.load_plan = user::registry().load_plan();
        Answers answers(user::registry().dry_run(), std::nullopt, latency);
        options.answers = &answers;
        return run_in_virtual_time(classes, options);
    }

    VirtualRun run(std::function<void(HttpUser&)> act) {
        auto done = try_run(std::move(act));
        REQUIRE(done);
        return *done;
    }

    VirtualRunOptions options;
    std::chrono::nanoseconds latency = 100ms;
    std::vector<std::string> log;
};

void get_page(HttpUser& user) {
    user.client.get("/page");
}

const stats::Counts& counts_of(const VirtualRun& run) {
    return run.last->statistics->total().counts;
}

#ifdef __SANITIZE_ADDRESS__
using LeaksAllowed = __lsan::ScopedDisabler;
#else
struct LeaksAllowed {
    LeaksAllowed() {}
};
#endif

TEST_CASE("ten hours of users, think times and answers take moments") {
    // Goal: the whole run in virtual time, exact to the request. Method: users who wait 0.9 s and
    //   get answers after 0.1 s; each sends one per second, from its own first second on.
    Rehearsal rehearsal;
    users<Visitor>().wait_time(constant(900ms)).task<&Visitor::visit>();
    const auto run_time = 10h - 500ms;  // everybody waits then
    rehearsal.options.target = {.users = 3, .spawn_rate = 1, .run_time = run_time};
    const VirtualRun run = rehearsal.run(get_page);
    CHECK(run.last->state == State::Stopped);
    CHECK(run.last->elapsed == run_time);
    CHECK(counts_of(run).requests == 36'000 + 35'999 + 35'998);
    CHECK(counts_of(run).failures == 0);
    CHECK(run.last->statistics->total().percentile(0.5) == 100ms);
    REQUIRE(run.last->dry_run);
    CHECK(run.last->dry_run->plain == counts_of(run).requests);
    CHECK(verdict_of(*run.last).grade == stats::Grade::Valid);
    CHECK(run.exit_code == 0);
    CHECK(run.course.has_end);
    CHECK(run.course.duration == run_time);
    CHECK(run.course.most_users == 3);
    CHECK(run.course.most_users_at == 2s);
    REQUIRE(run.course.points.size() > 10);
    CHECK(run.course.points[1].answers_per_s.value() == doctest::Approx(3).epsilon(0.01));
    CHECK(run.course.points.back().users == 3);
}

TEST_CASE("a run in virtual time repeats with its seed") {
    // Goal: whoever finds something odd can look at it again. Method: random waits, choices and
    //   latencies, twice with one seed and once with another.
    const auto total_of = [](std::uint64_t seed) {
        Rehearsal rehearsal;
        users<Visitor>().wait_time(between(100ms, 3s)).task<&Visitor::visit>();
        on_dry_run([](const DryRunRequest&) -> DryRunAnswer {
            return {.latency = std::chrono::microseconds(random_int(1, 500'000))};
        });
        rehearsal.options.engine.seed = seed;
        rehearsal.options.target = {.users = 20, .spawn_rate = 5, .run_time = 5min};
        const VirtualRun run = rehearsal.run(get_page);
        const stats::Entry& total = run.last->statistics->total();
        return std::pair(total.counts.requests, total.percentile(0.9));
    };
    CHECK(total_of(1) == total_of(1));
    CHECK(total_of(1) != total_of(2));
}

TEST_CASE("limits are kept to, and their course is known") {
    // Goal: exactly N, when, and the end by themselves. Method: two users at one per second each
    //   and a limit of 60; then arrivals with theirs.
    Rehearsal rehearsal;
    users<Visitor>().wait_time(constant(900ms)).task<&Visitor::visit>({.limit = 60});
    rehearsal.options.target = {.users = 2, .spawn_rate = 2};
    VirtualRun run = rehearsal.run(get_page);
    CHECK(counts_of(run).requests == 60);
    CHECK(run.last->elapsed < 31s);
    REQUIRE(run.course.limits.size() == 1);
    CHECK(run.course.limits[0].end.done == 60);
    REQUIRE(run.course.limits[0].reached_at);
    CHECK(*run.course.limits[0].reached_at >= 29s);
    CHECK(*run.course.limits[0].reached_at <= 29s + 200ms);
    CHECK(run.course.points.back().limits == std::vector<std::int64_t>{60});
    const auto middle = std::find_if(run.course.points.begin(),
                                     run.course.points.end(),
                                     [](const DryRun::Point& point) { return point.at == 15s; });
    REQUIRE(middle != run.course.points.end());
    CHECK(middle->limits[0] == doctest::Approx(31).epsilon(0.05));

    Rehearsal other;
    arrivals<Visitor>(50).iterations(1000).max_users(40).task<&Visitor::visit>();
    run = other.run(get_page);
    CHECK(counts_of(run).requests == 1000);
    REQUIRE(run.course.pools.size() == 1);
    CHECK(run.course.pools[0].planned == 1000);
    CHECK(run.course.pools[0].most_users == 5);  // 50 per second, 0.1 s each
    CHECK(run.course.pools[0].highest_rate == doctest::Approx(50).epsilon(0.05));
    REQUIRE(run.course.limits.size() == 1);
    CHECK(run.course.limits[0].end.total == 1000);
    REQUIRE(run.course.limits[0].reached_at);
    CHECK(*run.course.limits[0].reached_at >= 19'900ms);
    CHECK(*run.course.limits[0].reached_at <= 20s);
}

TEST_CASE("stages and shapes pace users as in any run") {
    // Goal: the same machine. Method: stages of 10 s and their end.
    Rehearsal rehearsal;
    users<Visitor>().wait_time(constant(1s)).task<&Visitor::visit>();
    stages({{.duration = 10s, .users = 10, .spawn_rate = 10},
            {.duration = 10s, .users = 2, .spawn_rate = 10}});
    const VirtualRun run = rehearsal.run(get_page);
    CHECK(run.last->elapsed == 20s);
    CHECK(run.course.most_users == 10);
    CHECK(run.course.points.front().course == "stage 1 of 2");
    CHECK(run.course.points.back().course == "stage 2 of 2");
    CHECK(run.course.points.back().users == 2);
}

TEST_CASE("whoever waits for a descriptor is told so by name") {
    // Goal: no network, and no hang. Method: a task that reads a socket in which nothing comes.
    Rehearsal rehearsal;
    users<Visitor>().wait_time(constant(1s)).task<&Visitor::visit>();
    rehearsal.options.target = {.users = 1, .run_time = 3s};
    std::array<int, 2> pair{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0);
    const VirtualRun run = rehearsal.run(
        [&](HttpUser&) { (void)fiber::wait_ready(pair[0], POLLIN, fiber::kNever, "poll"); });
    for (const int fd : pair) ::close(fd);
    REQUIRE(run.last->statistics->exceptions().size() == 1);
    const stats::ExceptionCount& thrown = run.last->statistics->exceptions().front();
    CHECK(thrown.text.find("poll waits for descriptor ") == 0);
    CHECK(thrown.text.find("which cannot be done in virtual time") != std::string::npos);
    CHECK(run.outcome.failures);
}

TEST_CASE("a test in which time stands still is an error that names the task") {
    const LeaksAllowed allowed;  // nothing can unwind the fibers of such a run; the program ends
    // Goal: no endless loop. Method: a task that neither waits nor asks, without a wait time.
    Rehearsal rehearsal;
    users<Visitor>().task<&Visitor::visit>();
    rehearsal.options.target = {.users = 2, .spawn_rate = 10, .run_time = 1min};
    rehearsal.options.scheduler.most_switches_at_once = 10'000;
    CHECK_THROWS_WITH_AS((void)rehearsal.try_run([](HttpUser&) {}),
                         "in virtual time, Visitor.visit goes on for ever: neither it nor anybody "
                         "else waits",
                         std::runtime_error);
}

TEST_CASE("somebody may end it early, and a target that cannot be is refused") {
    // Goal: what was counted until then is reported; the run's own sentence. Method: asked to end
    //   in the tenth second; a spawn rate of 0.
    Rehearsal rehearsal;
    users<Visitor>().wait_time(constant(1s)).task<&Visitor::visit>();
    rehearsal.options.target = {.users = 1, .run_time = 10h};
    std::int64_t asked = 0;
    rehearsal.options.asked_to_end = [&] { return ++asked > 10; };
    rehearsal.options.exit_code = [](const Outcome&) { return 7; };
    const VirtualRun run = rehearsal.run(get_page);
    CHECK(run.last->elapsed < 20s);
    CHECK(counts_of(run).requests > 3);
    CHECK(run.course.cut_short);
    CHECK(run.exit_code == 7);

    Rehearsal other;
    users<Visitor>().task<&Visitor::visit>();
    other.options.target = {.users = 1, .spawn_rate = 0};
    const auto refused = other.try_run(get_page);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == "the spawn rate is 0, but has to be above 0");
}

}  // namespace
}  // namespace cicada::run
