// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "http/answer_source.hpp"
#include "http/cookies.hpp"
#include "http/exchange.hpp"
#include "http/fields.hpp"
#include "http/limits.hpp"
#include "http/origin.hpp"
#include "http/url.hpp"
#include "http/wire_observer.hpp"
#include "net/resolver.hpp"

namespace cicada::http {

/// What all clients of an engine share. Outlives them and their exchanges.
struct Network {
    net::Resolver resolver{};
    BodyBudget body_budget{};
    OriginTable origins{};
    AnswerSource* answers = nullptr;  ///< in place of servers; null: requests are sent

    /// Grows with each exchange that is handed to a connection. Null: nobody wants to know.
    std::atomic<std::uint64_t>* exchanges_begun = nullptr;

    void note_exchange() {
        if (exchanges_begun == nullptr) return;
        exchanges_begun->store(exchanges_begun->load(std::memory_order_relaxed) + 1,
                               std::memory_order_relaxed);
    }
};

/// What a client does unless a request says otherwise.
struct ClientSettings {
    /// Sent with each request, in this order; one named as a default one (User-Agent, Accept)
    /// replaces it, and an empty value removes it.
    std::vector<std::pair<std::string, std::string>> headers{};
    std::chrono::nanoseconds connect_timeout = std::chrono::seconds{60};
    std::chrono::nanoseconds timeout = std::chrono::seconds{60};  ///< in all, redirects included
    Limits limits{};

    /// Sends `Accept-Encoding: gzip, deflate` and decodes. Off, because decoding is work that a
    /// load test need not do; a server then answers uncompressed.
    bool accept_compressed = false;

    /// Bodies of at least so many bytes are announced by `Expect: 100-continue`.
    std::uint64_t expect_continue_from_bytes = UINT64_MAX;
    std::chrono::nanoseconds continue_timeout =
        std::chrono::seconds{1};  ///< then it is sent anyway

    std::string trace_header{};  ///< name of the field that carries TraceSource; empty: none
};

/// Settings made ready: the constant part of a request's head as text. Shared by many clients.
class ClientProfile {
public:
    explicit ClientProfile(ClientSettings settings = {});

    [[nodiscard]] const ClientSettings& settings() const { return settings_; }
    [[nodiscard]] const std::string& head() const { return head_; }
    [[nodiscard]] bool accepts_compressed() const { return accepts_compressed_; }

    /// Appends the constant fields but for those `overrides` has.
    void append_head(std::string& to, std::span<const Field> overrides) const;

private:
    ClientSettings settings_;  // with the default headers among the others
    std::string head_;
    bool accepts_compressed_ = false;
};

/// Names each exchange on the wire, redirects and resends too: run.user.iteration.sequence.
class TraceSource {
public:
    TraceSource() = default;
    TraceSource(const TraceSource&) = delete;
    TraceSource& operator=(const TraceSource&) = delete;
    virtual ~TraceSource() = default;

    /// Called once per exchange, right before it is sent. Must not suspend.
    virtual void append_identity(std::string& to) = 0;
};

/// One logical request. Refers to the caller's texts, which stay until send() returns.
struct Request {
    std::string_view method = "GET";  ///< as it is sent

    /// A path (with query) below the client's base, or a whole `http://...` URL.
    std::string_view url = "/";
    std::string_view name{};         ///< what the caller calls it; for who looks on or answers
    std::span<const Field> query{};  ///< appended to the URL, percent-encoded

    /// An equal name replaces the client's; an empty value removes it. Content-Length and
    /// Transfer-Encoding are the client's own and are ignored here.
    std::span<const Field> headers{};

    std::string_view body{};
    std::string_view content_type{};  ///< sent when not empty and not among `headers`
    std::string_view body_file{};     ///< path of a file to send instead of `body`; streamed
    bool has_body = false;            ///< sends Content-Length even for an empty body

    std::optional<std::chrono::nanoseconds> timeout{};  ///< default: the settings'
    std::optional<bool> follow_redirects{};             ///< default: yes, but not for HEAD
    bool discard_body = false;
    bool expect_continue = false;
};

/// A user's HTTP connections, cookies and defaults. Fibers of one user may send at once, each on a
/// connection of its own.
///
/// Belongs to one scheduler's thread. An idle one keeps no buffers beyond 1 KiB per connection.
class Client {
public:
    /// `base`: where paths go, with its own path as prefix; its user_info becomes Basic auth.
    /// `network` outlives the client.
    Client(Network& network, std::shared_ptr<const ClientProfile> profile, const Url& base);

    /// Without a base: every request names a whole URL.
    Client(Network& network, std::shared_ptr<const ClientProfile> profile);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();  ///< closes all connections; never suspends. No send() may be under way.

    /// Sends the request and reads its answer into `exchange`, which is cleared first. Whatever
    /// goes wrong is in exchange.error().
    ///
    /// Suspends.  Cancelled, or out of time by a Timeout: `exchange` says so, then it throws on. A
    /// request that is on the wire may finish within the drain time of the cancellation.
    void send(const Request& request, Exchange& exchange);

    /// Null: exchanges carry no name. `source` outlives the client.
    void set_trace(TraceSource* source);

    /// Null: nobody looks on. `observer` outlives the client.
    void set_observer(WireObserver* observer);

    [[nodiscard]] CookieJar& cookies();
    [[nodiscard]] std::size_t idle_connections() const;
    void close_idle();

    class Impl;

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace cicada::http
