// SPDX-License-Identifier: Apache-2.0
#include "user/run_sender.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cicada/events.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "user/test_shop.hpp"

using namespace cicada;
using user::Lines;
using user::RunSender;
using user::Shop;
using user::Visitor;

TEST_CASE("a client made outside of users sends for the run") {
    // Goal: a listener can fetch something; it is recorded, judged like any, and told to nobody.
    Shop shop;
    Lines told;
    events().request += [&told](const RequestEvent& event) { told.emplace_back(event.name); };
    users<Visitor>().task<&Visitor::once>();
    shop.run([&] {
        std::optional<RunSender> sender(std::in_place, shop.environment);
        const auto user = shop.begin();
        user->stop();
        shop.wait_for_end(*user);
        HttpClient client({.headers = {{"X-From", "listener"}}});
        CHECK(client.get("/echo").text().find("X-From: listener") != std::string::npos);
        auto page = client.post("/text", form({{"a", 1}}));
        CHECK(page.status() == 200);
        page.fail("not what I wanted");
        auto kept = client.get("/missing");
        RunSender::settle_mine();
        CHECK(kept.status() == 404);
        CHECK_THROWS_AS(kept.succeed(), std::logic_error);  // it is recorded
        sender.reset();
    });
    Lines recorded = shop.recorded();
    std::sort(recorded.begin(), recorded.end());
    CHECK(fmt::format("{}", fmt::join(recorded, "; ")) ==
          "GET /echo; GET /missing: 404 Not Found; POST /text: not what I wanted");
    CHECK(told.empty());
}

TEST_CASE("a client of the run ends with it, whoever keeps it") {
    // Goal: one in a global does no harm. Method: keep one with an open connection, and a response.
    Shop shop;
    static std::optional<HttpClient> client;
    static std::optional<Response> page;
    users<Visitor>().task<&Visitor::once>();
    shop.run([&] {
        {
            const RunSender sender(shop.environment);
            const auto user = shop.begin();
            user->stop();
            shop.wait_for_end(*user);
            client.emplace();
            page.emplace(client->get("/text"));
        }
        CHECK(page->text() == "some text");
        CHECK_THROWS_AS(page->fail("late"), std::logic_error);
        CHECK_THROWS_AS(client->get("/text"), std::logic_error);
        page.reset();
    });
    client.reset();
    CHECK(shop.recorded() == Lines{"GET /text"});
}

TEST_CASE("without a host a client of the run needs whole URLs, and says so") {
    Shop shop;
    users<Visitor>().task<&Visitor::once>();
    shop.run([&] {
        const RunSender sender(shop.environment);
        HttpClient client;
        CHECK_THROWS_WITH_AS(client.get("/text"),
                             "GET /text: no host is known here: give --host or a whole URL",
                             std::logic_error);
        const auto user = shop.begin();
        user->stop();
        shop.wait_for_end(*user);
        CHECK(client.get(shop.environment.host + "/text").status() == 200);
    });
}
