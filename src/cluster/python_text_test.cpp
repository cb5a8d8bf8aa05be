// SPDX-License-Identifier: Apache-2.0
#include "cluster/python_text.hpp"

#include <doctest/doctest.h>

namespace cicada::cluster {

TEST_CASE("an error has the key that Locust's own workers give it") {
    // Goal: one row for one error, whatever make of worker met it. Method: keys computed by Locust
    // 2.46.3.
    const auto key = [](std::string_view error) { return locust_error_key("GET", "/x", error); };
    CHECK(locust_error_key("GET", "/some-path", "boom") ==
          "dc49d3141b017cbb397405024e2b9162b99bdef6939e6989fdffbc8ce23d07d0");
    CHECK(key("boom") == "d2871aa744fc7ffb8e6c5e822f34fb531e6a62829c8760c4f747bf294793628f");
    CHECK(key("it's") == "2039e33d1d5db16b14565e91d1d3436e0c272e137344fa52a6130562acdaca8c");
    CHECK(key("say \"x\" it's") ==
          "826e5458123ce23d82215ebaef9b0a317ca8e56fca11cf0ce8c7be175eb4bb73");
    CHECK(key("tab\t\x01\x7f") ==
          "a9ba8a41992d64f7ab760d44852fca1e247ce2543a06bd2892d326af9e6b7056");
    CHECK(key("back\\slash") == "24381e0a9c0b4b585b1c902c8ef5e8d4ea62985803fe2b64e861f5f8a783c7d6");
    CHECK(key("é ☃") == "732be66c67b020ef0c25511fbcf1ba1d9483961ffcd87b58f045c4773a5297f4");
    CHECK(key("HTTPError('404 Client Error')") ==
          "ab0cb7cfccbc23e0880c225b2dd967e877f398d12ec335d0ee1c799d861742d0");
}

TEST_CASE("python_repr quotes and escapes as Python does") {
    CHECK(python_repr("a") == "'a'");
    CHECK(python_repr("it's") == "\"it's\"");
    CHECK(python_repr("\"it's\"") == R"('"it\'s"')");
    CHECK(python_repr("\n\r\t\\\x1f") == R"('\n\r\t\\\x1f')");
}

}  // namespace cicada::cluster
