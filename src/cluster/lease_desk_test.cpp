// SPDX-License-Identifier: Apache-2.0
#include "cluster/lease_desk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "user/lent_rows.hpp"
#include "user/tickets.hpp"

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;
using base::TimePoint;
using run::LeaseKey;
using run::LeaseKind;

constexpr LeaseKey kLimit{LeaseKind::Limit, 0};
constexpr LeaseKey kRows{LeaseKind::Rows, 0};
constexpr std::uint64_t kRound = 7;

/// What it is asked to do arrives some time later, in order, and so do its reports; it dies when
/// the test says so. Its tickets and its rows are those of an engine.
class FakeWorker final : public run::EngineLink {
public:
    FakeWorker(LeaseDesk::Holder holder, std::int64_t total) : id(holder), total_(total) {}

    void grant(const run::LeaseGrant& grant) override {
        send([this, grant] {
            granted.push_back(grant);
            if (grant.key == kLimit) tickets.grant(grant.block.count);
            if (grant.key == kRows) rows.grant(grant.block);
        });
    }
    void recall(LeaseKey key, std::int64_t most) override {
        ++recalls;
        send([this, key, most] {
            if (key == kRows) {
                for (const user::TicketBlock& block : rows.recall(most)) {
                    returns_.push_back({key, block});
                }
            } else if (const std::int64_t count = tickets.recall(most); count > 0) {
                returns_.push_back({key, {.count = count}});
            }
            changed = true;
        });
    }
    void close(LeaseKey key) override {
        send([this, key] {
            key == kRows ? rows.close() : tickets.close();
            (key == kRows ? rows_closed : closed) = true;
        });
    }

    void begin_test(const run::TestBegin&) override {}
    void take_step(run::SpawnStep) override {}
    void pause() override {}
    void resume() override {}
    void announce_spawned(std::int64_t) override {}
    void end_test() override {}
    void reset_statistics(std::uint64_t) override {}
    void tell(const run::RunNews&) override {}
    void leave() override {}
    void deliver(run::Letter) override {}
    void disable_task(std::string) override {}

    /// Takes what has come by `now`, and says what is new of it.
    void work(TimePoint time) {
        now = time;
        while (!commands_.empty() && commands_.front().first <= now) {
            commands_.front().second();
            commands_.pop_front();
        }
        for (; !ends_.empty() && ends_.front() <= now; ends_.pop_front()) tickets.use();
        if (changed || now >= next_report_at_) send_report();
    }

    void send_report() {
        run::EngineReport report;
        report.lease_round = kRound;
        report.leases = accounts();
        report.lease_returns = std::exchange(returns_, {});
        reports.emplace_back(now + latency, std::move(report));
        next_report_at_ = now + 1s;
        changed = false;
    }

    [[nodiscard]] std::vector<run::LeaseAccount> accounts() const {
        return {{kLimit, "limit", total_, tickets.holding()},
                {kRows, "rows.csv", total_, rows.holding()}};
    }

    /// A user would do something.
    void use_one(std::set<std::int64_t>& rows_seen) {
        if (tickets.supply() == user::Supply::Now) {
            tickets.take();
            ends_.push_back(now + 3ms);
        } else if (tickets.supply() == user::Supply::Later) {
            tickets.miss();
            ++waits;
        }
        if (rows.holding().here() == 0) return ask_for_row();
        REQUIRE(rows_seen.insert(rows.take().value()).second);  // no row twice
    }

    LeaseDesk::Holder id;
    user::Tickets tickets{[] {}, [this] { changed = true; }};
    user::LentRowNumbers rows{[this] { changed = true; }};
    std::deque<std::pair<TimePoint, run::EngineReport>> reports;
    std::vector<run::LeaseGrant> granted;
    std::chrono::milliseconds latency{5};
    TimePoint now{};
    bool alive = true;
    bool changed = false;
    bool closed = false;
    bool rows_closed = false;
    int waits = 0;
    int recalls = 0;

private:
    void send(std::function<void()> command) {
        commands_.emplace_back(now + latency, std::move(command));
    }
    /// As take() does when there is none; but nobody waits here.
    void ask_for_row() {
        if (rows_closed || rows.holding().need == user::Need::Now) return;
        rows.miss();
        ++waits;
    }

