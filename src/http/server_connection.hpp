// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "fiber/stream.hpp"
#include "http/message_parser.hpp"
#include "http/server.hpp"

namespace cicada::http {

/// A connection as the server sees it: reads requests one after the other and has them answered.
class ServerConnection final : private BodySink {
public:
    ServerConnection(fiber::Stream stream, const Handler& handler, const ServerOptions& options)
        : handler_(handler), options_(options), stream_(std::move(stream)) {}

    /// Serves until the peer closes or breaks the rules. Suspends.
    void serve();

    [[nodiscard]] std::string& out() { return out_.at(turn_); }

    /// Sends what out() holds. Suspends. Returns: false when the peer has gone.
    bool flush();

private:
    enum class Read : unsigned char { Request, Closed, Refused };

    bool take_body(std::string_view bytes) override;

    Read read_request(RequestParser& parser);
    bool receive();
    void refuse(int status, std::string_view why);
    bool answer(const RequestParser& parser);
    void call_handler(const ServerRequest& request, ResponseWriter& writer);

    const Handler& handler_;
    const ServerOptions& options_;
    std::string in_;             // from the present request's first byte on
    std::size_t used_ = 0;       // of in_, by the parser
    std::size_t head_size_ = 0;  // of the present request
    std::string body_;
    // Two in turns, and never swapped: the kernel may still read one while the other is written.
    std::array<std::string, 2> out_;
    std::size_t turn_ = 0;
    fiber::Stream stream_;
};

/// `Not Found`; empty for a status without a usual phrase.
[[nodiscard]] std::string_view reason_of(int status);

}  // namespace cicada::http
