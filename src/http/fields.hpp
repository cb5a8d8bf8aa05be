// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace cicada::http {

/// A name and its value, owned by somebody else: a header field, a query parameter.
struct Field {
    std::string_view name;
    std::string_view value;
};

/// Equal but for the case of ASCII letters.
[[nodiscard]] bool same_name(std::string_view left, std::string_view right);

/// May stand in a line of a head: no line break, no zero.
[[nodiscard]] bool is_field_value(std::string_view text);

/// Walks the fields of a raw message head (start line and fields, each ended by CRLF).
class FieldCursor {
public:
    explicit FieldCursor(std::string_view head);

    /// The next field, its value trimmed; nothing at the end.
    std::optional<Field> next();

    /// The value of the next field of that name, in any case.
    std::optional<std::string_view> next_named(std::string_view name);

private:
    std::string_view rest_;
};

/// The value of the first field of that name, in any case.
[[nodiscard]] std::optional<std::string_view> find_field(std::string_view head,
                                                         std::string_view name);

}  // namespace cicada::http