    std::int64_t total_;
    std::deque<std::pair<TimePoint, std::function<void()>>> commands_;
    std::vector<run::LeaseReturn> returns_;
    std::deque<TimePoint> ends_;  ///< of what is under way
    TimePoint next_report_at_{};
};

/// A desk and its workers, in steps of a millisecond.
struct World {
    World(std::int64_t tickets, std::size_t workers, LeaseDeskOptions options = {})
        : total(tickets), desk(std::move(options)) {
        desk.begin_test(kRound);
        for (std::size_t index = 0; index < workers; ++index) add();
    }

    FakeWorker& add() {
        all.push_back(std::make_unique<FakeWorker>(all.size() + 1, total));
        all.back()->now = now;
        desk.add(all.back()->id, *all.back());
        return *all.back();
    }

    /// `use`: so many tries of each worker.
    void step(const std::function<int(FakeWorker&)>& use) {
        now += 1ms;
        for (const auto& worker : all) {
            worker->now = now;
            while (!worker->reports.empty() && worker->reports.front().first <= now) {
                const run::EngineReport report = std::move(worker->reports.front().second);
                worker->reports.pop_front();
                desk.on_report(worker->id, report, now);
            }
            if (!worker->alive) continue;
            for (int count = use(*worker); count > 0; --count) worker->use_one(rows_seen);
            worker->work(now);
        }
        if (now >= desk.next_deadline()) desk.on_time(now);
        REQUIRE(used() + under_way() <= total + desk.uncertain(kLimit).more);
    }

    /// It and what it has not delivered is gone.
    void kill(FakeWorker& worker) {
        worker.alive = false;
        worker.reports.clear();
    }

    [[nodiscard]] std::int64_t used() const {
        std::int64_t used = 0;
        for (const auto& worker : all) used += worker->tickets.used();
        return used;
    }
    /// Of the dead too: nobody knows whether it was done.
    [[nodiscard]] std::int64_t under_way() const {
        std::int64_t taken = 0;
        for (const auto& worker : all) taken += worker->tickets.taken();
        return taken;
    }
    [[nodiscard]] std::int64_t rows_used() const {
        std::int64_t used = 0;
        for (const auto& worker : all) used += worker->rows.holding().used;
        return used;
    }
    [[nodiscard]] bool all_closed() const {
        return std::all_of(all.begin(), all.end(), [](const auto& worker) {
            return !worker->alive || (worker->closed && worker->rows_closed);
        });
    }
    void run_until_closed(const std::function<int(FakeWorker&)>& use) {
        for (int steps = 0; steps < 100'000 && !all_closed(); ++steps) step(use);
        REQUIRE(all_closed());
    }

    std::int64_t total;
    TimePoint now = TimePoint(std::chrono::hours(1));
    LeaseDesk desk;
    std::vector<std::unique_ptr<FakeWorker>> all;
    std::set<std::int64_t> rows_seen;
};

TEST_CASE("with nobody dying all is used, and nothing twice") {
    // Goal: N tickets over W workers: never more than N spent, exactly N in the end, each row once;
    // whoever is fast, slow, or has no users at all.
    // Method: a thousand random worlds; workers join while it goes on. Seen to catch: a return that
    // is also kept (rows twice), a block that is cut one too long (N exceeded), a recall that is
    // forgotten (never complete).
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        const auto below = [&random](std::uint64_t count) {
            return static_cast<std::int64_t>(random() % count);
        };
        World world(below(4) == 0 ? below(10) : below(3000), 1 + random() % 6);
        std::vector<std::int64_t> speed(20);
        for (auto& one : speed) one = below(3) == 0 ? 0 : below(100);
        speed[random() % world.all.size()] = 50;  // somebody works
        for (const auto& worker : world.all) worker->latency = std::chrono::milliseconds(below(60));
        for (int steps = 0; steps < 100'000 && !world.all_closed(); ++steps) {
            if (below(500) == 0 && world.all.size() < 12) world.add();
            world.step([&](const FakeWorker& worker) {
                return below(100) < speed[worker.id] ? static_cast<int>(below(4)) : 0;
            });
        }
        REQUIRE(world.all_closed());
        REQUIRE(world.used() == world.total);
        REQUIRE(world.rows_used() == world.total);
    }
}

