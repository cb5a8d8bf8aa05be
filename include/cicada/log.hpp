// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

/// Lines of a test's own in the log of the run. They go where the program's own lines go (console
/// or --logfile) and never tear the live table, as std::cout would.
namespace cicada::log {

void debug(std::string_view text);
void info(std::string_view text);
void warning(std::string_view text);
void error(std::string_view text);

}  // namespace cicada::log
