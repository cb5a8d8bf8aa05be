// SPDX-License-Identifier: Apache-2.0
#include "scenario/digest.hpp"

#include <doctest/doctest.h>

#include "scenario/temporary_folder_test.hpp"

namespace cicada::scenario {
namespace {

// Goal: keys made of lists of texts are distinct where the lists are. Method: the same characters,
// split differently.
TEST_CASE("a digest tells where one text ends and the next begins") {
    CHECK(Digest().add("ab").add("c").hex() == Digest().add("ab").add("c").hex());
    CHECK(Digest().add("ab").add("c").hex() != Digest().add("a").add("bc").hex());
    CHECK(Digest().add("").hex() != Digest().hex());
    CHECK(Digest().add("x").hex().size() == 64);
}

// Goal: a file's digest is its content's, beyond one buffer too. Method: against the text's digest.
TEST_CASE("digest_of_file reads the whole file") {
    const TemporaryFolder folder;
    const std::string content(200'000, 'x');
    CHECK(digest_of_file(folder.write("long", content)) == digest_of_text(content));
    CHECK(digest_of_file(folder.write("empty", "")) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK_FALSE(digest_of_file(folder.path() / "absent").has_value());
    CHECK_FALSE(digest_of_file(folder.path()).has_value());
}

}  // namespace
}  // namespace cicada::scenario
