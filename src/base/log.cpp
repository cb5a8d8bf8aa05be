// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <fmt/chrono.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <mutex>

#include "base/clock.hpp"

namespace cicada::base {
namespace {

std::atomic<LogLevel> least_level{LogLevel::Info};
std::mutex writer_mutex;
std::function<void(const LogLine&)> current_writer;  // guarded by writer_mutex

std::string_view level_name(LogLevel level) {
    static constexpr std::array<std::string_view, 5> kNames{
        "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"};
    return kNames.at(static_cast<std::size_t>(level));
}

std::string short_host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
    const std::string_view whole(name.data());
    return std::string(whole.substr(0, whole.find('.')));
}

}  // namespace

void set_log_writer(std::function<void(const LogLine&)> writer) {
    const std::lock_guard lock(writer_mutex);
    current_writer = std::move(writer);
}

void set_log_level(LogLevel least) {
    least_level = least;
}

bool logs(LogLevel level) {
    return level >= least_level.load(std::memory_order_relaxed);
}

std::string formatted(const LogLine& line) {
    static const std::string host = short_host_name();
    const auto now = wall_now();
    const auto since_epoch = now.time_since_epoch();
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count() % 1000;
    return fmt::format("[{:%Y-%m-%d %H:%M:%S},{:03}] {}/{}/cicada: {}",
                       fmt::localtime(std::chrono::system_clock::to_time_t(now)),
                       ms,
                       host,
                       level_name(line.level),
                       line.text);
}

void log_text(LogLevel level, std::string text) {
    const LogLine line{level, std::move(text)};
    std::function<void(const LogLine&)> writer;
    {
        const std::lock_guard lock(writer_mutex);
        writer = current_writer;
    }
    if (writer) {
        writer(line);
    } else {
        std::fprintf(stderr, "%s\n", formatted(line).c_str());
    }
}

}  // namespace cicada::base
