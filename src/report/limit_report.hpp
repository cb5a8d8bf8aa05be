// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "report/tables.hpp"
#include "user/limit_progress.hpp"

namespace cicada::report {

/// "612/1,000 requests", "185 executions, 5 for each user".
[[nodiscard]] std::string progress_text(const user::LimitProgress& limit);

/// How far each limit was used up, for the end of a run; empty when there is none.
[[nodiscard]] Lines limit_report(const std::vector<user::LimitProgress>& limits);

}  // namespace cicada::report
