// SPDX-License-Identifier: Apache-2.0
// Goal of all: no bytes a peer sends harm more than their own exchange. Method: valid messages cut,
// split and mutated, over loopback and straight into the reader of a stream. Seeds are fixed.
#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <random>
#include <vector>

#include "http/test_loopback.hpp"
#include "net/connect.hpp"

namespace cicada::http {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string>& answers() {
    static const std::vector<std::string> all{
        "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: text/html\r\nContent-Length: 11\r\n"
        "Set-Cookie: a=b; Path=/; Max-Age=3\r\n\r\nhello world",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n  "
        "c\r\n"
        "\r\n5;x=\"y\"\r\nhello\r\n6\r\n world\r\n0\r\nT: r\r\n\r\n",
        "HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\nhello world",
    };
    return all;
}

/// A server whose answer to the next request is set from outside; it closes behind it.
class Puppet {
public:
    explicit Puppet(bool closes)
        : server_([this, closes](fiber::Stream& stream, int) {
              while (!read_until(stream, "\r\n\r\n").empty()) {
                  sent_ = pieces;
                  for (const auto& piece : sent_) {
                      if (stream.send(piece, fiber::kNever) != 0) return;
                      if (sent_.size() > 1) fiber::yield();
                  }
                  if (closes) return;
              }
          }) {}
    [[nodiscard]] std::string url() const { return server_.url(); }

    std::vector<std::string> pieces;

private:
    std::vector<std::string> sent_;
    ScriptedServer server_;
};

}  // namespace

TEST_CASE("a response cut off at any byte is one failed exchange") {
    on_every_back_end([] {
        Puppet puppet(true);
        TestClient client(puppet.url());
        // The third goes until the connection ends, so that only a cut within its head is an error.
        for (std::size_t i = 0; i < 2; ++i) {
            const auto& answer = answers()[i];
            for (std::size_t cut = 0; cut < answer.size(); ++cut) {
                puppet.pieces = {answer.substr(0, cut)};
                if (cut == 0) puppet.pieces.clear();
                const auto& exchange = client.get("/");
                CAPTURE(cut);
                CHECK(exchange.error().starts_with("the connection was closed"));
                CHECK(exchange.status() == 0);
            }
        }
        CHECK(client.network().body_budget.used_bytes == 0);
    });
}

TEST_CASE("a response split at any byte is the same response") {
    on_every_back_end([] {
        Puppet puppet(true);
        TestClient client(puppet.url());
        for (const auto& answer : answers()) {
            for (std::size_t split = 1; split < answer.size(); ++split) {
                puppet.pieces = {answer.substr(0, split), answer.substr(split)};
                CAPTURE(split);
                CHECK(client.get("/").error() == "");
                CHECK(client.exchange().body() == "hello world");
            }
        }
        // And all splits at once: every byte a piece of its own.
        for (const auto& answer : answers()) {
            puppet.pieces.clear();
            for (const char c : answer) puppet.pieces.emplace_back(1, c);
            CHECK(client.get("/").error() == "");
            CHECK(client.exchange().body() == "hello world");
        }
    });
}

TEST_CASE("mutated and random responses end as an answer or an error, never otherwise") {
    on_every_back_end([] {
        std::mt19937 random(20261122);
        const auto below = [&](std::size_t end) { return random() % end; };
        Puppet puppet(true);
        TestClient client(
            puppet.url(),
            {.timeout = 1s, .limits = {.body_bytes = 100'000}, .accept_compressed = true});
        constexpr int kRounds = 3000;
        for (int round = 0; round < kRounds; ++round) {
            auto bytes = answers()[below(answers().size())];
            const auto mutations = 1 + below(8);
            for (std::size_t i = 0; i < mutations; ++i) {
                const auto at = below(bytes.size());
                switch (below(5)) {
                    case 0:
                        bytes[at] = static_cast<char>(below(256));
                        break;
                    case 1:
                        bytes.erase(at, 1 + below(8));
                        break;
                    case 2:
                        bytes.insert(at, bytes.substr(below(bytes.size()), below(40)));
                        break;
                    case 3:
                        bytes.insert(at, "\r\n");
                        break;
                    default:
                        bytes[at] = "\r\n: ;=0f"[below(8)];
                }
                if (bytes.empty()) bytes = "x";
            }
            if (round % 10 == 0) {
                for (char& c : bytes) c = static_cast<char>(below(256));
            }
            const auto split = 1 + below(bytes.size());
            puppet.pieces = {bytes.substr(0, split)};
            if (split < bytes.size()) puppet.pieces.push_back(bytes.substr(split));
            const auto& exchange = client.get("/");
            CHECK((exchange.status() != 0) == exchange.error().empty());
            CHECK(exchange.body().size() <= 100'000);
        }
        client.exchange().clear();
        CHECK(client.network().body_budget.used_bytes == 0);
    });
}

TEST_CASE("mutated requests never harm the server") {
    on_every_back_end([] {
        LoopbackServer server([](const ServerRequest& request, ResponseWriter& writer) {
            writer.reply(200, "", request.parameter("a").value_or(""));
        });
        const auto url = Url::parse(server.url()).value();
        const std::string valid =
            "POST /x?a=%20&b=c HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
            "PUT /y HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        std::mt19937 random(7);
        net::Resolver resolver;
        for (int round = 0; round < 1000; ++round) {
            auto bytes = valid;
            for (int i = 0; i < 4; ++i) {
                bytes[random() % bytes.size()] = static_cast<char>(random());
            }
            if (round % 3 == 0) bytes.resize(random() % bytes.size());
            auto stream = net::connect(resolver, {.host = url.host, .port = url.port}).value();
            if (!bytes.empty()) CHECK(stream.send(bytes, fiber::kNever) == 0);
            stream.shutdown_send();
            while (!stream.receive(fiber::kNever).bytes.empty()) {
            }
        }
        TestClient client(server.url());
        CHECK(client.get("/?a=fine").body() == "fine");
    });
}

}  // namespace cicada::http
