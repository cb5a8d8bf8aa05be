// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "http/answer_source.hpp"

namespace cicada::run {

/// Answers that `--once --record FILE` has written down.
///
/// A request gets one recorded for its method and target (path and query, whatever the host), or
/// else for its method and name; where there are several, each in turn, and over again.
class RecordedAnswers {
public:
    static constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;  ///< of a file

    RecordedAnswers() = default;
    RecordedAnswers(RecordedAnswers&&) = default;  // what it shows refers into itself
    RecordedAnswers& operator=(RecordedAnswers&&) = default;
    RecordedAnswers(const RecordedAnswers&) = delete;
    RecordedAnswers& operator=(const RecordedAnswers&) = delete;
    ~RecordedAnswers() = default;

    /// Error: a line for the person, "shop.jsonl:3: ...".
    static base::Result<RecordedAnswers> read(const std::string& file);

    /// `text` is what stands in `file`. Error: as read().
    static base::Result<RecordedAnswers> parse(std::string_view text, const std::string& file);

    /// Null: none is recorded for it.
    [[nodiscard]] const http::MadeUpAnswer* next(const http::AskedRequest& request);

    [[nodiscard]] std::size_t size() const { return answers_.size(); }

private:
    /// Owns what a MadeUpAnswer refers to.
    struct Answer {
        std::string method{};
        std::string name{};  ///< empty: none was given, or it is a redirect that was followed
        std::string target{};
        std::string reason{};
        std::string fields{};
        std::string body{};
        std::string error{};
        http::MadeUpAnswer shown{};
    };
    struct Turn {
        std::vector<std::uint32_t> answers{};
        std::size_t next = 0;
    };

    static base::Result<Answer> answer_of(std::string_view line);
    void index();

    std::vector<Answer> answers_{};
    std::unordered_map<std::string, Turn> by_target_{};  ///< "GET /items/7"
    std::unordered_map<std::string, Turn> by_name_{};    ///< "GET /items/[id]"
    std::string key_{};
};

}  // namespace cicada::run
