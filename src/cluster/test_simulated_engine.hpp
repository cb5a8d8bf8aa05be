// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "run/engine_link.hpp"
#include "run/engine_report.hpp"
#include "user/lent_rows.hpp"
#include "user/tickets.hpp"

// The engine of a simulated worker: users without fibers, real tickets, in the test's time.
namespace cicada::cluster {

/// What really happened in one test, whoever has died since.
struct Truth {
    std::int64_t spent = 0;
    std::int64_t requests = 0;
    std::set<std::int64_t> rows{};
    bool row_twice = false;
};

/// Of each test, by its seed: each reign of a master has another one.
using Truths = std::map<std::uint64_t, Truth>;

class SimulatedEngine final : public run::EngineLink {
public:
    static constexpr run::LeaseKey kLimit{run::LeaseKind::Limit, 0};
    static constexpr run::LeaseKey kRows{run::LeaseKind::Rows, 0};

    SimulatedEngine(std::int64_t total, Truths& truths) : total_(total), truths_(truths) {
        report_.users = {0};
    }

    void begin_test(const run::TestBegin& begin) override {
        report_.tests_begun += 1;
        report_.statistics_epoch = begin.statistics_epoch;
        report_.lease_round = begin.lease_round;
        report_.nothing_left = false;
        seed_ = begin.seed.value_or(0);
        tickets_.clear();
        rows_ = std::make_unique<user::LentRowNumbers>([this] { has_news_ = true; });
        rows_closed_ = false;
        returns_.clear();
        requests_ = 0;
        is_testing_ = true;
        has_news_ = true;
    }
    void take_step(run::SpawnStep step) override {
        for (const run::PlannedUser& user : step.start) {
            if (is_testing_ && !report_.nothing_left) users_.insert(user.number);
        }
        for (const std::int64_t number : step.stop) users_.erase(number);
        report_.steps_done += 1;
        count_users();
    }
    void pause() override { is_paused_ = true; }
    void resume() override { is_paused_ = false; }
    void announce_spawned(std::int64_t) override {}
    void end_test() override {
        is_testing_ = false;
        users_.clear();
        report_.tests_ended = report_.tests_begun;
        count_users();
    }
    void reset_statistics(std::uint64_t epoch) override { report_.statistics_epoch = epoch; }
    void tell(const run::RunNews&) override {}
    void leave() override {
        report_.has_left = true;
        has_news_ = true;
    }
    void deliver(run::Letter) override {}
    void disable_task(std::string) override {}
    void grant(const run::LeaseGrant& grant) override {
        if (grant.key == kLimit) tickets_.grant(grant.block.count);
        if (grant.key == kRows) rows_->grant(grant.block);
        has_news_ = true;
    }
    void recall(run::LeaseKey key, std::int64_t most) override {
        if (key == kRows) {
            for (const auto& block : rows_->recall(most)) returns_.push_back({key, block});
        } else if (const std::int64_t count = tickets_.recall(most); count > 0) {
            returns_.push_back({key, {.count = count}});
        }
        has_news_ = true;
    }
    void close(run::LeaseKey key) override {
        if (key == kLimit) tickets_.close();
        if (key == kRows) rows_closed_ = true;
        has_news_ = true;
    }

    /// Each user does something with this chance.
    void work(std::mt19937_64& random, double chance) {
        if (!is_testing_ || is_paused_ || users_.empty()) return;
        std::bernoulli_distribution acts(chance);
        for (std::size_t user = 0; user < users_.size(); ++user) {
            if (acts(random)) act();
        }
        if (tickets_.supply() == user::Supply::Never) {  // nobody has anything left to do
            report_.nothing_left = true;
            users_.clear();
            count_users();
        }
    }

    [[nodiscard]] bool has_news() const { return has_news_; }
    [[nodiscard]] std::uint64_t tests_begun() const { return report_.tests_begun; }
    [[nodiscard]] std::uint64_t seed() const { return seed_; }

