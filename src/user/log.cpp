// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <cicada/log.hpp>

namespace cicada::log {

void debug(std::string_view text) {
    base::log(base::LogLevel::Debug, "{}", text);
}

void info(std::string_view text) {
    base::log(base::LogLevel::Info, "{}", text);
}

void warning(std::string_view text) {
    base::log(base::LogLevel::Warning, "{}", text);
}

void error(std::string_view text) {
    base::log(base::LogLevel::Error, "{}", text);
}

}  // namespace cicada::log
