// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "fiber/scheduler.hpp"
#include "fiber/stream.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "net/listener.hpp"

// For tests: servers on loopback that live in the client's own scheduler.
namespace cicada::http {

/// Runs `body` in a fiber, once with each back end.
inline void on_every_back_end(const std::function<void()>& body) {
    for (const auto io : {fiber::IoKind::Uring, fiber::IoKind::Epoll}) {
        CAPTURE(static_cast<int>(io));
        fiber::Scheduler scheduler({.io = io});
        scheduler.run(body);
    }
}

inline net::Endpoint any_port() {
    return net::Endpoint::from_literal("127.0.0.1", 0).value();
}

/// Reads from `stream` until `end` has come; what was read.
inline std::string read_until(fiber::Stream& stream, std::string_view end) {
    std::string text;
    while (text.find(end) == std::string::npos) {
        const auto chunk = stream.receive(fiber::kNever);
        if (chunk.error != 0 || chunk.bytes.empty()) break;
        text += chunk.bytes;
    }
    return text;
}

/// A server that does to each connection what the test says, byte by byte.
class ScriptedServer {
public:
    using Script = std::function<void(fiber::Stream& stream, int connection)>;

    explicit ScriptedServer(Script script) : script_(std::move(script)), listener_(any_port()) {
        fiber_ = fiber::start([this] {
            listener_.serve_each([this](fiber::Stream stream) { script_(stream, connections_++); });
        });
    }

    /// Answers every request without a body with `answer`, and goes on or closes.
    static Script answering(std::string answer, bool closes = false) {
        return [answer = std::move(answer), closes](fiber::Stream& stream, int) {
            while (!read_until(stream, "\r\n\r\n").empty()) {
                if (stream.send(answer, fiber::kNever) != 0 || closes) return;
            }
        };
    }

    [[nodiscard]] std::string url() const { return "http://" + listener_.endpoint().text(); }
    [[nodiscard]] int connections() const { return connections_; }

private:
    Script script_;
    net::Listener listener_;
    int connections_ = 0;
    fiber::Handle fiber_;
};

/// A real http::Server with the test's handler.
class LoopbackServer {
public:
    explicit LoopbackServer(Handler handler) : server_(any_port(), std::move(handler)) {
        fiber_ = fiber::start([this] { server_.run(); });
    }
    [[nodiscard]] std::string url() const { return "http://" + server_.endpoint().text(); }

private:
    Server server_;
    fiber::Handle fiber_;
};

/// A client with a network of its own.
class TestClient {
public:
    explicit TestClient(const std::string& base, ClientSettings settings = {})
        : client_(network_,
                  std::make_shared<ClientProfile>(std::move(settings)),
                  Url::parse(base).value()) {}

    Exchange& send(const Request& request) {
        client_.send(request, exchange_);
        return exchange_;
    }
    Exchange& get(std::string_view path) { return send({.url = path}); }

    [[nodiscard]] Client& client() { return client_; }
    [[nodiscard]] Network& network() { return network_; }
    [[nodiscard]] Exchange& exchange() { return exchange_; }

private:
    Network network_{};
    Client client_;
    Exchange exchange_{};
};

}  // namespace cicada::http