    [[nodiscard]] run::EngineReport take_report() {
        run::EngineReport report = report_;
        if (requests_ > 0) {
            stats::EntryDelta entry;
            entry.key = std::make_shared<const stats::EntryKey>(
                stats::EntryKey{"GET", std::to_string(seed_)});
            entry.counts.requests = std::exchange(requests_, 0);
            report.delta.entries.push_back(std::move(entry));
        }
        if (report.lease_round > 0) {
            report.limits = {{.name = "limit", .total = total_, .done = tickets_.used()}};
            report.leases = {{kLimit, "limit", total_, tickets_.holding()},
                             {kRows, "rows", total_, rows_->holding()}};
            report.lease_returns = std::exchange(returns_, {});
        }
        has_news_ = false;
        return report;
    }

    [[nodiscard]] std::string state() const {
        const user::Holding held = tickets_.holding();
        return fmt::format(
            "{} users, test {}, round {}, {} steps, {}: {} granted, {} used, {} returned, need {}",
            users_.size(),
            seed_,
            report_.lease_round,
            report_.steps_done,
            report_.nothing_left ? "nothing left"
            : is_testing_        ? "testing"
                                 : "idle",
            held.granted,
            held.used,
            held.returned,
            static_cast<int>(held.need));
    }

private:
    void act() {
        if (tickets_.supply() == user::Supply::Later) tickets_.miss();
        if (tickets_.supply() != user::Supply::Now) return;
        tickets_.take();
        tickets_.use();
        requests_ += 1;
        Truth& truth = truths_[seed_];
        truth.spent += 1;
        truth.requests += 1;
        if (rows_->holding().here() > 0) {
            if (!truth.rows.insert(rows_->take().value()).second) truth.row_twice = true;
        } else if (!rows_closed_) {
            rows_->miss();
        }
    }

    void count_users() {
        report_.user_count = static_cast<std::int64_t>(users_.size());
        report_.users = {report_.user_count};
        has_news_ = true;
    }

    std::int64_t total_;
    Truths& truths_;
    run::EngineReport report_{};
    std::set<std::int64_t> users_{};
    user::Tickets tickets_{[] {}, [this] { has_news_ = true; }};
    std::unique_ptr<user::LentRowNumbers> rows_{};
    std::vector<run::LeaseReturn> returns_{};
    std::uint64_t seed_ = 0;
    std::uint64_t requests_ = 0;
    bool rows_closed_ = false;
    bool is_testing_ = false;
    bool is_paused_ = false;
    bool has_news_ = true;
};

/// The master's own: has no users, knows how much there is of everything.
class SimulatedOwnEngine final : public run::EngineLink {
public:
    explicit SimulatedOwnEngine(std::int64_t total) : total_(total) {}

    void begin_test(const run::TestBegin& begin) override {
        report.tests_begun += 1;
        report.statistics_epoch = begin.statistics_epoch;
        report.lease_round = begin.lease_round;
        report.leases = {{SimulatedEngine::kLimit, "limit", total_, {}},
                         {SimulatedEngine::kRows, "rows", total_, {}}};
    }
    void take_step(run::SpawnStep) override {}
    void pause() override {}
    void resume() override {}
    void announce_spawned(std::int64_t) override {}
    void end_test() override { report.tests_ended = report.tests_begun; }
    void reset_statistics(std::uint64_t epoch) override { report.statistics_epoch = epoch; }
    void tell(const run::RunNews&) override {}
    void leave() override { report.has_left = true; }
    void deliver(run::Letter) override {}
    void disable_task(std::string) override {}
    void grant(const run::LeaseGrant&) override {}
    void recall(run::LeaseKey, std::int64_t) override {}
    void close(run::LeaseKey) override {}

    run::EngineReport report{};

private:
    std::int64_t total_;
};

}  // namespace cicada::cluster
