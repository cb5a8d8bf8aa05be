// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <vector>

#include "http/test_loopback.hpp"

namespace cicada::http {
namespace {

/// `/to/CODE?URL` redirects there; everything else shows itself.
void redirecting(const ServerRequest& request, ResponseWriter& writer) {
    if (request.path.starts_with("/to/")) {
        writer.add_header("Location", percent_decoded(request.query));
        writer.reply(std::stoi(std::string(request.path.substr(4))), "", "moved");
    } else {
        const auto shown = [&](std::string_view name) {
            return request.header(name).value_or("-");
        };
        writer.reply(200,
                     "text/plain",
                     fmt::format("{} {}|{}|{}|{}|{}",
                                 request.method,
                                 request.target,
                                 request.body,
                                 shown("Content-Type"),
                                 shown("Authorization"),
                                 shown("X-Own")));
    }
}

}  // namespace

TEST_CASE("method and body survive a redirect as RFC 9110 and requests say") {
    // Goal: the table of codes and methods. Method: one request for each pair.
    struct Row {
        int code;
        const char* method;
        const char* becomes;
    };
    constexpr std::array kRows{
        Row{301, "GET", "GET"},
        Row{301, "POST", "GET"},
        Row{301, "PUT", "PUT"},
        Row{302, "GET", "GET"},
        Row{302, "POST", "GET"},
        Row{302, "PUT", "GET"},
        Row{303, "POST", "GET"},
        Row{303, "DELETE", "GET"},
        Row{307, "POST", "POST"},
        Row{307, "PUT", "PUT"},
        Row{308, "POST", "POST"},
        Row{308, "GET", "GET"},
    };
    on_every_back_end([&] {
        LoopbackServer server(redirecting);
        TestClient client(server.url());
        for (const Row& row : kRows) {
            CAPTURE(row.code);
            CAPTURE(row.method);
            const bool has_body = std::string_view(row.method) != "GET";
            const bool keeps_body = has_body && std::string_view(row.becomes) == row.method;
            const auto url = fmt::format("/to/{}?/here", row.code);
            const Exchange& answer = client.send({.method = row.method,
                                                  .url = url,
                                                  .body = has_body ? "body" : "",
                                                  .content_type = has_body ? "a/b" : ""});
            CHECK(answer.status() == 200);
            CHECK(answer.body() == fmt::format("{} /here|{}|{}|-|-",
                                               row.becomes,
                                               keeps_body ? "body" : "",
                                               keeps_body ? "a/b" : "-"));
            CHECK(answer.counts().redirects == 1);
            CHECK(answer.counts().exchanges == 2);
            CHECK(answer.target() == url);
            CHECK(answer.url() == server.url() + "/here");
        }
        CHECK(client.client().idle_connections() == 1);
    });
}

TEST_CASE("redirects are followed unless told otherwise, and a HEAD is not") {
    // Goal: defaults, no Location, relative references. Method: one of each.
    on_every_back_end([] {
        LoopbackServer server(redirecting);
        TestClient client(server.url());
        CHECK(client.send({.method = "HEAD", .url = "/to/302?/x"}).status() == 302);
        CHECK(client.send({.url = "/to/302?/x", .follow_redirects = false}).status() == 302);
        CHECK(client.exchange().body() == "moved");
        CHECK(client.exchange().url() == server.url() + "/to/302?/x");
        CHECK(client.send({.method = "HEAD", .url = "/to/302?/x", .follow_redirects = true})
                  .status() == 200);
        CHECK(client.get("/to/304?/x").status() == 304);
        CHECK(client.get("/to/300?/x").status() == 300);
        CHECK(client.get("/to/302?../up%3Fq=1%23f").body().starts_with("GET /up?q=1|"));
        CHECK(client.exchange().url() == server.url() + "/up?q=1#f");

        LoopbackServer silent([](const ServerRequest&, ResponseWriter& writer) {
            writer.reply(302, "", "no location");
        });
        CHECK(client.send({.url = silent.url()}).status() == 302);
    });
}

TEST_CASE("a redirect that cannot be followed says why") {
    // Goal: endless, foreign and broken ones. Method: one of each.
    on_every_back_end([] {
        LoopbackServer loop([](const ServerRequest& request, ResponseWriter& writer) {
            writer.add_header("Location", request.target);
            writer.reply(302, "", "");
        });
        TestClient client(loop.url());
        CHECK(client.get("/").error() == "more than 30 redirects");
        CHECK(client.exchange().counts().exchanges == 31);
        CHECK(client.exchange().counts().redirects == 30);
        TestClient strict(loop.url(), {.limits = {.redirects = 0}});
        CHECK(strict.get("/").error() == "more than 0 redirects");

        LoopbackServer server(redirecting);
        TestClient other(server.url());
        CHECK(other.get("/to/302?https://h/x").error() ==
              "cannot follow the redirect: https is not supported: https://h");
        CHECK(other.get("/to/302?ftp://h/").error() ==
              "cannot follow the redirect: invalid URL \"ftp://h/\": the scheme must be http or "
              "https");
        CHECK(other.get("/to/302?http://127.0.0.1:1/").error() ==
              "connect to 127.0.0.1:1: Connection refused");
    });
}

TEST_CASE("credentials stay behind when a redirect leaves the origin") {
    // Goal: Authorization does not leak, other headers go along. Method: two servers.
    on_every_back_end([] {
        LoopbackServer away(redirecting);
        LoopbackServer server(redirecting);
        const auto with_user = "http://a:b@" + server.url().substr(7);
        TestClient client(with_user);
        const std::vector<Field> own{{"X-Own", "o"}, {"Authorization", "Bearer t"}};
        const auto out = "/to/307?" + away.url() + "/x";
        CHECK(client.send({.url = "/to/307?/x", .headers = own}).body() == "GET /x||-|Bearer t|o");
        CHECK(client.send({.url = out, .headers = own}).body() == "GET /x||-|-|o");
        CHECK(client.get("/to/307?/x").body() == "GET /x||-|Basic YTpi|-");
        CHECK(client.get(out).body() == "GET /x||-|-|-");
        const auto there_and_back =
            "/to/307?" + away.url() + "/to/307%3F" + server.url() + "/to/307%253F/x";
        CHECK(client.send({.url = there_and_back, .headers = own}).body() == "GET /x||-|-|o");
        CHECK(client.exchange().counts().redirects == 3);
    });
}

}  // namespace cicada::http
