// SPDX-License-Identifier: Apache-2.0
#include "user/json_index.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>

#include "user/json_text.hpp"

using cicada::user::JsonIndex;

namespace {

JsonIndex::Place found(std::optional<JsonIndex::Place> place) {
    REQUIRE(place.has_value());
    return place.value_or(0);
}

/// The index has to say of every value in `tree` what the tree says.
void expect_same(const JsonIndex& index, JsonIndex::Place place, const nlohmann::json& tree) {
    if (tree.is_object()) {
        REQUIRE(index.kind(place) == JsonIndex::Kind::Object);
        CHECK(index.size(place) == static_cast<std::int64_t>(tree.size()));
        for (const auto& [name, value] : tree.items()) {
            expect_same(index, found(index.member(place, name)), value);
        }
    } else if (tree.is_array()) {
        REQUIRE(index.kind(place) == JsonIndex::Kind::Array);
        CHECK(index.size(place) == static_cast<std::int64_t>(tree.size()));
        for (std::size_t i = 0; i < tree.size(); ++i) {
            const auto number = static_cast<std::int64_t>(i);
            expect_same(index, found(index.item(place, number)), tree[i]);
        }
    } else if (tree.is_string()) {
        CHECK(index.text(place) == tree.get<std::string>());
        CHECK(index.equals(place, tree.get<std::string>()));
    } else if (tree.is_number()) {
        CHECK(index.number(place) == tree.get<double>());
    } else {
        CHECK(index.raw(place) == tree.dump());
    }
}

nlohmann::json random_tree(std::mt19937& random, int depth, const char* odd = "\"\\\n\u00e9\t/") {
    switch (random() % (depth > 0 ? 8 : 6)) {
        case 0:
            return nullptr;
        case 1:
            return random() % 2 == 0;
        case 2:
            return static_cast<std::int64_t>(random()) - 2'000'000'000;
        case 3:
            return static_cast<double>(random()) * 1e-5;
        case 4:
            return std::string(random() % 20, 'x') + odd;
        case 5:
            return std::string(random() % 40, static_cast<char>('a' + random() % 26));
        case 6: {
            auto array = nlohmann::json::array();
            for (auto left = random() % 5; left > 0; --left) {
                array.push_back(random_tree(random, depth - 1, odd));
            }
            return array;
        }
        default: {
            auto object = nlohmann::json::object();
            for (auto left = random() % 5; left > 0; --left) {
                object["k" + std::to_string(random() % 100)] = random_tree(random, depth - 1, odd);
            }
            return object;
        }
    }
}

}  // namespace

TEST_CASE("the index agrees with a tree of the same text") {
    // Goal: nothing is misread. Method: random documents, written by another library in three
    // layouts, compared value by value with its tree.
    std::mt19937 random(7);
    for (int round = 0; round < 600; ++round) {
        const nlohmann::json tree = random_tree(random, 5);
        const std::string text = tree.dump(round % 3 == 0 ? 2 : -1, ' ', round % 2 == 0);
        JsonIndex index;
        REQUIRE(index.parse(text));
        expect_same(index, 0, tree);
    }
}

TEST_CASE("text that is not JSON is refused exactly where another parser refuses it") {
    // Goal: valid and invalid are told apart. Method: one letter of valid texts is changed or cut.
    // No letter that could break UTF-8 or make a number too large: there the two differ on purpose.
    std::mt19937 random(11);
    const std::string letters = "{}[]\",:0-+.truflasn \\\n\x01u9";
    for (int round = 0; round < 20'000; ++round) {
        std::string text = random_tree(random, 3, "\"\\\n\t/").dump();
        const std::size_t place = random() % (text.size() + 1);
        if (round % 2 == 0) {
            text.resize(place);
        } else if (place < text.size()) {
            text[place] = letters[random() % letters.size()];
        }
        CAPTURE(text);
        CHECK(JsonIndex().parse(text) == nlohmann::json::accept(text));
    }
}

TEST_CASE("a number has the form that JSON allows") {
    // Goal: exponents, too, which the random texts leave out. Method: each form once.
    for (const char* good : {"0", "-0", "1e5", "1E+5", "1.5e-5", "-12.25", " 7 "}) {
        CHECK_MESSAGE(JsonIndex().parse(good), good);
    }
    for (const char* bad : {"", "-", "01", "1.", ".5", "1e", "1e+", "+1", "0x1", "1 2", "NaN"}) {
        CHECK_FALSE_MESSAGE(JsonIndex().parse(bad), bad);
    }
}

TEST_CASE("depth is limited and costs no stack") {
    // Goal: a hostile body cannot overflow a fiber's stack. Method: nesting of a million.
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    JsonIndex index;
    CHECK(index.parse(nested(JsonIndex::kDeepest)));
    CHECK_FALSE(index.parse(nested(JsonIndex::kDeepest + 1)));
    CHECK_FALSE(index.parse(nested(1'000'000)));
    CHECK(index.empty());
}

TEST_CASE("a path names where a value stands") {
    // Goal: messages lead to the place. Method: paths of values that were found by asking.
    JsonIndex index;
    REQUIRE(index.parse(R"({"a": [1, {"b c": [true]}], "n": {"": 0}})"));
    CHECK(index.path(0) == "/");
    const auto array = index.member(0, "a");
    CHECK(index.path(*array) == "/a");
    const auto inner = index.member(*index.item(*array, 1), "b c");
    CHECK(index.path(*inner) == "/a/1/b c");
    CHECK(index.path(*index.item(*inner, 0)) == "/a/1/b c/0");
    CHECK(index.path(*index.member(*index.member(0, "n"), "")) == "/n/");
}

TEST_CASE("numbers keep their value up to the limits of their types") {
    // Goal: no rounding of integers, no error of numbers that are too large.
    JsonIndex index;
    REQUIRE(index.parse("[9223372036854775807, 9223372036854775808, 1.5, 1e999, -1e999, 1e-999]"));
    CHECK(index.integer(1) == 9223372036854775807);
    CHECK_FALSE(index.integer(2));
    CHECK(index.number(2) == 9223372036854775808.0);
    CHECK_FALSE(index.integer(3));
    CHECK(index.number(4) == std::numeric_limits<double>::infinity());
    CHECK(index.number(5) == -std::numeric_limits<double>::infinity());
    CHECK(index.number(6) == 0);
}

TEST_CASE("half a surrogate pair becomes the replacement character") {
    // Goal: escapes never yield broken UTF-8. Method: pairs whole, halved and doubled.
    CHECK(cicada::user::unescaped_json(R"(\ud83d\ude00)") == "\xF0\x9F\x98\x80");
    CHECK(cicada::user::unescaped_json(R"(\ud83dx)") == "\xEF\xBF\xBDx");
    CHECK(cicada::user::unescaped_json(R"(\ud83d\ud83d)") == "\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(cicada::user::unescaped_json(R"(\u00e9\u0041)") ==
          "\xC3\xA9"
          "A");
}
