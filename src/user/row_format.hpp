// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/fields.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cicada::user {

/// What is wrong with a record of a file.
struct RowComplaint {
    std::string what;
    std::int64_t line = 0;  ///< of the record's own, from 0
};

/// How the rows of a file are written. A record is a row, or the names of the columns; it is handed
/// over without its line end, and is never empty.
class RowFormat {
public:
    RowFormat() = default;
    RowFormat(const RowFormat&) = delete;
    RowFormat& operator=(const RowFormat&) = delete;
    virtual ~RowFormat() = default;

    /// Where the record that `text` begins with ends: the place of its line feed. Nothing: beyond
    /// `text`.
    [[nodiscard]] virtual std::optional<std::size_t> end_of_record(std::string_view text) const = 0;

    /// The first record of a file names the columns.
    [[nodiscard]] virtual bool has_header() const = 0;
    virtual base::Result<void, RowComplaint> read_header(std::string_view record) = 0;

    /// Whether row() would succeed, for less than row() costs.
    virtual base::Result<void, RowComplaint> check(std::string_view record) = 0;
    virtual base::Result<Fields, RowComplaint> row(std::string_view record) = 0;
};

/// Source: RFC 4180.
[[nodiscard]] std::unique_ptr<RowFormat> csv_format(char separator);

/// One JSON object in each line. Source: RFC 8259, jsonlines.org.
[[nodiscard]] std::unique_ptr<RowFormat> json_lines_format();

}  // namespace cicada::user