TEST_CASE("nobody waits for a ticket while more than a twentieth is left") {
    // Goal: blocks come before they are needed. Method: four workers of different speed, 20 ms of
    // round trip, 100,000 tickets of which 20,000 go in a second: count those who found none.
    World world(100'000, 4);
    for (const auto& worker : world.all) worker->latency = 10ms;
    std::mt19937_64 random(1);
    const auto use = [&random](const FakeWorker& worker) {
        return static_cast<int>(random() % 4 * worker.id + worker.id);
    };
    for (int steps = 0; steps < 40; ++steps) world.step([](FakeWorker&) { return 0; });
    while (world.used() < world.total * 95 / 100) world.step(use);
    for (const auto& worker : world.all) CHECK(worker->waits == 0);
    world.run_until_closed(use);
    CHECK(world.used() == world.total);
}

TEST_CASE("what lies idle is called back for who needs it") {
    // Goal: a worker without users does not keep anything from the others; it has no part in it
    // afterwards. Method: one of two has users.
    World world(1000, 2);
    const auto use = [](const FakeWorker& worker) { return worker.id == 1 ? 1 : 0; };
    world.run_until_closed(use);
    CHECK(world.all[0]->tickets.used() == 1000);
    CHECK(world.all[1]->tickets.used() == 0);
    CHECK(world.all[1]->recalls > 0);
    CHECK(world.all[1]->recalls < 60);  // by halves
}

TEST_CASE("what the dead had is uncertain, and bounded") {
    // Goal: with deaths N - u ... N are used, and u is what the desk says; who comes back counts
    // fully; the last words of a dead one make all of it certain.
    // Method: random worlds, in which workers die, with a journal or without. Seen to catch: what
    // was under way when somebody died is lent again.
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        World world(static_cast<std::int64_t>(random() % 2000), 2 + random() % 4);
        const bool has_journals = random() % 2 == 0;
        const auto use = [&random](const FakeWorker&) { return static_cast<int>(random() % 2); };
        const std::uint64_t dying = random() % (world.all.size() - 1);
        const TimePoint death = world.now + std::chrono::milliseconds(random() % 1000);
        while (world.now < death) world.step(use);
        for (std::uint64_t index = 0; index < dying; ++index) {
            FakeWorker& worker = *world.all[index];
            world.kill(worker);
            using LastWords = LeaseDesk::LastWords;
            world.desk.lose(
                worker.id, has_journals ? LastWords::Awaited : LastWords::None, world.now);
        }
        for (int steps = 0; steps < 50; ++steps) world.step(use);
        for (std::uint64_t index = 0; has_journals && index < dying; ++index) {
            const FakeWorker& worker = *world.all[index];
            world.desk.settle(worker.id, worker.accounts(), world.now);
        }
        world.run_until_closed(use);
        const auto uncertain = world.desk.uncertain(kLimit);
        CHECK(uncertain.more == 0);
        if (has_journals) CHECK(uncertain.fewer == world.under_way());
        CHECK(world.used() <= world.total);
        CHECK(world.used() >= world.total - uncertain.fewer);
        CHECK(world.rows_used() >= world.total - world.desk.uncertain(kRows).fewer);
    }
}

TEST_CASE("a journal that never comes is not waited for for ever") {
    // Goal: after kLastWords the others are told that there is no more. Method: one of two dies.
    World world(100, 2);
    for (int steps = 0; steps < 20; ++steps) world.step([](FakeWorker&) { return 0; });
    world.kill(*world.all[1]);
    world.desk.lose(2, LeaseDesk::LastWords::Awaited, world.now);
    const TimePoint lost_at = world.now;
    world.run_until_closed([](FakeWorker&) { return 1; });
    CHECK(world.now - lost_at >= LeaseDesk::kLastWords);
    CHECK(world.used() < 100);
    CHECK(world.used() + world.desk.uncertain(kLimit).fewer == 100);
}

