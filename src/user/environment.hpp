// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "http/client.hpp"
#include "stats/recorder.hpp"

namespace cicada::user {

using std::chrono::nanoseconds;

class LiveUser;

/// What the users of a run share on its engine; filled by the run, and outlives all of them.
struct Environment {
    stats::Recorder& recorder;
    http::Engine& http;                ///< what the clients of an engine share
    std::string host{};                ///< of the command line; replaces those of the classes
    std::uint64_t seed = 0;
    std::string run_id{};              ///< first part of the identity in the trace header
    std::string trace_header{};        ///< its name; empty: none is sent
    std::filesystem::path test_folder{};  ///< where relative paths of file() start
    nanoseconds on_stop_limit = std::chrono::seconds(30);  ///< for on_stop of one user

    /// Called in a user's fiber when the whole run cannot go on, e.g. no host is given anywhere; at
    /// most once with the same text.
    std::function<void(const std::string& why)> fail_run{};

    /// Called as the last act of a user's fiber. Whoever destroys the LiveUser does so later, in
    /// another fiber or outside any.
    std::function<void(LiveUser&)> user_ended{};
};

}  // namespace cicada::user
