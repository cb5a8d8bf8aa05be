// SPDX-License-Identifier: Apache-2.0
#include "cli/run_options.hpp"

#include <doctest/doctest.h>

namespace cicada::cli {
namespace {

TEST_CASE("the strongest reason decides the exit code") {
    // Goal: thresholds decide where there are any, otherwise failures do; the verdict only if
    // asked. Method: a table of outcomes.
    const Settings usual;
    CHECK(exit_code_of({}, usual) == 0);
    CHECK(exit_code_of({.failures = true}, usual) == 1);
    CHECK(exit_code_of({.failures = true, .thresholds = 2}, usual) == 0);
    CHECK(exit_code_of({.thresholds = 2, .thresholds_missed = 1}, usual) == 3);
    CHECK(exit_code_of({.given_up = "no host", .thresholds = 1}, usual) == 1);
    CHECK(exit_code_of({.exit_code = 42, .thresholds = 1, .thresholds_missed = 1}, usual) == 42);
    CHECK(exit_code_of({.listener_threw = true}, usual) == 2);
    CHECK(exit_code_of({.failures = true, .listener_threw = true}, usual) == 1);
    CHECK(exit_code_of({.failures = true, .listener_threw = true, .thresholds = 1}, usual) == 2);

    Settings lenient;
    lenient.exit_code_on_error = 0;
    CHECK(exit_code_of({.failures = true}, lenient) == 0);
    CHECK(exit_code_of({.failures = true, .listener_threw = true}, lenient) == 0);
}

TEST_CASE("a verdict decides the exit code if it is asked to") {
    // Goal: INVALID before thresholds, which cannot be believed then; SUSPECT only of what passed.
    // Method: a table.
    using stats::Grade;
    const Settings usual;
    CHECK(exit_code_of({.grade = Grade::Invalid}, usual) == 0);
    CHECK(exit_code_of({.grade = Grade::Suspect}, usual) == 0);
    Settings strict;
    strict.exit_code_on_invalid = 5;
    strict.exit_code_on_suspect = 4;
    CHECK(exit_code_of({.grade = Grade::Valid}, strict) == 0);
    CHECK(exit_code_of({.grade = Grade::Suspect}, strict) == 4);
    CHECK(exit_code_of({.grade = Grade::Invalid}, strict) == 5);
    CHECK(exit_code_of({.thresholds = 1, .thresholds_missed = 1, .grade = Grade::Invalid},
                       strict) == 5);
    CHECK(exit_code_of({.thresholds = 1, .thresholds_missed = 1, .grade = Grade::Suspect},
                       strict) == 3);
    CHECK(exit_code_of({.failures = true, .grade = Grade::Suspect}, strict) == 1);
    strict.exit_code_on_invalid = 0;
    CHECK(exit_code_of({.grade = Grade::Invalid}, strict) == 4);
}

}  // namespace
}  // namespace cicada::cli
