// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fiber/stream.hpp"
#include "http/exchange.hpp"
#include "http/limits.hpp"
#include "http/message_parser.hpp"

namespace cicada::http {

/// How a response is to be read.
struct ReadRules {
    const Limits& limits;
    BodyBudget& budget;
    fiber::TimePoint deadline = fiber::kNever;
    std::chrono::nanoseconds timeout{};  ///< what `deadline` came from; for the texts
    bool headless = false;               ///< the answer to HEAD
    bool discard_body = false;
};

/// Reads one response from a stream into an Exchange, within its limits.
///
/// When it fails, the exchange's error says why and nothing of the response is kept.
class ResponseReader final : private BodySink {
public:
    enum class Outcome : std::uint8_t {
        Complete,
        Continue,     ///< only of read_until_continue(): send the body
        NothingCame,  ///< closed or reset before the first byte
        Failed,
    };

    ResponseReader(fiber::Stream& stream, Exchange& exchange, const ReadRules& rules);

    /// The whole final response. Suspends; a cancellation point.
    Outcome read();

    /// Waits for `100 Continue` until `patience`, which gives Continue as well; a final response
    /// that comes instead is read. Suspends; a cancellation point.
    Outcome read_until_continue(fiber::TimePoint patience);

    /// The connection may carry another exchange: the response was complete, said nothing against
    /// it and had nothing behind it.
    [[nodiscard]] bool connection_is_reusable() const;

    [[nodiscard]] const NotedFields& noted() const { return parser_.noted(); }

private:
    bool take_body(std::string_view bytes) override;

    Outcome on_receive_error(int error);
    Outcome on_end();
    void consume(std::string_view bytes);
    std::size_t parse(std::string_view bytes);
    std::size_t parse_head(std::string_view bytes);
    void on_interim();
    void check_announced_length();
    void join_folded_lines();
    void check_parser();
    Outcome complete();
    Outcome fail(std::string why);

    fiber::Stream& stream_;
    Exchange& exchange_;
    const ReadRules rules_;
    ResponseParser parser_;  // starts anew after an interim answer
    std::string pending_;    // not consumed yet: a part of a line
    std::uint64_t received_ = 0;
    std::uint64_t body_received_ = 0;
    std::string_view refusal_;
    int interim_answers_ = 0;
    bool continued_ = false;
    bool left_over_ = false;
};

/// `2 s`, `500 ms`, `1.5 s`.
[[nodiscard]] std::string text_of(std::chrono::nanoseconds time);

}  // namespace cicada::http
