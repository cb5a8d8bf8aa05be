// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

namespace cicada::http {

/// One request on its way to somebody who makes up an answer. The views hold during the call.
struct AskedRequest {
    std::string_view method{};
    std::string_view name{};    ///< as Request::name; empty too where a redirect is followed
    std::string_view origin{};  ///< `http://host:8080`
    std::string_view target{};  ///< path and query, as they would be sent
    std::string_view body{};    ///< empty for a file
};

/// An answer that no server gave. The views hold until the source is asked again.
struct MadeUpAnswer {
    int status = 200;
    std::string_view reason = "OK";
    std::string_view fields{};  ///< whole lines, `Name: value\r\n` each
    std::string_view body{};    ///< decoded, whatever the fields say
    std::string_view error{};   ///< not empty: there is no answer, and this is why
    std::chrono::nanoseconds latency{};
};

/// Answers in place of all servers: with one in their Network, clients touch no socket.
class AnswerSource {
public:
    AnswerSource() = default;
    AnswerSource(const AnswerSource&) = delete;
    AnswerSource& operator=(const AnswerSource&) = delete;
    virtual ~AnswerSource() = default;

    /// In the fiber that sends; may suspend. What it throws passes to who sends.
    virtual MadeUpAnswer answer(const AskedRequest& request) = 0;
};

}  // namespace cicada::http
