// SPDX-License-Identifier: Apache-2.0
#include "scenario/child_process.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <csignal>

namespace cicada::scenario {
namespace {

Finished run_shell(const std::string& script) {
    const auto finished = run_program({"/bin/sh", "-c", script});
    REQUIRE(finished.has_value());
    return *finished;
}

// Goal: what a program prints and how it ends comes back. Method: shell scripts that do each.
TEST_CASE("run_program returns both outputs and the exit code") {
    const Finished finished = run_shell("echo out; echo err >&2; exit 3");
    CHECK(finished.output == "out\n");
    CHECK(finished.errors == "err\n");
    CHECK(finished.exit_code == 3);
    CHECK(run_shell("kill -9 $$").exit_code == 128 + SIGKILL);
    CHECK(run_shell("cat").exit_code == 0);  // there is no input to wait for
}

// Goal: a program that is not there is an outcome, not an exception.
TEST_CASE("run_program says why a program cannot be started") {
    const auto finished = run_program({"no-such-program-anywhere"});
    REQUIRE_FALSE(finished.has_value());
    CHECK(finished.error() == "No such file or directory");
}

// Goal: a compiler that babbles neither blocks on a full pipe nor fills our memory.
TEST_CASE("run_program keeps a bounded part of a long output") {
    const Finished finished = run_shell("head -c 6000000 /dev/zero; head -c 6000000 /dev/zero >&2");
    CHECK(finished.exit_code == 0);
    CHECK(finished.output.size() + finished.errors.size() == kPrintedLimit);
}

// Goal: the child gets nothing of ours that it has no use for: descriptors, ignored signals, a
// language. Method: it looks at what it has.
TEST_CASE("run_program hands over a clean process") {
    const int ours = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    const Finished finished = run_shell("[ -e /proc/self/fd/" + std::to_string(ours) +
                                        " ] && echo leaked; echo $LC_ALL$LANG; kill -PIPE $$");
    std::signal(SIGPIPE, before);
    close(ours);
    CHECK(finished.output == "C\n");
    CHECK(finished.exit_code == 128 + SIGPIPE);
}

}  // namespace
}  // namespace cicada::scenario
