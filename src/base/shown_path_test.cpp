// SPDX-License-Identifier: Apache-2.0
#include "base/shown_path.hpp"

#include <doctest/doctest.h>

#include <string>

namespace cicada::base {
namespace {

TEST_CASE("a path below the current folder is shown as one would type it") {
    // Goal: messages name files as the person did. Method: paths below the folder and beside it,
    // and a place in this file.
    const std::filesystem::path here = std::filesystem::current_path();
    CHECK(shown(here / "parts" / "shop.cpp") == "parts/shop.cpp");
    CHECK(shown(here.string() + "-other/shop.cpp") == here.string() + "-other/shop.cpp");
    CHECK(shown(std::filesystem::path("shop.cpp")) == "shop.cpp");
    CHECK(shown(here) == here.string());
    const unsigned line = __LINE__ + 1;
    const std::source_location place = std::source_location::current();
    CHECK(shown(place) == shown(std::filesystem::path(__FILE__)) + ":" + std::to_string(line));
}

}  // namespace
}  // namespace cicada::base