TEST_CASE("reclaimed tickets may be used twice, and that is said") {
    // Goal: with reclaim_after the others get what a lost one had, after that time; N is reached
    // and may be exceeded by what the desk says. Method: the lost one goes on using its own.
    World world(1000, 2, {.reclaim_after = 5s, .arrivals = {}});
    for (int steps = 0; steps < 20; ++steps) world.step([](FakeWorker&) { return 0; });
    FakeWorker& lost = *world.all[1];
    const std::int64_t held = lost.tickets.here();
    REQUIRE(held > 0);
    world.kill(lost);
    world.desk.lose(2, LeaseDesk::LastWords::None, world.now);
    for (int steps = 0; steps < 4900; ++steps) world.step([](FakeWorker&) { return 1; });
    CHECK(world.used() == 1000 - held);
    CHECK_FALSE(world.all_closed());
    while (lost.tickets.here() > 0) {
        lost.tickets.take();
        lost.tickets.use();
    }
    for (int steps = 0; steps < 2000; ++steps) world.step([](FakeWorker&) { return 1; });
    CHECK(world.all_closed());
    CHECK(world.used() == 1000 + held);
    CHECK(world.desk.uncertain(kLimit).more == held);
    CHECK(world.desk.uncertain(kLimit).fewer == 0);
}

TEST_CASE("who was only silent goes on with what it has") {
    // Goal: a worker that is lost and found again counts fully. Method: lose it, find it, finish.
    World world(1000, 3);
    for (int steps = 0; steps < 50; ++steps) world.step([](FakeWorker&) { return 1; });
    world.desk.lose(2, LeaseDesk::LastWords::None, world.now);
    CHECK(world.desk.uncertain(kLimit).fewer > 0);
    for (int steps = 0; steps < 50; ++steps) world.step([](FakeWorker&) { return 1; });
    world.desk.find_again(2, *world.all[1], world.now);
    world.run_until_closed([](FakeWorker&) { return 1; });
    CHECK(world.used() == 1000);
    CHECK(world.desk.uncertain(kLimit).fewer == 0);
}

TEST_CASE("nodes that do not agree on how much there is are told so") {
    // Goal: a worker with another version of a file does not go unnoticed. Method: two totals.
    World world(100, 2);
    run::EngineReport report;
    report.lease_round = kRound;
    report.leases = {{kRows, "accounts.csv", 100, {}}};
    world.desk.on_report(1, report, world.now);
    CHECK(world.desk.complaint().empty());
    report.leases.front().total = 90;
    world.desk.on_report(2, report, world.now);
    CHECK(world.desk.complaint() == "accounts.csv: one node has 100 of them, another 90");
}

