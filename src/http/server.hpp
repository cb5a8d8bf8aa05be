// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "fiber/stream.hpp"
#include "http/fields.hpp"
#include "net/listener.hpp"

namespace cicada::http {

/// A request as it came; valid while its handler runs.
struct ServerRequest {
    std::string_view method{};
    std::string_view target{};  ///< path and query as sent
    std::string_view path{};    ///< as sent, still encoded
    std::string_view query{};   ///< without `?`, still encoded
    std::string_view head{};    ///< request line and fields
    std::string_view body{};

    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
        return find_field(head, name);
    }

    /// The value of the first parameter of that name in the query, decoded.
    [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
};

class ServerConnection;

/// Answers one request: either reply(), or begin(), write()... and end().
class ResponseWriter {
public:
    ResponseWriter(const ResponseWriter&) = delete;
    ResponseWriter& operator=(const ResponseWriter&) = delete;

    /// Adds a field to the answer about to be given.
    void add_header(std::string_view name, std::string_view value);

    /// A whole answer. The body of an answer to HEAD, or of a 204 or 304, is not sent.
    void reply(int status, std::string_view content_type, std::string_view body);

    /// An answer in pieces, in chunks unless its length is given; write() and end() return false
    /// when the peer has gone.
    void begin(int status,
               std::string_view content_type,
               std::optional<std::uint64_t> length = std::nullopt);
    bool write(std::string_view bytes);  ///< Suspends: sends at once.
    bool end();

    /// Closes the connection behind this answer.
    void close_after() { keep_alive_ = false; }

    /// Closes the connection without (the rest of) an answer.
    void abandon();

    [[nodiscard]] bool answered() const { return state_ != State::Fresh; }

private:
    friend class ServerConnection;
    enum class State : std::uint8_t { Fresh, Pieces, Done, Abandoned };

    explicit ResponseWriter(ServerConnection& connection) : connection_(connection) {}
    void start(int status, std::string_view content_type);

    ServerConnection& connection_;
    std::string headers_{};
    State state_ = State::Fresh;
    bool head_only_ = false;
    bool old_version_ = false;  // HTTP/1.0: no chunks, and keep-alive has to be said
    bool chunked_ = false;
    bool keep_alive_ = true;
};

struct ServerOptions {
    std::size_t header_bytes_max = std::size_t{64} * 1024;
    std::uint64_t body_bytes_max = std::uint64_t{16} * 1024 * 1024;
};

/// Called in the fiber of the request's connection; may suspend. An exception is answered by 500.
using Handler = std::function<void(const ServerRequest&, ResponseWriter&)>;

/// A small HTTP/1.1 server: keep-alive, pipelining, 100-continue. One fiber per connection.
class Server {
public:
    /// Error: base::Error when it cannot listen.
    Server(const net::Endpoint& endpoint, Handler handler, const ServerOptions& options = {});

    [[nodiscard]] const net::Endpoint& endpoint() const { return listener_.endpoint(); }

    /// Serves for ever. Suspends.  Cancelled: ends all connections, throws FiberCancelled.
    void run();

private:
    net::Listener listener_;
    Handler handler_;
    ServerOptions options_;
};

}  // namespace cicada::http
