// SPDX-License-Identifier: Apache-2.0
#include "report/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace cicada::report {
namespace {

std::string_view variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

bool locale_is_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const std::string_view value = variable(name);
        if (value.empty()) continue;
        for (const std::string_view spelling : {"UTF-8", "utf-8", "UTF8", "utf8"}) {
            if (value.find(spelling) != std::string_view::npos) return true;
        }
        return false;
    }
    return false;
}

}  // namespace

Terminal terminal_of(int fd) {
    if (fd < 0 || ::isatty(fd) == 0) return {};
    const std::string_view kind = variable("TERM");
    const bool redraws = !kind.empty() && kind != "dumb";
    return {.is_terminal = true,
            .redraws = redraws,
            .colours = redraws && variable("NO_COLOR").empty(),
            .utf8 = locale_is_utf8()};
}

TerminalSize size_of(int fd) {
    winsize size{};
    if (fd < 0 || ::ioctl(fd, TIOCGWINSZ, &size) != 0) return {};
    return {.columns = size.ws_col == 0 ? 80U : size.ws_col,
            .rows = size.ws_row == 0 ? 24U : size.ws_row};
}

}  // namespace cicada::report
