// SPDX-License-Identifier: Apache-2.0
#include "http/cookies.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "http/cookie_date.hpp"

using namespace std::chrono_literals;
using cicada::base::TimePoint;
using cicada::http::CookieJar;
using cicada::http::CookieScope;

namespace {

constexpr TimePoint kStart{1000h};

std::string sent(CookieJar& jar, const CookieScope& scope, TimePoint now = kStart) {
    std::string field;
    jar.append_field(field, scope, now);
    return field;
}

}  // namespace

TEST_CASE("a cookie comes back to where it belongs") {
    // Goal: host, domain and path rules of RFC 6265. Method: one jar, several scopes.
    CookieJar jar;
    CHECK(sent(jar, {"shop.example.com", "/"}).empty());
    jar.store("session=a1; HttpOnly; Path=/", {"shop.example.com", "/login"}, kStart);
    jar.store("all = b2 ; Domain=.Example.com; Path=/", {"shop.example.com", "/"}, kStart);
    jar.store("deep=c3", {"shop.example.com", "/cart/items/7?x=/y/z"}, kStart);

    CHECK(sent(jar, {"shop.example.com", "/"}) == "Cookie: session=a1; all=b2\r\n");
    CHECK(sent(jar, {"example.com", "/x"}) == "Cookie: all=b2\r\n");
    CHECK(sent(jar, {"badexample.com", "/x"}).empty());
    CHECK(sent(jar, {"a.shop.example.com", "/"}) == "Cookie: all=b2\r\n");
    CHECK(sent(jar, {"shop.example.com", "/cart/items"}) ==
          "Cookie: deep=c3; session=a1; all=b2\r\n");
    CHECK(sent(jar, {"shop.example.com", "/cart/items/8?q"}).starts_with("Cookie: deep=c3;"));
    CHECK(sent(jar, {"shop.example.com", "/cart/itemsX"}) == "Cookie: session=a1; all=b2\r\n");
}

TEST_CASE("a cookie is replaced by name, domain and path, and removed by its end") {
    // Goal: an update keeps its place, Max-Age and Expires end a cookie. Method: a moved clock.
    CookieJar jar;
    const CookieScope scope{"h", "/"};
    jar.store("a=1; Path=/", scope, kStart);
    jar.store("b=2; Path=/", scope, kStart);
    jar.store("a=3; Path=/", scope, kStart);
    CHECK(sent(jar, scope) == "Cookie: a=3; b=2\r\n");
    jar.store("a=3; Path=/", scope, kStart);
    CHECK(jar.size() == 2);

    jar.store("a=4; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", scope, kStart);
    CHECK(sent(jar, scope) == "Cookie: b=2\r\n");
    jar.store("b=5; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/", scope, kStart);
    CHECK(sent(jar, scope, kStart + 9s) == "Cookie: b=5\r\n");
    jar.store("b=5; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/", scope, kStart + 9s);
    CHECK(sent(jar, scope, kStart + 11s) == "Cookie: b=5\r\n");
    CHECK(sent(jar, scope, kStart + 19s).empty());
    CHECK(jar.empty());
    jar.store("c=1; Max-Age=99999999999999999999", scope, kStart);
    CHECK(jar.size() == 1);
    jar.store("c=1; Max-Age=0", scope, kStart);
    CHECK(jar.empty());
    jar.store("d=1; Expires=Fri, 31-Dec-2199 23:59:59 GMT", scope, kStart);
    CHECK(sent(jar, scope, kStart + 24h * 399) == "Cookie: d=1\r\n");
}

TEST_CASE("what breaks the rules is ignored") {
    // Goal: no foreign, nameless, endless or Secure-only cookie gets out. Method: one of each.
    CookieJar jar;
    const CookieScope scope{"shop.example.com", "/"};
    for (const char* bad : {"",
                            "novalue",
                            "=x",
                            " =x",
                            "a=1; Domain=other.com",
                            "a=1; Domain=com",
                            "a=1; Domain=xshop.example.com"}) {
        CAPTURE(bad);
        jar.store(bad, scope, kStart);
        CHECK(jar.empty());
    }
    jar.store("a=1; Domain=0.0.1", {"127.0.0.1", "/"}, kStart);
    CHECK(jar.empty());
    jar.store("a=" + std::string(5000, 'x'), scope, kStart);
    CHECK(jar.empty());
    jar.store("safe=1; Secure", scope, kStart);
    CHECK(sent(jar, scope).empty());
    CHECK(sent(jar, {"shop.example.com", "/", true}) == "Cookie: safe=1\r\n");
}

TEST_CASE("a jar is bounded and the oldest cookie makes room") {
    // Goal: a server cannot fill memory. Method: more cookies than fit.
    CookieJar jar;
    for (int i = 0; i < 400; ++i) jar.store(fmt::format("c{}=1; Path=/", i), {"h", "/"}, kStart);
    CHECK(jar.size() == 300);
    const auto field = sent(jar, {"h", "/"});
    CHECK(field.find("c99=") == std::string::npos);
    CHECK(field.find("c100=") != std::string::npos);
    CHECK(field.find("c399=") != std::string::npos);
}

TEST_CASE("dates are read in the forms servers write") {
    // Goal: the algorithm of RFC 6265 §5.1.1. Method: three common forms and nonsense.
    using cicada::http::parse_cookie_date;
    const auto expected =
        std::chrono::sys_days{std::chrono::November / 6 / 1994} + 8h + 49min + 37s;
    CHECK(parse_cookie_date("Sun, 06 Nov 1994 08:49:37 GMT") == expected);
    CHECK(parse_cookie_date("Sunday, 06-Nov-94 08:49:37 GMT") == expected);
    CHECK(parse_cookie_date("Sun Nov  6 08:49:37 1994") == expected);
    CHECK(parse_cookie_date("Fri, 31 Dec 9999 23:59:59 GMT") == cicada::base::WallTime::max());
    for (const char* bad : {"",
                            "soon",
                            "31 Feb 2020 10:00:00",
                            "1 Jan 2020",
                            "1 Jan 2020 24:00:00",
                            "1 Jan 1600 00:00:00",
                            "99999999999999999999 Jan 1 1:1:1"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_cookie_date(bad).has_value());
    }
}
