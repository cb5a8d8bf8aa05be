// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace cicada::base {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error, Critical };

/// One line of the log, as it is handed to the writer.
struct LogLine {
    LogLevel level;
    std::string text;
};

/// Where lines go. Until somebody sets a writer they go to stderr.
///
/// Threads: any; the writer is called on the thread that logs and must not block for long.
void set_log_writer(std::function<void(const LogLine&)> writer);

/// Lines below `least` are dropped before they are formatted.
void set_log_level(LogLevel least);
[[nodiscard]] bool logs(LogLevel level);

/// `[2026-11-22 21:05:54,123] host/INFO/cicada: text`. Source: Locust, log.py.
[[nodiscard]] std::string formatted(const LogLine& line);

void log_text(LogLevel level, std::string text);

template <class... Arguments>
void log(LogLevel level, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    if (logs(level)) log_text(level, fmt::format(format, std::forward<Arguments>(arguments)...));
}

}  // namespace cicada::base
