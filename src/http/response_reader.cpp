// SPDX-License-Identifier: Apache-2.0
#include "http/response_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace cicada::http {
namespace {

constexpr int kContinue = 100;
constexpr int kSwitchingProtocols = 101;
constexpr std::uint64_t kReservedAtOnceMax = std::uint64_t{1} << 20;

}  // namespace

std::string text_of(std::chrono::nanoseconds time) {
    const auto ms = std::chrono::duration<double, std::milli>(time).count();
    return ms < 1000 ? fmt::format("{:g} ms", ms) : fmt::format("{:g} s", ms / 1000);
}

ResponseReader::ResponseReader(fiber::Stream& stream, Exchange& exchange, const ReadRules& rules)
    : stream_(stream), exchange_(exchange), rules_(rules), parser_(*this, rules.headless) {
    exchange_.drop_response();
    exchange_.budget_ = &rules_.budget;
}

ResponseReader::Outcome ResponseReader::read() {
    while (true) {
        if (parser_.done()) return complete();
        const fiber::Chunk chunk = stream_.receive(rules_.deadline);
        if (chunk.error != 0) return on_receive_error(chunk.error);
        exchange_.times_.completed = chunk.completed;
        if (chunk.bytes.empty()) return on_end();
        consume(chunk.bytes);
        if (!exchange_.error_.empty()) return fail(std::move(exchange_.error_));
    }
}

ResponseReader::Outcome ResponseReader::read_until_continue(fiber::TimePoint patience) {
    while (!parser_.head_done()) {
        const fiber::Chunk chunk = stream_.receive(std::min(patience, rules_.deadline));
        if (chunk.error == ETIMEDOUT && patience < rules_.deadline) return Outcome::Continue;
        if (chunk.error != 0) return on_receive_error(chunk.error);
        exchange_.times_.completed = chunk.completed;
        if (chunk.bytes.empty()) return on_end();
        consume(chunk.bytes);
        if (!exchange_.error_.empty()) return fail(std::move(exchange_.error_));
        if (continued_ && !parser_.head_done()) return Outcome::Continue;
    }
    return read();
}

bool ResponseReader::connection_is_reusable() const {
    return parser_.done() && !left_over_ && exchange_.status_ != kSwitchingProtocols &&
           parser_.keep_alive();
}

void ResponseReader::consume(std::string_view bytes) {
    received_ += bytes.size();
    exchange_.counts_.bytes_received += bytes.size();
    if (pending_.empty()) {
        const std::size_t used = parse(bytes);
        if (used < bytes.size()) pending_.assign(bytes.substr(used));
    } else {
        pending_.append(bytes);
        pending_.erase(0, parse(pending_));
    }
    left_over_ = parser_.done() && !pending_.empty();
    if (exchange_.error_.empty() && !parser_.done() &&
        pending_.size() > rules_.limits.header_bytes) {
        exchange_.error_ =
            fmt::format("a chunk header exceeds {} bytes", rules_.limits.header_bytes);
    }
}

std::size_t ResponseReader::parse(std::string_view bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && exchange_.error_.empty() && !parser_.done()) {
        const auto rest = bytes.substr(used);
        const std::size_t taken = parser_.head_done() ? parser_.put(rest) : parse_head(rest);
        check_parser();
        if (taken == 0) break;
        used += taken;
        if (parser_.head_done() && exchange_.status_ == 0) {
            exchange_.status_ = parser_.status();
            if (parser_.noted().folded) join_folded_lines();
            check_announced_length();
            if (exchange_.status_ < 200 && exchange_.status_ != kSwitchingProtocols) on_interim();
        }
    }
    return used;
}

std::size_t ResponseReader::parse_head(std::string_view bytes) {
    const std::size_t taken = parser_.put(bytes);
    std::string& head = exchange_.buffer_;
    const std::size_t unparsed = parser_.head_done() ? 0 : bytes.size() - taken;
    if (head.size() + taken + unparsed > rules_.limits.header_bytes &&
        parser_.malformed() == nullptr) {
        exchange_.error_ =
            fmt::format("the response headers exceed {} bytes", rules_.limits.header_bytes);
        return taken;
    }
    if (parser_.head_done() && head.empty()) {
        // Room for what is known to follow, so that the buffer is allocated once.
        const auto length = rules_.discard_body ? 0 : parser_.content_length().value_or(0);
        head.reserve(taken + static_cast<std::size_t>(std::min(length, kReservedAtOnceMax)));
    }
    head.append(bytes.substr(0, taken));
    exchange_.head_size_ = static_cast<std::uint32_t>(head.size());
    return taken;
}

