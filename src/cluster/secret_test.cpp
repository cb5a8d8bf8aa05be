// SPDX-License-Identifier: Apache-2.0
#include "cluster/secret.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>

#include "cluster/test_hex.hpp"

namespace cicada::cluster {
namespace {

std::string hex(const Key& key) {
    return to_hex({reinterpret_cast<const char*>(key.data()), key.size()});
}

}  // namespace

TEST_CASE("keys follow from the secret, by argon2id with the documented parameters") {
    // Goal: nodes of any version find the same keys; docs/protocol.md can be followed. Method: what
    // the argon2 program and another Curve25519 made of the same parameters.
    const auto keys = keys_of("correct horse battery");
    REQUIRE(keys.has_value());
    CHECK(hex(keys->master_secret) ==
          "f7e17a1d6313ca8f81c29814c3a8393b7c873fdc0ccf986aaf76111330126918");
    CHECK(hex(keys->worker_secret) ==
          "39dc20f84e7c125b7f52c20c4f1e96ad678da4f54c303f28766bdd91b86732ab");
    CHECK(hex(keys->master_public) ==
          "378f0f48cd6a41cba2cf419243b11cae14e2673781c6ddb1ea13df67886b0c03");
    CHECK(hex(keys->worker_public) ==
          "05808babcf0f803318d95999c0df9d81d56b712f28cc9b6954e3172b5be82c7f");
    CHECK(hex(keys_of("correct horse batterx")->master_secret) != hex(keys->master_secret));
}

TEST_CASE("a secret that is too short or too long is refused, and not shown") {
    CHECK(keys_of("short").error() == "the cluster's secret has 5 bytes; it needs 12 to 1024");
    CHECK(keys_of(std::string(1'025, 'x')).error() ==
          "the cluster's secret has 1025 bytes; it needs 12 to 1024");
}

TEST_CASE("an option's secret is itself or the first line of a file") {
    CHECK(secret_of_option("correct horse battery") == "correct horse battery");
    CHECK(secret_of_option("@/nowhere/secret").error() ==
          "the cluster's secret cannot be read from /nowhere/secret: No such file or directory");

    const std::string path = std::string(P_tmpdir) + "/cicada-secret-test";
    std::ofstream(path) << "correct horse battery\r\nanother line\n";
    CHECK(secret_of_option("@" + path) == "correct horse battery");
    std::ofstream(path, std::ios::trunc).flush();
    CHECK(secret_of_option("@" + path).error() ==
          "the cluster's secret cannot be read from " + path + ": it is empty");
    std::remove(path.c_str());
}

}  // namespace cicada::cluster