TEST_CASE("accounts that cannot be are not believed") {
    // Goal: whatever a broken worker says, nothing is lent twice. Method: accounts that take back
    // what was used, or have used more than was granted.
    World world(100, 1);
    for (int steps = 0; steps < 20; ++steps) world.step([](FakeWorker&) { return 0; });
    const std::int64_t held = world.all.front()->tickets.here();
    REQUIRE(held > 0);
    run::EngineReport report;
    report.lease_round = kRound;
    report.leases = {{kLimit, "limit", 100, {.granted = 50, .used = 1'000'000}}};
    world.desk.on_report(1, report, world.now);
    report.leases = {{kLimit, "limit", 100, {.granted = 1'000, .used = -5}}};
    world.desk.on_report(1, report, world.now);
    report.leases.clear();
    report.lease_returns = {{kLimit, {.count = 1'000'000}}, {kRows, {.first = -7, .count = 3}}};
    world.desk.on_report(1, report, world.now);
    world.desk.lose(1, LeaseDesk::LastWords::None, world.now);
    CHECK(world.desk.uncertain(kLimit).fewer == held);
    CHECK(world.desk.uncertain(kRows).fewer == held);
    world.desk.find_again(1, *world.all.front(), world.now);
    world.run_until_closed([](FakeWorker&) { return 1; });
    CHECK(world.used() == 100);
}

// ---- arrivals -----------------------------------------------------------------------------------

constexpr LeaseKey kArrivals{LeaseKind::Arrivals, 0};

ArrivalRate constant_rate(double per_second, bool poisson) {
    ArrivalRate rate;
    rate.pieces = {{per_second, per_second, kForever}};
    rate.poisson = poisson;
    return rate;
}

/// Reports of a worker that begins its arrivals at once.
void report_arrivals(LeaseDesk& desk, FakeWorker& worker, TimePoint now) {
    worker.work(now);
    user::Holding held;
    for (const run::LeaseGrant& grant : worker.granted) held.granted += grant.block.count;
    held.used = held.granted;
    run::EngineReport report;
    report.lease_round = kRound;
    report.leases = {{kArrivals, "Buyer", 0, held}};
    desk.on_report(worker.id, report, now);
}

TEST_CASE("each arrival goes to one worker, before it is due") {
    // Goal: all planned arrivals and no other, evenly dealt out, at times that are those of the
    // schedule; a pause moves what is to come. Method: three workers, one joins, one is lost; the
    // times are computed from what was granted, as an engine does.
    for (const bool poisson : {false, true}) {
        CAPTURE(poisson);
        const ArrivalRate rate = constant_rate(1000, poisson);
        run::ArrivalSchedule schedule(rate, 5, 8000);
        LeaseDesk desk({.reclaim_after = {}, .arrivals = {{schedule, 10}}});
        desk.begin_test(kRound);
        TimePoint now(1h);
        std::deque<FakeWorker> workers;
        const auto add = [&] {
            workers.emplace_back(workers.size() + 1, 0).latency = 0ms;
            desk.add(workers.back().id, workers.back());
            report_arrivals(desk, workers.back(), now);
        };
        add();
        add();
        add();
        desk.begin_arrivals(now);
        const TimePoint zero = now + ArrivalLender::kFirstIn;
        for (int step = 0; step < 120; ++step, now += 100ms) {
            if (step == 20) add();
            if (step == 30) desk.lose(1, LeaseDesk::LastWords::None, now);
            if (step == 40) desk.pause(now);
            if (step == 50) desk.resume(now);
            if (now >= desk.next_deadline()) desk.on_time(now);
            for (FakeWorker& worker : workers) {
                worker.now = now;
                if (worker.id != 1 || step < 30) report_arrivals(desk, worker, now);
            }
        }
        std::set<std::int64_t> seen;
        for (const FakeWorker& worker : workers) {
            for (const run::LeaseGrant& grant : worker.granted) {
                REQUIRE(grant.arrivals);
                run::ArrivalSchedule theirs(rate, 5, 8000);
                theirs.go_to({static_cast<std::uint64_t>(grant.arrivals->number),
                              grant.arrivals->due,
                              grant.arrivals->random_state});
                theirs.advance(
                    static_cast<std::uint64_t>(grant.block.first - grant.arrivals->number));
                CHECK(grant.arrivals->zero >= zero);
                CHECK(grant.arrivals->zero <= zero + 1s);
                for (std::int64_t index = 0; index < grant.block.count; ++index) {
                    REQUIRE(theirs.planned().has_value());
                    REQUIRE(seen.insert(static_cast<std::int64_t>(theirs.number())).second);
                    theirs.advance(static_cast<std::uint64_t>(grant.block.stride));
                }
            }
        }
        CHECK(seen.size() == 8000);
        CHECK(*seen.rbegin() == 7999);
        CHECK(workers[0].granted.front().arrivals->max_users == 4);  // 10 over 3
        CHECK(workers[1].granted.back().arrivals->max_users == 4);
        CHECK(workers[3].granted.back().arrivals->max_users == 3);
    }
}

TEST_CASE("arrivals of who died with last words are begun by others") {
    // Goal: the part of a block that a journal says was not begun is lent again, with times.
    // Method: a worker has begun 3 of what it was granted when it dies.
    run::ArrivalSchedule schedule(constant_rate(100, false), 1, 50);
    LeaseDesk desk({.reclaim_after = {}, .arrivals = {{schedule, 10}}});
    desk.begin_test(kRound);
    TimePoint now(1h);
    FakeWorker dying(1, 0);
    FakeWorker other(2, 0);
    dying.latency = other.latency = 0ms;
    desk.add(1, dying);
    report_arrivals(desk, dying, now);
    desk.begin_arrivals(now);
    dying.work(now);
    REQUIRE(dying.granted.size() == 1);
    REQUIRE(dying.granted.front().block == user::TicketBlock{0, 50, 1});
    desk.lose(1, LeaseDesk::LastWords::Awaited, now);
    CHECK(desk.uncertain(kArrivals).fewer == 50);
    desk.add(2, other);
    report_arrivals(desk, other, now);
    desk.settle(1, {{kArrivals, "Buyer", 0, {.granted = 50, .used = 3}}}, now);
    other.work(now);
    REQUIRE(other.granted.size() == 1);
    CHECK(other.granted.front().block == user::TicketBlock{3, 47, 1});
    CHECK(desk.uncertain(kArrivals).fewer == 0);
}

}  // namespace
}  // namespace cicada::cluster
