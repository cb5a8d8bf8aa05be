// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.hpp"

#include <doctest/doctest.h>

namespace cicada::base {

// Goal: a typing slip finds its name, another word finds none. Method: each kind of slip, and far
// ones.
TEST_CASE("nearest finds what was meant") {
    const std::vector<std::string> names{"name", "headers", "timeout", "weight"};
    CHECK(nearest("nmae", names) == "name");
    CHECK(nearest("header", names) == "headers");
    CHECK(nearest("timeuot", names) == "timeout");
    CHECK(nearest("wieght", names) == "weight");
    CHECK(nearest("colour", names) == std::nullopt);
    CHECK(nearest("x", {}) == std::nullopt);
    CHECK(nearest("--hots", {"--host", "--users"}) == "--host");
    CHECK(nearest("--xyz", {"--host", "--users"}) == std::nullopt);
    CHECK(nearest("", {"--host"}) == std::nullopt);
}

}  // namespace cicada::base
