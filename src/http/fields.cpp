// SPDX-License-Identifier: Apache-2.0
#include "http/fields.hpp"

#include <cstddef>

namespace cicada::http {
namespace {

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

bool same_name(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (left[i] != right[i] && lower(left[i]) != lower(right[i])) return false;
    }
    return true;
}

bool is_field_value(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

FieldCursor::FieldCursor(std::string_view head) : rest_(head) {
    const auto start_line_end = rest_.find("\r\n");
    const bool whole = start_line_end != std::string_view::npos;
    rest_.remove_prefix(whole ? start_line_end + 2 : rest_.size());
}

std::optional<Field> FieldCursor::next() {
    const auto colon = rest_.find(':');
    const auto end = rest_.find("\r\n");
    if (colon == std::string_view::npos || end == std::string_view::npos || colon > end) return {};
    const Field field{rest_.substr(0, colon), trimmed(rest_.substr(colon + 1, end - colon - 1))};
    rest_.remove_prefix(end + 2);
    return field;
}

std::optional<std::string_view> FieldCursor::next_named(std::string_view name) {
    while (true) {
        const auto end = rest_.find('\n');
        if (end == std::string_view::npos) return {};
        const auto line = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        if (line.size() > name.size() && line[name.size()] == ':' &&
            same_name(line.substr(0, name.size()), name)) {
            return trimmed(line.substr(name.size() + 1));
        }
    }
}

std::optional<std::string_view> find_field(std::string_view head, std::string_view name) {
    return FieldCursor(head).next_named(name);
}

}  // namespace cicada::http
