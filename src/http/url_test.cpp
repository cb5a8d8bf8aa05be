// SPDX-License-Identifier: Apache-2.0
#include "http/url.hpp"

#include <doctest/doctest.h>

#include <array>
#include <utility>

using cicada::http::Url;

namespace {

std::string normalised(std::string_view text) {
    const auto url = Url::parse(text);
    return url ? url->text() : url.error();
}

}  // namespace

TEST_CASE("a URL is taken apart and normalised") {
    // Goal: every part lands in its field. Method: one URL with all of them, then single ones.
    const auto url =
        Url::parse("HTTP://ellen:p%40ss@Example.COM:8080/a/./b/../c?x=1&y=#top").value();
    CHECK(url.scheme == "http");
    CHECK(url.user_info == "ellen:p%40ss");
    CHECK(url.host == "example.com");
    CHECK(url.port == 8080);
    CHECK(url.path == "/a/c");
    CHECK(url.query == "x=1&y=");
    CHECK(url.fragment == "top");
    CHECK(url.target() == "/a/c?x=1&y=");
    CHECK(url.text() == "http://example.com:8080/a/c?x=1&y=#top");

    CHECK(normalised("http://h") == "http://h/");
    CHECK(normalised("http://h:80") == "http://h/");
    CHECK(normalised("https://h:443/x") == "https://h/x");
    CHECK(normalised("http://h?q") == "http://h/?q");
    CHECK(normalised("http://h/?") == "http://h/?");
    CHECK(normalised("http://[::1]:81/x") == "http://[::1]:81/x");
    CHECK(normalised("http://h/a b\"\xc3\xa4%zz%41") == "http://h/a%20b%22%C3%A4%25zz%41");
    CHECK(normalised("http://h/../../x/..") == "http://h/");
}

TEST_CASE("an invalid URL is named with what is wrong") {
    // Goal: the texts a person reads. Method: one bad URL per rule.
    CHECK(normalised("example.com") ==
          "invalid URL \"example.com\": it must begin with http:// or https://");
    CHECK(normalised("ftp://h/") == "invalid URL \"ftp://h/\": the scheme must be http or https");
    CHECK(normalised("http:///x") == "invalid URL \"http:///x\": it has no host");
    CHECK(normalised("http://h:0") ==
          "invalid URL \"http://h:0\": the port must be a number from 1 to 65535");
    CHECK(normalised("http://h:70000/").find("1 to 65535") != std::string::npos);
    CHECK(normalised("http://h:8a/").find("1 to 65535") != std::string::npos);
    CHECK(normalised("http://[::1/") == "invalid URL \"http://[::1/\": the bracket is not closed");
    CHECK(normalised("http://a b/").find("may not stand there") != std::string::npos);
    CHECK(normalised("http://a\r\nX: y/").find("may not stand there") != std::string::npos);
}

TEST_CASE("references are joined as RFC 3986 says") {
    // Goal: the normal and abnormal examples of RFC 3986 §5.4. Method: its table, over http.
    const auto base = Url::parse("http://a/b/c/d;p?q").value();
    constexpr std::array kExamples{
        std::pair{"g", "http://a/b/c/g"},
        std::pair{"./g", "http://a/b/c/g"},
        std::pair{"g/", "http://a/b/c/g/"},
        std::pair{"/g", "http://a/g"},
        std::pair{"//g", "http://g/"},
        std::pair{"?y", "http://a/b/c/d;p?y"},
        std::pair{"g?y", "http://a/b/c/g?y"},
        std::pair{"#s", "http://a/b/c/d;p?q#s"},
        std::pair{"g#s", "http://a/b/c/g#s"},
        std::pair{"g?y#s", "http://a/b/c/g?y#s"},
        std::pair{";x", "http://a/b/c/;x"},
        std::pair{"", "http://a/b/c/d;p?q"},
        std::pair{".", "http://a/b/c/"},
        std::pair{"./", "http://a/b/c/"},
        std::pair{"..", "http://a/b/"},
        std::pair{"../g", "http://a/b/g"},
        std::pair{"../..", "http://a/"},
        std::pair{"../../g", "http://a/g"},
        std::pair{"../../../g", "http://a/g"},
        std::pair{"/./g", "http://a/g"},
        std::pair{"/../g", "http://a/g"},
        std::pair{"g.", "http://a/b/c/g."},
        std::pair{"..g", "http://a/b/c/..g"},
        std::pair{"./../g", "http://a/b/g"},
        std::pair{"g/./h", "http://a/b/c/g/h"},
        std::pair{"g;x=1/../y", "http://a/b/c/y"},
        std::pair{"g?y/../x", "http://a/b/c/g?y/../x"},
        std::pair{"https://h:444/x", "https://h:444/x"},
    };
    for (const auto& [reference, expected] : kExamples) {
        CAPTURE(reference);
        CHECK(base.join(reference)->text() == expected);
    }
    CHECK(base.join("mailto:x@y").error() ==
          "invalid URL \"mailto:x@y\": it must begin with http:// or https://");
}

TEST_CASE("encodings keep what may stand and escape the rest") {
    // Goal: a query value survives, a target cannot break a request line. Method: all bytes.
    std::string all;
    for (int code = 0; code < 256; ++code) all += static_cast<char>(code);
    std::string form;
    cicada::http::append_form_encoded(form, "a b&c=ä/~");
    CHECK(form == "a+b%26c%3D%C3%A4%2F~");
    std::string target;
    cicada::http::append_target_encoded(target, all);
    CHECK(target.find_first_of(std::string_view("\0\r\n\t \"<>\\^`{|}\x7f", 15)) ==
          std::string::npos);
    CHECK(cicada::http::percent_decoded(target) == all);
    CHECK(cicada::http::is_plain_target("/items/42?x=1&y=[]"));
    CHECK_FALSE(cicada::http::is_plain_target("/a b"));
    CHECK_FALSE(cicada::http::is_plain_target("/a#b"));
    CHECK_FALSE(cicada::http::is_plain_target("/a%20b"));
    CHECK_FALSE(cicada::http::is_plain_target("/a\r\nX: y"));
    CHECK(cicada::http::percent_decoded("%4x%41%") == "%4xA%");
}
