// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cluster/journal.hpp"
#include "cluster/log_tail.hpp"
#include "cluster/messages.hpp"
#include "run/engine_link.hpp"
#include "run/engine_report.hpp"
#include "run/run_machine.hpp"

namespace cicada::cluster {

using run::Moment;

/// The way to the master, as a worker's machine sees it. Nothing it is given is sure to arrive.
class MasterLink {
public:
    MasterLink() = default;
    MasterLink(const MasterLink&) = delete;
    MasterLink& operator=(const MasterLink&) = delete;
    virtual ~MasterLink() = default;

    virtual void send(const FromWorker& message) = 0;

    /// Closes the socket and opens it again, with the same id.
    virtual void reopen() = 0;
};

/// Requests this process has on the wire; see Beat.
struct WireCounts {
    std::uint64_t started = 0;
    std::uint64_t finished = 0;
};

struct Usage {
    double cpu_percent = 0;
    std::int64_t memory_bytes = 0;
};

/// What a worker is and how it behaves.
struct WorkerOptions {
    std::string id{};               ///< of the node: `<hostname>_<hex>`
    std::uint64_t incarnation = 0;  ///< random, of this process; never 0
    std::string version{};          ///< of the program
    std::uint32_t processors = 1;
    std::string test_hash{};
    std::string test_complaint{};        ///< why it could not be loaded
    std::vector<std::string> classes{};  ///< in the engine's order, those of open models last
    std::size_t planned_classes = 0;     ///< the others

    /// How long it goes on without a word of its master, users and all.
    std::chrono::nanoseconds lost_after = std::chrono::seconds(60);

    /// What only a Cicada master can share out among workers, a few words each: limits and the
    /// like. Under a Locust master they refuse the test, unless `local_limits`: then each worker
    /// has all of them.
    std::vector<std::string> shared_things{};
    bool local_limits = false;
    bool reset_when_spawned = false;

    Moment started{};  ///< what the engine's clocks said when it began to measure

    /// Learns which reports have been delivered; null: nobody reads what a crash leaves.
    Journal* journal = nullptr;

    std::function<WireCounts()> wire_counts{};
    std::function<Usage()> usage{};
};

/// What the parts of a worker's machine share.
struct WorkerContext {
    const WorkerOptions& options;
    run::EngineLink& engine;
    MasterLink& link;
    LogTail& log;
    run::EngineReport status{};  ///< the last one, without what was gained since
};

/// How a worker speaks with the master it has found: Locust's way or Cicada's. Knows no thread and
/// reads no clock.
class MasterDialect {
public:
    MasterDialect() = default;
    MasterDialect(const MasterDialect&) = delete;
    MasterDialect& operator=(const MasterDialect&) = delete;
    virtual ~MasterDialect() = default;

    virtual void on_message(const FromMaster& message, const Moment& now) = 0;
    virtual void on_report(run::EngineReport&& report, const Moment& now) = 0;
    virtual void on_time(const Moment& now) = 0;
    [[nodiscard]] virtual base::TimePoint next_deadline() const = 0;

    /// Ends the test if there is one, and the worker with it. More than once: nothing.
    virtual void leave(const Moment& now) = 0;

    /// After leave(): everything has been told, as far as this master can be told anything.
    [[nodiscard]] virtual bool all_told() const = 0;

    /// How many requests it could not tell anybody of, at the end.
    [[nodiscard]] virtual std::uint64_t untold_requests() const = 0;

    /// Why worker and master do not fit together; nothing: they do.
    [[nodiscard]] virtual const std::optional<std::string>& refusal() const = 0;

    [[nodiscard]] virtual run::State state() const = 0;
    [[nodiscard]] virtual std::chrono::nanoseconds heartbeat_period() const = 0;
    [[nodiscard]] virtual std::optional<Beat> next_beat(const Moment& now) = 0;
};

}  // namespace cicada::cluster
