// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "run/node_place.hpp"
#include "run/snapshot.hpp"
#include "run/spawn_plan.hpp"

namespace cicada::run {

/// How a test begins.
struct TestBegin {
    std::uint64_t statistics_epoch = 0;
    std::string host{};  ///< for all classes; empty: each has its own

    // What a worker takes from its master; nothing: what its own command line says.
    std::optional<std::chrono::nanoseconds> stop_timeout{};
    std::optional<std::chrono::nanoseconds> drain_timeout{};
    std::vector<std::pair<std::string, std::string>> settings{};  ///< ("tags", "read, write")
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
};

}  // namespace cicada::run
