// SPDX-License-Identifier: Apache-2.0
#include "cli/cluster_secret.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"
#include "cli/command_line.hpp"

namespace cicada::cli {
namespace {

Settings parsed(const std::vector<std::string>& arguments,
                const std::string& secret_in_environment = {}) {
    const auto environment = [&](const std::string& name) -> std::optional<std::string> {
        if (name != "CICADA_CLUSTER_SECRET" || secret_in_environment.empty()) return std::nullopt;
        return secret_in_environment;
    };
    return parse_command_line(
        {.arguments = arguments, .environment = environment, .folder = "/nonexistent"});
}

std::string complaint_of(const std::vector<std::string>& arguments) {
    try {
        const Settings settings = parsed(arguments);
        (void)cluster_keys(settings.cluster_secret);
        (void)plain_bind(settings);
    } catch (const base::Error& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("a secret comes from the environment or a file, and never stands on the command line") {
    // Goal: no list of processes and no complaint shows it.
    CHECK(cluster_keys(parsed({}, "correct horse battery").cluster_secret).has_value());
    CHECK_FALSE(cluster_keys(parsed({}).cluster_secret).has_value());
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"--cluster-secret", "correct horse battery"},
          std::vector<std::string>{"--cluster-secret=correct horse battery"}}) {
        CHECK(complaint_of(arguments) ==
              "argument --cluster-secret: there it would show in every list of processes; write "
              "@FILE, or set CICADA_CLUSTER_SECRET");
    }
    CHECK(complaint_of({"--cluster-secret", "@/nowhere"}) ==
          "the cluster's secret cannot be read from /nowhere: No such file or directory");
    CHECK_THROWS_WITH_AS((void)cluster_keys(parsed({}, "short").cluster_secret),
                         "the cluster's secret has 5 bytes; it needs 12 to 1024",
                         base::Error);
}

TEST_CASE("a plain port is an exception from a secret") {
    CHECK(complaint_of({"--plain-bind", "5558"}) ==
          "argument --plain-bind: without --cluster-secret the usual port is plain");
    CHECK(complaint_of({"--plain-bind", "x"}) ==
          "argument --plain-bind: 'x' is neither a port nor HOST:PORT");
    const auto bind =
        plain_bind(parsed({"--plain-bind", "10.0.0.1:5558"}, "correct horse battery"));
    REQUIRE(bind.has_value());
    CHECK(bind->host == "10.0.0.1");
    CHECK(bind->port == 5558);
}

TEST_CASE("a master says when anybody can join") {
    const auto keys = cluster::keys_of("correct horse battery").value();
    CHECK(warning_of_ports({.host = "127.0.0.1"}).empty());
    CHECK(warning_of_ports({.host = "*", .port = 5557}) ==
          "anybody who reaches port 5557 can join this cluster and read what it says: there is no "
          "--cluster-secret; workers take no code from here");
    CHECK(warning_of_ports({.host = "*", .keys = keys}).empty());
    CHECK(warning_of_ports(
              {.host = "*", .keys = keys, .plain = cluster::Bind{.host = "*", .port = 5558}}) ==
          "anybody who reaches *:5558 can join this cluster and read what it says there: "
          "--plain-bind");
}

}  // namespace cicada::cli
