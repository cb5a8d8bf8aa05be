// SPDX-License-Identifier: Apache-2.0
#include "scenario/compiler_output.hpp"

#include <charconv>
#include <cstddef>
#include <sstream>
#include <string_view>

namespace cicada::scenario {
namespace {

/// "FILE:LINE:COLUMN:" and what follows it.
struct PlacedLine {
    SourcePlace place;
    std::string rest;  ///< without leading blanks
};

// The number before `end`, which a colon precedes; moves `end` to that colon.
std::optional<int> number_before(std::string_view text, std::size_t& end) {
    const std::size_t colon = text.rfind(':', end - 1);
    if (colon == std::string_view::npos || colon + 1 == end) return std::nullopt;
    int value = 0;
    const auto parsed = std::from_chars(text.data() + colon + 1, text.data() + end, value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + end) return std::nullopt;
    end = colon;
    return value;
}

std::optional<PlacedLine> parse_placed(const std::string& text) {
    if (text.empty() || text.front() == ' ') return std::nullopt;
    // The first ": " or ":  " behind two numbers ends the place; a file's name may hold colons.
    for (std::size_t at = text.find(": "); at != std::string::npos; at = text.find(": ", at + 1)) {
        std::size_t end = at;
        const auto column = number_before(text, end);
        const auto line = column ? number_before(text, end) : std::nullopt;
        if (!line || end == 0) continue;
        const std::size_t rest = text.find_first_not_of(' ', at + 1);
        return PlacedLine{{text.substr(0, end), line.value_or(0), column.value_or(0)},
                          rest == std::string::npos ? "" : text.substr(rest)};
    }
    return std::nullopt;
}

std::optional<std::string> without_prefix(const std::string& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return std::nullopt;
    return text.substr(prefix.size());
}

std::optional<std::string> error_text(const std::string& rest) {
    const auto error = without_prefix(rest, "error: ");
    return error ? error : without_prefix(rest, "fatal error: ");
}

// g++ says what led to an error before it: "FILE:LINE:COLUMN:   required from here".
bool leads_on(const std::string& rest) {
    return rest.starts_with("required from") || rest.starts_with("required by") ||
           rest.starts_with("in 'constexpr' expansion");
}

// clang says it in a note behind it.
bool led_here(const std::string& note) {
    return note.find("requested here") != std::string::npos;
}

// "    9 |     .task<...>", "      |     ^~~~", "  +++ |+#include <map>"; clang has no bar.
bool is_excerpt(const std::string& text) {
    return text.starts_with(' ') || text.starts_with('\t');
}

}  // namespace

std::vector<CompileError> parse_compiler_output(const std::string& said) {
    std::vector<CompileError> errors;
    std::vector<SourcePlace> leading;
    bool in_error = false;    // the last diagnostic was an error, so an excerpt belongs to it
    bool in_warning = false;  // what follows belongs to a warning
    std::istringstream stream(said);
    for (std::string text; std::getline(stream, text);) {
        const auto placed = parse_placed(text);
        if (!placed) {
            if (in_error && is_excerpt(text)) errors.back().excerpt.push_back(text);
            continue;
        }
        const auto note = without_prefix(placed->rest, "note: ");
        if (leads_on(placed->rest)) {
            leading.push_back(placed->place);
        } else if (const auto error = error_text(placed->rest)) {
            errors.push_back({placed->place, *error, {}, std::move(leading), {}});
            leading.clear();
            in_error = true;
            in_warning = false;
        } else if (note) {
            if (!in_warning && !errors.empty()) {
                errors.back().remarks.push_back({placed->place, *note});
                if (led_here(*note)) errors.back().led_here.push_back(placed->place);
            }
            in_error = false;
        } else if (placed->rest.starts_with("warning: ")) {
            leading.clear();
            in_error = false;
            in_warning = true;
        }
    }
    return errors;
}

}  // namespace cicada::scenario
