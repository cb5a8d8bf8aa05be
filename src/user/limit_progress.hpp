// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace cicada::user {

/// What a limit counts.
enum class LimitKind : std::uint8_t {
    Executions,         ///< of a task, or visits of a task set: `.limit`
    Requests,           ///< recorded or aborted, of a task or a task set: `.request_limit`
    Iterations,         ///< executions of all tasks of a class, or of the whole test
    ExecutionsPerUser,  ///< `.limit_per_user`
    IterationsPerUser,
};

/// How far one limit of the running test is used up. A plain value.
struct LimitProgress {
    std::string name{};  ///< "Shopper.checkout"; of a class its name; of the whole test "all tasks"
    LimitKind kind = LimitKind::Executions;
    std::int64_t total = 0;    ///< per user: of one user
    std::int64_t done = 0;     ///< per user: of all users together
    std::int64_t cut_off = 0;  ///< of those done: a kill or a cancellation ended them early

    // Where workers of a cluster have died without last words.
    std::int64_t uncertain = 0;  ///< more may have been done, so many at most
    std::int64_t beyond = 0;  ///< of those reclaimed from them: `total` may be exceeded by so many

    [[nodiscard]] bool per_user() const {
        return kind == LimitKind::ExecutionsPerUser || kind == LimitKind::IterationsPerUser;
    }
    /// Never of a limit per user: there may always come another user.
    [[nodiscard]] bool reached() const { return !per_user() && done >= total; }

    bool operator==(const LimitProgress&) const = default;
};

}  // namespace cicada::user
