// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cicada/asset.hpp>
#include <cicada/feeder.hpp>
#include <cicada/users.hpp>
#include <string>

#include "user/data_files.hpp"
#include "user/registry.hpp"

namespace cicada::user {
namespace {

class Somebody : public User {};

TEST_CASE("the files a test needs are those of its feeders and assets") {
    // Goal: what has to travel with a test is known, and what is not there is a complaint.
    registry().clear();
    registry().begin_file("/tests/shop/cicadafile.cpp");
    [[maybe_unused]] const auto rows = csv_feeder("data/rows.csv", Feed::Circular);
    [[maybe_unused]] const auto numbers = range_feeder(1, 5, Feed::Circular);
    const auto photo = asset("../photo.jpg");
    registry().end_file();
    CHECK(photo.path() == "/tests/photo.jpg");
    const auto files = data_files(registry(), "/elsewhere");
    REQUIRE(files.size() == 2);
    CHECK(files[0] == "/tests/shop/data/rows.csv");
    CHECK(files[1] == "/tests/photo.jpg");
    users<Somebody>();
    bool complained = false;
    for (const std::string& line : registry().check()) {
        complained = complained || line.ends_with("asset /tests/photo.jpg: there is no such file");
    }
    CHECK(complained);
    registry().clear();
}

}  // namespace
}  // namespace cicada::user
