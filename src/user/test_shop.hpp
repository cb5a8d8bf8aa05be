// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/control.hpp>
#include <cicada/user.hpp>
#include <cicada/users.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/server.hpp"
#include "user/test_run.hpp"

namespace cicada::user {

using Lines = std::vector<std::string>;

class Visitor;
inline std::function<void(Visitor&)> visit;

/// Calls `visit` once.
class Visitor : public HttpUser {
public:
    void once() {
        visit(*this);
        stop_user();
    }
    std::vector<Response> kept;
};

inline void answer(const http::ServerRequest& request, http::ResponseWriter& writer) {
    if (request.path == "/missing") return writer.reply(404, "text/plain", "none");
    if (request.path == "/broken") return writer.reply(500, "text/plain", "oh");
    if (request.path == "/text") return writer.reply(200, "text/plain", "some text");
    if (request.path == "/silent") return writer.abandon();
    if (request.path == "/slow") {
        fiber::sleep_for(std::chrono::seconds(10));
        return writer.reply(200, "text/plain", "late");
    }
    if (request.path == "/moved") {
        writer.add_header("Location", "/text");
        return writer.reply(302, "text/plain", "");
    }
    if (request.path == "/echo") {
        const std::string head(request.head);
        return writer.reply(200, "text/plain", head + std::string(request.body));
    }
    writer.reply(200,
                 "application/json",
                 R"({"stock": 0, "price": 2.5, "a": [7, 8.5, "x"], "b": {"c": "text"}, "on": true,)"
                 R"( "none": null, "n": "t\u00e9\n"})");
}

/// A server on loopback, and one visit of one user to it.
struct Shop : TestRun {
    Shop() : TestRun(fiber::ClockKind::Real) {}

    void visit_once(std::function<void(Visitor&)> what) {
        visit = std::move(what);
        users<Visitor>().task<&Visitor::once>();
        run([&] {
            const auto user = begin();
            wait_for_end(*user);
        });
    }

    /// In run(): the server's fiber, and a user.
    std::unique_ptr<LiveUser> begin() {
        environment.host = "http://127.0.0.1:" + std::to_string(server.endpoint().port());
        serving = fiber::start([this] { server.run(); });
        return start();
    }

    void run(const std::function<void()>& body) {
        TestRun::run([&] {
            body();
            serving.cancel();
            serving = {};
        });
    }

    http::Server server{*net::Endpoint::from_literal("127.0.0.1", 0), answer};
    fiber::Handle serving;
};

}  // namespace cicada::user
