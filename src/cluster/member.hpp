// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "cluster/messages.hpp"
#include "run/engine_link.hpp"
#include "run/engine_report.hpp"
#include "run/run_machine.hpp"
#include "stats/delta.hpp"

namespace cicada::cluster {

/// A message for a worker.
struct Outgoing {
    std::string id{};
    FromMaster message{};
};

/// What a worker has measured, and in which statistics epoch.
struct Gain {
    std::uint64_t epoch = 0;
    stats::Delta delta{};
    stats::MachineUse machine{};
    std::vector<run::Letter> letters{};  ///< to other nodes
};

/// A worker as its master sees it. What is asked of it as an EngineLink becomes messages; what it
/// says becomes an EngineReport. Pure: knows no clock and no socket.
class Member : public run::EngineLink {
public:
    /// Of a worker that was silent so long nothing is expected any more.
    static constexpr std::chrono::seconds kForgottenAfter{60};
    static constexpr std::size_t kMostLogLines = 500;  ///< kept of each worker
    static constexpr std::size_t kLongestLogLine = 4096;

    Member(std::string id, std::int64_t index, std::size_t classes);

    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] std::int64_t index() const { return index_; }
    [[nodiscard]] virtual bool is_cicada() const = 0;

    /// Its name at the lease desk: it can be lent to. Nothing: it knows nothing of limits.
    [[nodiscard]] virtual std::optional<std::uint64_t> holder() const = 0;

    /// How far it is, in the master's numbers: tests are counted as the master does, and steps_done
    /// is how many of steps_asked() are done. `delta` is always empty.
    [[nodiscard]] const run::EngineReport& status() const { return status_; }
    [[nodiscard]] std::uint64_t steps_asked() const { return steps_asked_; }
    [[nodiscard]] bool takes_part(std::uint64_t test) const { return last_test_ >= test; }

    /// Why it cannot run the test; empty: it can.
    [[nodiscard]] const std::string& complaint() const { return complaint_; }

    /// The test it is told to begin from now on has this number.
    void enter(std::uint64_t test) { last_test_ = test; }

    /// Messages that are due.
    virtual void send_due(std::vector<Outgoing>& out, const run::Moment& now) = 0;
    [[nodiscard]] virtual base::TimePoint next_deadline() const = 0;

    /// It cannot be helped: too much waits for it.
    [[nodiscard]] virtual bool hopeless() const { return false; }

    // What it said last of itself.
    run::State state = run::State::Ready;
    double cpu_percent = 0;
    std::optional<std::int64_t> memory_bytes{};
    base::TimePoint heard_at{};
    bool missing = false;
    bool withdraws = false;   ///< ends by itself: it wants no more users
    bool cpu_warned = false;  ///< a person was told that it is above kCpuWarning
    std::optional<Beat> beat{};
    base::TimePoint beat_at{};  ///< when that came

    void note_log(std::vector<std::string> lines);  ///< after those it has
    void replace_log(std::vector<std::string> lines);
    [[nodiscard]] const std::deque<std::string>& log() const { return log_; }

protected:
    std::string id_;
    std::int64_t index_;
    run::EngineReport status_{};
    std::uint64_t steps_asked_ = 0;
    std::uint64_t last_test_ = 0;
    std::string complaint_{};

private:
    std::deque<std::string> log_;
};

}  // namespace cicada::cluster
