// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "fiber/stream.hpp"

namespace cicada::http {

/// What a request carries: a text of the caller's, or a file that is read while it is sent.
class RequestBody {
public:
    RequestBody() = default;
    RequestBody(const RequestBody&) = delete;
    RequestBody& operator=(const RequestBody&) = delete;
    ~RequestBody();

    void set_text(std::string_view text);

    /// Error: `cannot read FILE: No such file or directory`.
    base::Result<void> open_file(std::string_view path);

    void drop();  ///< nothing is sent from now on

    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] bool is_present() const { return !dropped_; }
    [[nodiscard]] bool is_text() const { return file_ < 0; }
    [[nodiscard]] std::string_view text() const { return text_; }

    /// Sends all of it from the start, but stops quietly once the server has something to say.
    ///
    /// Suspends; a cancellation point. Error: an errno; EIO when the file could not be read or has
    /// become shorter.
    int send(fiber::Stream& stream, fiber::TimePoint deadline);
    void mark_sent() { sent_ = size_; }  ///< the text went with the head
    [[nodiscard]] bool sent_whole() const { return sent_ == size_; }

private:
    int send_file(fiber::Stream& stream, fiber::TimePoint deadline);

    std::string_view text_{};
    std::uint64_t size_ = 0;
    std::uint64_t sent_ = 0;
    bool dropped_ = false;
    int file_ = -1;
    // Two, because the stream may still be sending one while the other is filled.
    std::array<std::string, 2> pieces_{};
};

}  // namespace cicada::http
