// SPDX-License-Identifier: Apache-2.0
#include "cli/url_user.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"
#include "user/registry.hpp"

namespace cicada::cli {
namespace {

TEST_CASE("a URL becomes a test with one user class and one task") {
    // Goal: `cicada URL` needs no file.
    // Method: look at what is declared.
    user::registry().clear();
    declare_url_user("http://127.0.0.1:8000/items?page=2#top");
    REQUIRE(user::registry().declarations().size() == 1);
    const user::Declaration& declaration = *user::registry().declarations().front();
    CHECK(declaration.name == "UrlUser");
    CHECK(declaration.host == "http://127.0.0.1:8000");
    CHECK(declaration.tasks.size() == 1);
    CHECK(user::registry().check().empty());
    user::registry().clear();
}

TEST_CASE("a URL that cannot be asked is a bad argument") {
    // Goal: one line, exit code 2.
    // Method: another scheme, and no host.
    user::registry().clear();
    for (const char* url : {"ftp://127.0.0.1/", "https://127.0.0.1/", "http://"}) {
        try {
            declare_url_user(url);
            FAIL("accepted: " << url);
        } catch (const base::Error& error) {
            CHECK(error.exit_code() == base::ExitCode::BadArguments);
        }
    }
}

}  // namespace
}  // namespace cicada::cli