void ResponseReader::on_interim() {
    continued_ = continued_ || exchange_.status_ == kContinue;
    exchange_.status_ = 0;
    exchange_.head_size_ = 0;
    exchange_.buffer_.clear();
    parser_.restart();
    if (++interim_answers_ > rules_.limits.interim_answers) {
        exchange_.error_ =
            fmt::format("more than {} interim answers", rules_.limits.interim_answers);
    }
}

// RFC 9112 §5.2: a user agent replaces each line fold by spaces.
void ResponseReader::join_folded_lines() {
    std::string& head = exchange_.buffer_;
    for (auto at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
        const bool folded = at + 2 < head.size() && (head[at + 2] == ' ' || head[at + 2] == '\t');
        if (folded) head.replace(at, 2, "  ");
    }
}

// Refused before the first of its bytes is waited for.
void ResponseReader::check_announced_length() {
    const bool too_long = parser_.content_length().value_or(0) > rules_.limits.body_bytes;
    if (too_long && !parser_.done() && !rules_.discard_body) {
        exchange_.error_ =
            fmt::format("the response body exceeds {} bytes", rules_.limits.body_bytes);
    }
}

bool ResponseReader::take_body(std::string_view bytes) {
    body_received_ += bytes.size();
    if (rules_.discard_body) return true;
    if (body_received_ > rules_.limits.body_bytes) {
        refusal_ = "body";
        return false;
    }
    if (rules_.budget.used_bytes + bytes.size() > rules_.budget.limit_bytes) {
        refusal_ = "budget";
        return false;
    }
    rules_.budget.used_bytes += bytes.size();
    exchange_.budgeted_ += bytes.size();
    exchange_.buffer_.append(bytes);
    return true;
}

void ResponseReader::check_parser() {
    if (parser_.refused()) {
        exchange_.error_ =
            refusal_ == "body"
                ? fmt::format("the response body exceeds {} bytes", rules_.limits.body_bytes)
                : fmt::format("the bodies of all responses together exceed {} bytes",
                              rules_.budget.limit_bytes);
    } else if (parser_.malformed() != nullptr && exchange_.error_.empty()) {
        exchange_.error_ = fmt::format("malformed response: {}", parser_.malformed());
    }
}

ResponseReader::Outcome ResponseReader::on_receive_error(int error) {
    const bool nothing_came = received_ == 0;
    if (error == ETIMEDOUT && rules_.deadline != fiber::kNever) {
        return fail(nothing_came ? fmt::format("no response within {}", text_of(rules_.timeout))
                                 : fmt::format("the response was not complete within {}",
                                               text_of(rules_.timeout)));
    }
    fail(fmt::format("receive: {}", std::generic_category().message(error)));
    return nothing_came ? Outcome::NothingCame : Outcome::Failed;
}

ResponseReader::Outcome ResponseReader::on_end() {
    if (!parser_.head_done()) {
        const bool nothing_came = received_ == 0;
        fail(nothing_came ? "the connection was closed before a response came"
                          : "the connection was closed within the response headers");
        return nothing_came ? Outcome::NothingCame : Outcome::Failed;
    }
    parser_.put_end();
    if (parser_.done()) return complete();
    if (parser_.chunked()) {
        return fail(
            fmt::format("the connection was closed after {} body bytes, before the last chunk",
                        body_received_));
    }
    return fail(fmt::format("the connection was closed after {} of {} body bytes",
                            body_received_,
                            parser_.content_length().value_or(0)));
}

ResponseReader::Outcome ResponseReader::complete() {
    exchange_.body_size_ = body_received_;
    return Outcome::Complete;
}

ResponseReader::Outcome ResponseReader::fail(std::string why) {
    exchange_.drop_response();
    exchange_.error_ = std::move(why);
    return Outcome::Failed;
}

}  // namespace cicada::http
