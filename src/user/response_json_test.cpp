// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cicada/client.hpp>
#include <cicada/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "user/test_shop.hpp"

using namespace cicada;
using user::Lines;
using user::Shop;
using user::Visitor;

TEST_CASE("json() reads values, and a missing one fails the response") {
    // Goal: no check passes by accident. Method: right and wrong questions, one response each.
    Shop shop;
    shop.visit_once([](Visitor& self) {
        HttpClient& client = self.client;
        {
            const auto page = client.get("/right");
            const JsonView json = page.json();
            CHECK(json["stock"] == 0);
            CHECK(json["stock"] < 1);
            CHECK(1 > json["stock"]);
            CHECK(json["price"] == 2.5);
            CHECK(json["price"] > 2);
            CHECK(json["a"][0] == 7);
            CHECK(json["a"][1] <= 8.5);
            CHECK(json["a"].size() == 3);
            CHECK(json["b"]["c"] == "text");
            CHECK(json["b"]["c"] != "other");
            CHECK(json["on"] == true);
            CHECK(json["n"] == "t\xC3\xA9\n");
            CHECK(json["n"].text() == "t\xC3\xA9\n");
            CHECK(json["price"].number() == 2.5);
            CHECK(json["stock"].integer() == 0);
            CHECK(json["on"].truth());
            CHECK(json["none"].exists());
            CHECK_FALSE(json["nobody"].exists());
            CHECK(json["nobody"]["home"].value_or("none") == "none");
            CHECK(json["nobody"].value_or(1.5) == 1.5);
            CHECK(json["b"].dump() == R"({"c": "text"})");
            CHECK(to_nlohmann(json["a"]) == nlohmann::json::array({7, 8.5, "x"}));
            CHECK(page.ok());
        }
        CHECK_FALSE(client.get("/stok").json()["stok"] < 1);
        CHECK(client.get("/deep").json()["b"]["c"]["d"] != 1);
        CHECK(client.get("/index").json()["a"][3] != 1);
        CHECK(client.get("/type").json()["b"]["c"] != 1);
        CHECK(client.get("/object").json() != 1);
        CHECK_THROWS_WITH_AS((void)client.get("/throws").json()["price"].text(),
                             "no text at /price",
                             std::runtime_error);
        CHECK_THROWS_AS((void)client.get("/integer").json()["price"].integer(), std::runtime_error);
        CHECK_FALSE(client.get("/text").json()["stock"] > 0);
        auto forgiven = client.get("/forgiven");
        CHECK(forgiven.json()["x"] != 1);
        forgiven.succeed();
        const JsonView outlives = client.get("/outlives").json();
        const std::string text = client.get("/text").text();
        client.get("/");
        CHECK(outlives["b"]["c"] == "text");
        CHECK(text == "some text");
        CHECK(JsonView()["x"] != 1);
        CHECK_THROWS_AS((void)JsonView().text(), std::runtime_error);
    });
    CHECK(shop.recorded() == Lines{"GET /right",
                                   "GET /text",
                                   "GET /forgiven",
                                   "GET /outlives",
                                   "GET /",
                                   "GET /stok: no number at /stok",
                                   "GET /deep: no number at /b/c/d",
                                   "GET /index: no number at /a/3",
                                   "GET /type: no number at /b/c",
                                   "GET /object: no number at /",
                                   "GET /throws: no text at /price",
                                   "GET /integer: no whole number at /price",
                                   "GET /text: the body is not JSON"});
}
