// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "run/control.hpp"
#include "web/server.hpp"

namespace cicada::web {

/// A field of a form; nothing: it was not sent.
using FormField = std::function<std::optional<std::string>(const std::string& name)>;

/// POST /swarm: starts a test, or changes the one that runs.
///
/// Returns the JSON to answer with, status 200 whatever came of it.
/// Source: Locust, web.py, swarm(), for the fields user_count, spawn_rate, host and run_time.
[[nodiscard]] std::string swarm(run::RunControl& run,
                                const ServerOptions& options,
                                const FormField& field);

}  // namespace cicada::web
