// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cicada/body.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

using namespace cicada;

TEST_CASE("form() encodes as browsers do") {
    // Goal: WHATWG's rules, not RFC 3986's. Method: what stays, what becomes +, what is encoded.
    const Body body = form({{"a b", "c&d=e"}, {"n", 42}, {"u", "\xC3\xA9~*-._"}, {"empty", ""}});
    CHECK(body.content() == "a+b=c%26d%3De&n=42&u=%C3%A9%7E*-._&empty=");
    CHECK(body.content_type() == "application/x-www-form-urlencoded");
    CHECK(form({}).content().empty());
}

TEST_CASE("json_body() writes what another library reads back") {
    // Goal: valid JSON of every type. Method: parse it with nlohmann and compare.
    const Body body = json_body({{"name", "t\"e\\a\n\x01\xC3\xA9"},
                                 {"sizes", json_array({1, 2.5, -3})},
                                 {"big", std::numeric_limits<std::uint64_t>::max()},
                                 {"least", std::numeric_limits<std::int64_t>::min()},
                                 {"on", true},
                                 {"none", nullptr},
                                 {"inner", json_object({{"k", std::string("v")}})},
                                 {"infinite", 1.0 / 0.0},
                                 {"empty", json_object({})}});
    const auto read = nlohmann::json::parse(body.content());
    CHECK(read["name"] == "t\"e\\a\n\x01\xC3\xA9");
    CHECK(read["sizes"] == nlohmann::json::array({1, 2.5, -3}));
    CHECK(read["big"] == std::numeric_limits<std::uint64_t>::max());
    CHECK(read["least"] == std::numeric_limits<std::int64_t>::min());
    CHECK(read["on"] == true);
    CHECK(read["none"].is_null());
    CHECK(read["inner"]["k"] == "v");
    CHECK(read["infinite"].is_null());
    CHECK(read["empty"].empty());
    CHECK(body.content_type() == "application/json");
    CHECK(json_body(json_array({1})).content() == "[1]");
}

TEST_CASE("fields take numbers as their shortest text") {
    // Goal: no locale, no trailing zeroes, no wrap-around.
    const Fields fields{{"a", 0.1}, {"b", 18446744073709551615ULL}, {"c", -7}, {"d", 3.0}};
    std::string all;
    for (const Field& field : fields) all += field.name() + "=" + field.value() + " ";
    CHECK(all == "a=0.1 b=18446744073709551615 c=-7 d=3 ");
}

TEST_CASE("file() names a file and does not open it") {
    // Goal: usable at namespace scope, where nothing may throw.
    const Body body = file("no/such/file.png", "image/png");
    CHECK(body.kind() == Body::Kind::File);
    CHECK(body.content() == "no/such/file.png");
    CHECK(body.content_type() == "image/png");
}
