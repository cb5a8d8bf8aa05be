// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cicada/dry_run.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "http/answer_source.hpp"
#include "run/answer_counts.hpp"
#include "run/recorded_answers.hpp"

namespace cicada::run {

/// Who answers in a dry run: the test's on_dry_run(), else what was recorded, else a plain 200.
///
/// Threads: the engine's.
class Answers final : public http::AnswerSource {
public:
    static constexpr std::chrono::milliseconds kPlainLatency{100};  ///< if nothing else is said
    static constexpr std::size_t kMostNamed = 5;  ///< requests that nothing was recorded for

    /// `by_test` outlives this.
    Answers(const std::vector<detail::DryRunFunction>& by_test,
            std::optional<RecordedAnswers> recorded,
            std::chrono::nanoseconds plain_latency);

    http::MadeUpAnswer answer(const http::AskedRequest& request) override;

    [[nodiscard]] const AnswerCounts& counts() const { return counts_; }

    /// Requests that nothing was recorded for, "GET /cart"; the first kMostNamed. None without a
    /// record.
    [[nodiscard]] const std::set<std::string>& not_recorded() const { return not_recorded_; }

private:
    [[nodiscard]] http::MadeUpAnswer shown();
    [[nodiscard]] http::MadeUpAnswer refuse(std::string why);
    void note_not_recorded(const http::AskedRequest& request);

    const std::vector<detail::DryRunFunction>& by_test_;
    std::optional<RecordedAnswers> recorded_;
    AnswerCounts counts_{};
    std::set<std::string> not_recorded_{};

    // What the last answer refers to.
    DryRunAnswer given_{};
    std::string fields_{};
};

}  // namespace cicada::run
