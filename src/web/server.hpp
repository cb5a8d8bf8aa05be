// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "run/control.hpp"

namespace cicada::web {

struct ServerOptions {
    std::string host = "127.0.0.1";  ///< a name or literal address; `*` or empty: all interfaces
    std::uint16_t port = 8089;       ///< 0: any free one

    // What the form on the page starts with, and /swarm takes when nothing is said.
    std::optional<std::int64_t> users{};
    std::optional<double> spawn_rate{};
    std::optional<std::string> target_host{};
    std::optional<std::chrono::nanoseconds> run_time{};
};

/// The page and the HTTP API of a run, on threads of its own.
///
/// Everything it shows and does goes through RunControl and Snapshot.
/// Source: paths and keys are Locust's, web.py.
class Server {
public:
    /// Listens from here on. `run` outlives this.
    /// Error: base::Error, exit code 1, when the port is taken or the address is not ours.
    Server(run::RunControl& run, const ServerOptions& options);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();  ///< requests under way are answered first

    [[nodiscard]] std::string url() const;  ///< where a browser on this machine finds it

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cicada::web
