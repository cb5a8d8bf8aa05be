// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/fields.hpp>
#include <cicada/response.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.hpp"
#include "user/json_index.hpp"

namespace cicada::user {
class Outbox;
}

namespace cicada::detail {

/// A request and its answer, from the call until the last Response and JsonView of it have gone.
///
/// Shared by them and by the user's Outbox, which counts it. Recycled: take() and the last
/// release() allocate nothing once a few are free, and buffers are kept (see Exchange::clear).
/// Threads: the engine's.
class SentRequest {
public:
    enum class Verdict : std::uint8_t { ByStatus, Failed, Passed };

    SentRequest(const SentRequest&) = delete;
    SentRequest& operator=(const SentRequest&) = delete;

    /// A fresh one, with one reference.
    static SentRequest& take();
    void hold() { ++references_; }
    void release() noexcept;

    /// Holds it.
    [[nodiscard]] Response response();

    /// The response to a request that a limit forbids, where nothing may be thrown: failed, and
    /// never recorded.
    [[nodiscard]] Response never_sent();
    [[nodiscard]] JsonView view(std::uint32_t place);

    /// Error: std::logic_error if the response was moved away.
    [[nodiscard]] static SentRequest& of(const Response& response);

    // What a request is.
    http::Exchange exchange{};
    std::string_view method{};  ///< a constant, or in method_text
    std::string method_text{};
    std::string own_name{};  ///< empty: path and query
    Fields context{};
    bool announced = true;  ///< to `request` listeners

    // What http::Request refers to while it is being sent.
    std::vector<http::Field> headers{};
    std::vector<http::Field> query{};
    std::string body_file{};

    [[nodiscard]] std::string_view name() const {
        return own_name.empty() ? std::string_view(exchange.target()) : own_name;
    }

    /// Why it would be recorded as failed now; empty: it would not. Valid until it is judged again.
    [[nodiscard]] std::string_view failure() const;

    /// Error: std::logic_error if it is settled.
    void judge(Verdict verdict, std::string_view why);

    /// What a reader of the body could not find; fails it unless it is settled or failed already.
    void complain(std::string_view what);

    /// An exception ends the task: fails it unless the test has judged it.
    void fail_by_exception(std::string_view text);

    /// The body's index, made by the first call. Null: the body is not JSON, and it has failed.
    [[nodiscard]] const user::JsonIndex* json();

    /// The place of a view of nothing that remembers which path led there.
    [[nodiscard]] std::uint32_t missing_place(std::string path);
    [[nodiscard]] static bool is_missing(std::uint32_t place) { return (place & kMissing) != 0; }
    [[nodiscard]] std::string path(std::uint32_t place) const;

private:
    friend class user::Outbox;

    enum class JsonState : std::uint8_t { Unread, Json, Other };
    static constexpr std::uint32_t kMissing = 0x80000000;

    SentRequest() = default;
    ~SentRequest() = default;
    void clear();

    std::uint32_t references_ = 1;
    Verdict verdict_ = Verdict::ByStatus;
    JsonState json_state_ = JsonState::Unread;
    bool settled_ = false;
    int exceptions_before_ = 0;  // that were unwinding the fiber when it was sent
    std::string why_;
    user::JsonIndex json_;
    std::vector<std::string> missing_;

    // For the outbox, and while it is free.
    user::Outbox* outbox_ = nullptr;
    const void* fiber_ = nullptr;
    SentRequest* next_ = nullptr;
};

}  // namespace cicada::detail

namespace cicada::user {

using detail::SentRequest;

}  // namespace cicada::user
