// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cicada/client.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "http/client.hpp"
#include "stats/recorder.hpp"
#include "user/gate.hpp"
#include "user/ticket_office.hpp"

namespace cicada::user {

using std::chrono::nanoseconds;

class LiveUser;

/// Client options made ready, once for all users that give the same.
class ClientProfiles {
public:
    /// `options` and, where they say nothing, `defaults`; the latter and `trace_header` are the
    /// same in each call. Shape: the first 100 different options are shared; others are made anew.
    std::shared_ptr<const http::ClientProfile> find(const ClientOptions& options,
                                                    const ClientOptions& defaults,
                                                    const std::string& trace_header);

private:
    std::vector<std::pair<ClientOptions, std::shared_ptr<const http::ClientProfile>>> profiles_;
};

/// Lets the first lines of each second through, so that a test whose every task throws still has a
/// readable log.
class LogGate {
public:
    static constexpr int kMostPerSecond = 10;

    /// Logs `text` as an error, or counts it; the count is logged in a later second.
    void log(const std::string& text, base::TimePoint now);

private:
    base::TimePoint second_{};
    int lines_ = 0;
    std::int64_t hidden_ = 0;
};

/// What the users of a run share on its engine; filled by the run, and outlives all of them.
struct Environment {
    stats::Recorder& recorder;
    http::Network& network;  ///< outlives the responses that a test keeps: until the program ends
    std::string host{};      ///< of the command line; replaces those of the classes
    std::string host_if_none{};  ///< of classes for which neither says one; empty: it is an error
    std::uint64_t seed = 0;
    std::string run_id{};                 ///< first part of the identity in the trace header
    std::string trace_header{};           ///< its name; empty: none is sent
    std::filesystem::path test_folder{};  ///< where relative paths of file() start
    ClientOptions client_defaults{};      ///< of the command line; a class's own come first
    nanoseconds on_stop_limit = std::chrono::seconds(30);  ///< for on_stop of one user

    /// A user runs each of its tasks, those in task sets too, once, in the order they were declared
    /// in and without waits, and ends. interrupt() and stop_user() end a task and nothing else.
    bool each_task_once = false;
    http::WireObserver* wire_observer = nullptr;  ///< of every client; null: nobody looks on

    /// Called in a user's fiber when the whole run cannot go on, e.g. no host is given anywhere; by
    /// each user that finds so.
    std::function<void(const std::string& why)> fail_run{};

    /// Called in a user's fiber to stop the test gracefully, e.g. when its data is used up.
    std::function<void()> stop_run{};

    /// Called as the last act of a user's fiber. Whoever destroys the LiveUser does so later, in
    /// another fiber or outside any.
    std::function<void(LiveUser&)> user_ended{};

    Gate gate{};  ///< passed by each user before each task

    TicketOffice tickets{};
    ClientProfiles client_profiles{};
    LogGate exception_log{};
};

}  // namespace cicada::user
