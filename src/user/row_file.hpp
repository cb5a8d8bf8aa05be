// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "user/row_format.hpp"
#include "user/rows.hpp"

namespace cicada::user {

/// The rows of a file. open() reads through it once, checks and counts them; after that a row is
/// read where it is needed, so that the file's size costs no memory.
///
/// It remembers where some of the rows begin, evenly spread, at most kMostMarks of them: the row
/// after the last one read is at hand, any other is a few rows behind a mark.
class RowFile final : public Rows {
public:
    static constexpr std::size_t kMostRecordBytes = std::size_t{1} << 20;
    static constexpr std::size_t kMostMarks = std::size_t{1} << 16;

    /// `path` as the test says it, which is also how messages name it.
    RowFile(std::string path, std::unique_ptr<RowFormat> format);
    ~RowFile() override;

    base::Result<void> open(const std::filesystem::path& folder) override;
    [[nodiscard]] std::int64_t size() const override { return size_; }
    [[nodiscard]] Fields row(std::int64_t number) override;

private:
    /// A place in the file between two records.
    struct Mark {
        std::int64_t offset = 0;
        std::int64_t line = 1;
    };

    void close();
    base::Result<void> open_file(const std::filesystem::path& path);
    base::Result<void> read_header();
    base::Result<void> count_rows();
    void set_mark();

    void go_to(const Mark& mark, std::int64_t row);
    [[nodiscard]] Mark here() const;
    base::Result<bool> next_record();
    base::Result<bool> more();
    [[nodiscard]] std::string at_line(std::int64_t line, std::string_view what) const;

    std::string path_;
    std::unique_ptr<RowFormat> format_;
    int file_ = -1;
    std::int64_t file_size_ = 0;  ///< when it was opened
    std::int64_t size_ = 0;
    std::vector<Mark> marks_;  ///< of the rows 0, stride, 2 * stride, ...
    std::int64_t stride_ = 1;

    // What has been read of the file, and how much of that has been handed out.
    std::string buffer_;
    std::size_t used_ = 0;
    std::int64_t buffer_offset_ = 0;
    std::int64_t line_ = 1;      ///< of what comes next
    std::int64_t next_row_ = 0;  ///< its number
    std::size_t piece_ = 0;      ///< bytes to read next
    std::string_view record_;    ///< the last one, without its line end
    std::int64_t record_line_ = 1;
};

}  // namespace cicada::user
