// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/fields.hpp"
#include "http/limits.hpp"

namespace cicada::http {

/// When things happened to a request; of a redirected one, the first call and the last response.
struct ClockPoints {
    base::TimePoint called{};     ///< Client::send() was entered
    base::TimePoint submitted{};  ///< it, or the connection it needed, was handed to the kernel
    base::TimePoint
        completed{};  ///< the loop learnt of the response's last byte; without one: resumed
    base::TimePoint resumed{};  ///< the user's fiber went on
};

/// What one request did on the wire.
struct WireCounts {
    std::uint32_t exchanges = 0;       ///< requests sent, those below included
    std::uint32_t redirects = 0;       ///< followed
    std::uint32_t resends = 0;         ///< sent again because a kept connection had gone stale
    std::uint32_t aborted = 0;         ///< 1 when cancelled after it was sent and before its answer
    std::uint64_t bytes_received = 0;  ///< heads and bodies, as they came
};

/// The result of one logical request, redirects included. It knows nothing of recording.
///
/// Reusable: Client::send() clears it first, and its buffer is kept. It must not outlive the
/// Network of the client that filled it, unless cleared.
class Exchange {
public:
    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange() { clear(); }

    /// Of the final response; 0 when there is none, and then error() says why.
    [[nodiscard]] int status() const { return status_; }

    /// Empty, or one line for the person why there is no (complete) response.
    [[nodiscard]] const std::string& error() const { return error_; }

    /// Decoded; empty when discarded. Valid until the next clear().
    [[nodiscard]] std::string_view body() const {
        return std::string_view(buffer_).substr(head_size_);
    }

    /// Of the body as decoded, or as counted when it was discarded.
    [[nodiscard]] std::uint64_t body_size() const { return body_size_; }

    /// The status line and fields as received (folded lines joined); empty without a response.
    [[nodiscard]] std::string_view head() const {
        return std::string_view(buffer_).substr(0, head_size_);
    }

    [[nodiscard]] std::string_view reason() const;  ///< `Not Found`; may be empty

    /// The value of the first field of that name, in any case.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
        return find_field(head(), name);
    }

    /// Path and query of the first request as sent.
    [[nodiscard]] const std::string& target() const { return target_; }

    /// Of the last request sent, without user and password.
    [[nodiscard]] std::string url() const {
        return final_url_.empty() ? origin_ + target_ : final_url_;
    }

    [[nodiscard]] const WireCounts& counts() const { return counts_; }
    [[nodiscard]] const ClockPoints& times() const { return times_; }

    /// A text that came by other ways and is to be read like a body; all else is as after clear().
    void set_body(std::string_view text);

    /// Back to empty. Keeps a buffer of at most 16 KiB for reuse.
    void clear();

private:
    friend class ClientCall;
    friend class ResponseReader;

    void drop_response();  // all but the counts, the times and where it went

    int status_ = 0;
    std::uint32_t head_size_ = 0;
    std::uint64_t body_size_ = 0;
    std::string buffer_;  // head, then body
    std::string target_;
    std::string origin_;  // short enough to need no allocation, mostly
    std::string final_url_;
    std::string error_;
    WireCounts counts_;
    ClockPoints times_;
    BodyBudget* budget_ = nullptr;
    std::uint64_t budgeted_ = 0;
};

}  // namespace cicada::http
