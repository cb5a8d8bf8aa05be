// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "run/snapshot.hpp"

namespace cicada::web {

inline constexpr std::size_t kMostRows = 500;  ///< of entries and of errors, as in Locust

/// The answer of GET /stats/requests. Times are milliseconds with up to three decimals, rates per
/// second. Source of the keys: Locust, web.py, request_stats().
[[nodiscard]] std::string statistics_json(const run::Snapshot& snapshot, base::WallTime now);

/// The answer of GET /exceptions.
[[nodiscard]] std::string exceptions_json(const run::Snapshot& snapshot);

/// The answer of GET /health.
[[nodiscard]] std::string health_json(const run::Snapshot& snapshot);

}  // namespace cicada::web
