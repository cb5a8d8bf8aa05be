// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "run/lease.hpp"
#include "run/node_place.hpp"
#include "run/snapshot.hpp"
#include "run/spawn_plan.hpp"

namespace cicada::run {

/// How a test begins, or how an engine joins one.
struct TestBegin {
    /// Number of the first user of an open model, which nobody numbers before it comes. Beyond
    /// those of all planned users.
    static constexpr std::int64_t kFirstGuest = 1'000'000'000'000;

    std::uint64_t statistics_epoch = 0;
    std::string host{};  ///< for all classes; empty: each has its own

    // What a worker takes from its master; nothing: what its own command line says.
    std::optional<std::chrono::nanoseconds> stop_timeout{};
    std::optional<std::chrono::nanoseconds> drain_timeout{};
    std::vector<std::pair<std::string, std::string>> settings{};  ///< ("tags", "read, write")
    std::optional<int> worker_index{};                            ///< from 0
    std::optional<int> worker_count{};

    /// Executions in the whole test, as EngineOptions; only with a lease_round.
    std::optional<std::int64_t> iterations{};

    /// Of all random choices; nothing: the engine's own. The same on all nodes.
    std::optional<std::uint64_t> seed{};

    /// Above 0: limits, unique rows and arrivals come by grant() alone; EngineReport names this
    /// number with its accounts. 0: the engine has all of them, at once.
    std::uint64_t lease_round = 0;

    std::int64_t first_guest = kFirstGuest;  ///< each engine of a test has another one
};

/// What listeners and tasks may know of the run; sent to the engine once a second.
struct RunNews {
    State state = State::Ready;
    std::int64_t user_count = 0;
    std::int64_t target_user_count = 0;
    std::chrono::nanoseconds elapsed{};
    std::uint64_t requests = 0;
    std::uint64_t failures = 0;
    double requests_per_s = 0;
    std::chrono::nanoseconds median{};
    std::chrono::nanoseconds p95{};
    std::chrono::nanoseconds p99{};
};

/// What control asks of an engine. Each call returns at once; the engine does them in order and
/// answers with EngineReport.
class EngineLink {
public:
    EngineLink() = default;
    EngineLink(const EngineLink&) = delete;
    EngineLink& operator=(const EngineLink&) = delete;
    virtual ~EngineLink() = default;

    virtual void begin_test(const TestBegin& begin) = 0;  ///< then tests_begun grows
    virtual void take_step(SpawnStep step) = 0;           ///< then steps_done grows
    virtual void pause() = 0;
    virtual void resume() = 0;
    virtual void announce_spawned(std::int64_t users) = 0;
    virtual void end_test() = 0;  ///< then tests_ended grows
    virtual void reset_statistics(std::uint64_t epoch) = 0;
    virtual void tell(const RunNews& news) = 0;
    virtual void leave() = 0;                 ///< then has_left is set
    virtual void deliver(Letter letter) = 0;  ///< from another node, whose id it has

    /// No user begins the task of that label any more, also in later tests.
    virtual void disable_task(std::string label) = 0;

    // Only in a test that was begun with a lease_round.

    virtual void grant(const LeaseGrant& grant) = 0;
    /// Gives back what nobody there has taken, at most so many; then `recalls` grows, and what was
    /// given back is in EngineReport::lease_returns.
    virtual void recall(LeaseKey key, std::int64_t most) = 0;
    virtual void close(LeaseKey key) = 0;  ///< there will be no more
};

}  // namespace cicada::run
