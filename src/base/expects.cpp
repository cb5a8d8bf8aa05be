// SPDX-License-Identifier: Apache-2.0
#include "base/expects.hpp"

#include <cstdio>
#include <cstdlib>

#include "base/crash.hpp"

namespace cicada::base {

void fail_expectation(const char* why, std::source_location where) {
    run_crash_hook();
    std::fprintf(
        stderr, "%s:%u: %s: %s\n", where.file_name(), where.line(), where.function_name(), why);
    std::abort();
}

}  // namespace cicada::base
