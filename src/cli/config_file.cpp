// SPDX-License-Identifier: Apache-2.0
#include "cli/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "base/text.hpp"

namespace cicada::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r";

[[noreturn]] void refuse(const std::string& place, const std::string& why) {
    throw base::Error(fmt::format("{}: {}", place, why), base::ExitCode::BadArguments);
}

std::string_view trimmed(std::string_view text) {
    return base::trimmed(text, kBlanks);
}

bool is_comment_mark(char character) {
    return character == '#' || character == ';';
}

bool is_blank(char character) {
    return kBlanks.find(character) != std::string_view::npos;
}

/// `text` up to a blank and `#` or `;`. What is quoted holds no comment.
std::string_view without_comment(std::string_view text) {
    std::size_t from = 0;
    if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
        const std::size_t end = text.find(text.front(), 1);
        if (end != std::string_view::npos) from = end;
    }
    for (std::size_t i = from + 1; i < text.size(); ++i) {
        if (is_comment_mark(text[i]) && is_blank(text[i - 1])) return trimmed(text.substr(0, i));
    }
    return text;
}

std::string_view unquoted(std::string_view text) {
    const bool is_quoted = text.size() >= 2 && text.front() == text.back() &&
                           (text.front() == '"' || text.front() == '\'');
    return is_quoted ? text.substr(1, text.size() - 2) : text;
}

/// The entry in a line that has one.
ConfigEntry entry_of(std::string_view line, const std::string& place) {
    static constexpr std::string_view kEndsKey = ":=;# \t\r";
    const std::size_t key_end = std::min(line.find_first_of(kEndsKey), line.size());
    std::string_view key = line.substr(0, key_end);
    std::string_view rest = line.substr(key_end);
    while (key.starts_with('-')) key.remove_prefix(1);
    if (key.empty() || (!rest.empty() && is_comment_mark(rest.front()))) {
        refuse(place, fmt::format("'{}' is no `key = value`", line));
    }
    ConfigEntry entry{.key = std::string(key), .place = place};
    const bool blank_before = !rest.empty() && is_blank(rest.front());
    rest = trimmed(rest);
    if (rest.empty() || (blank_before && is_comment_mark(rest.front()))) {
        entry.values = {"true"};
        return entry;
    }
    if (rest.front() == '=' || rest.front() == ':') rest = trimmed(rest.substr(1));
    const std::string value(without_comment(rest));
    if (auto list = list_from(value)) {
        entry.values = std::move(*list);
        entry.is_list = true;
    } else {
        entry.values = {std::string(unquoted(value))};
    }
    return entry;
}

std::string text_of(const nlohmann::json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

std::optional<std::vector<std::string>> list_from(const std::string& text) {
    if (!text.starts_with('[') || !text.ends_with(']')) return std::nullopt;
    std::vector<std::string> values;
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (json.is_array()) {
        for (const nlohmann::json& element : json) values.push_back(text_of(element));
        return values;
    }
    std::istringstream inside(text.substr(1, text.size() - 2));
    for (std::string part; std::getline(inside, part, ',');) {
        values.emplace_back(unquoted(trimmed(part)));
    }
    return values;
}

std::vector<ConfigEntry> parse_config(const std::string& text, const std::string& name) {
    std::vector<ConfigEntry> entries;
    std::istringstream stream(text);
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
        number += 1;
        const std::string_view content = trimmed(line);
        const bool skipped = content.empty() || is_comment_mark(content.front()) ||
                             content.front() == '[' || content.starts_with("---");
        if (!skipped) entries.push_back(entry_of(content, fmt::format("{}:{}", name, number)));
    }
    return entries;
}

std::optional<std::vector<ConfigEntry>> read_config_file(const std::filesystem::path& file,
                                                         const std::string& name) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return std::nullopt;
    std::ifstream stream(file);
    std::ostringstream text;
    errno = 0;
    if (!std::filesystem::is_regular_file(file, error) || !(text << stream.rdbuf())) {
        const bool is_empty_file = std::filesystem::file_size(file, error) == 0 && !error;
        if (!is_empty_file) refuse(name, "this config file cannot be read");
    }
    return file.extension() == ".toml" ? parse_toml(text.str(), name)
                                       : parse_config(text.str(), name);
}

}  // namespace cicada::cli
