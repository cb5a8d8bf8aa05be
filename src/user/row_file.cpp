// SPDX-License-Identifier: Apache-2.0
#include "user/row_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/shown_path.hpp"

namespace cicada::user {
namespace {

constexpr std::size_t kFirstPiece = std::size_t{4} * 1024;  // after a jump
constexpr std::size_t kMostPiece = std::size_t{64} * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string reason() {
    return std::generic_category().message(errno);
}

}  // namespace

RowFile::RowFile(std::string path, std::unique_ptr<RowFormat> format)
    : path_(std::move(path)), format_(std::move(format)) {}

RowFile::~RowFile() {
    close();
}

void RowFile::close() {
    if (file_ >= 0) ::close(std::exchange(file_, -1));
}

std::string RowFile::at_line(std::int64_t line, std::string_view what) const {
    return fmt::format("{}:{}: {}", path_, line, what);
}

// ---- opening ------------------------------------------------------------------------------------

base::Result<void> RowFile::open(const std::filesystem::path& folder) {
    close();
    size_ = 0;
    marks_.clear();
    stride_ = 1;
    if (const auto opened = open_file(folder / path_); !opened) return opened;
    go_to({}, 0);
    if (const auto header = read_header(); !header) return header;
    if (const auto counted = count_rows(); !counted) return counted;
    if (size_ == 0) return base::failure(fmt::format("{}: it has no rows", path_));
    go_to(marks_.front(), 0);
    return {};
}

base::Result<void> RowFile::open_file(const std::filesystem::path& path) {
    const auto cannot = [&](const std::string& why) {
        return base::failure(fmt::format("cannot read {}: {}", base::shown(path), why));
    };
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about {};
    if (file_ < 0 || ::fstat(file_, &about) != 0) return cannot(reason());
    if (!S_ISREG(about.st_mode)) return cannot("it is not a regular file");
    file_size_ = about.st_size;
    return {};
}

base::Result<void> RowFile::read_header() {
    if (const auto read = more(); !read) return base::failure(read.error());
    if (std::string_view(buffer_).starts_with(kByteOrderMark)) used_ = kByteOrderMark.size();
    if (!format_->has_header()) return {};
    const auto found = next_record();
    if (!found) return base::failure(found.error());
    if (!*found) {
        return base::failure(
            fmt::format("{}: it is empty; its first line has to name the columns", path_));
    }
    const auto header = format_->read_header(record_);
    if (header) return {};
    return base::failure(at_line(record_line_ + header.error().line, header.error().what));
}

base::Result<void> RowFile::count_rows() {
    for (;;) {
        if (size_ % stride_ == 0) set_mark();
        const auto found = next_record();
        if (!found) return base::failure(found.error());
        if (!*found) return {};
        if (const auto checked = format_->check(record_); !checked) {
            return base::failure(
                at_line(record_line_ + checked.error().line, checked.error().what));
        }
        ++size_;
    }
}

void RowFile::set_mark() {
    if (marks_.size() == kMostMarks) {
        for (std::size_t kept = 0; kept < kMostMarks / 2; ++kept) marks_[kept] = marks_[2 * kept];
        marks_.resize(kMostMarks / 2);
        stride_ *= 2;
    }
    marks_.push_back(here());
}

// ---- reading ------------------------------------------------------------------------------------

Fields RowFile::row(std::int64_t number) {
    const std::int64_t marked = number / stride_ * stride_;
    if (number < next_row_ || marked > next_row_) {
        go_to(marks_[static_cast<std::size_t>(number / stride_)], marked);
    }
    for (;;) {
        const auto found = next_record();
        if (!found) throw std::runtime_error(found.error());
        if (!*found) throw std::runtime_error(at_line(line_, "the file had more rows"));
        if (next_row_++ == number) break;
    }
    auto fields = format_->row(record_);
    if (!fields) {
        throw std::runtime_error(at_line(record_line_ + fields.error().line, fields.error().what));
    }
    return *std::move(fields);
}

RowFile::Mark RowFile::here() const {
    return {buffer_offset_ + static_cast<std::int64_t>(used_), line_};
}

void RowFile::go_to(const Mark& mark, std::int64_t row) {
    const std::int64_t in_buffer = mark.offset - buffer_offset_;
    if (in_buffer >= 0 && in_buffer < static_cast<std::int64_t>(buffer_.size()) &&
        mark.offset > 0) {
        used_ = static_cast<std::size_t>(in_buffer);
    } else {
        buffer_.clear();
        used_ = 0;
        buffer_offset_ = mark.offset;
        piece_ = kFirstPiece;
    }
    line_ = mark.line;
    next_row_ = row;
}

/// Finds the next record that is not empty; false: the file has ended.
base::Result<bool> RowFile::next_record() {
    bool ended = false;
    for (;;) {
        const std::string_view rest = std::string_view(buffer_).substr(used_);
        const auto end = format_->end_of_record(rest);
        if (end.value_or(rest.size()) > kMostRecordBytes) {
            return base::failure(at_line(line_, "the row that begins here has more than 1 MiB"));
        }
        if (!end && !ended) {
            const auto read = more();
            if (!read) return base::failure(read.error());
            ended = !*read;
            continue;
        }
        if (!end && rest.empty()) return false;
        record_ = rest.substr(0, end.value_or(rest.size()));
        record_line_ = line_;
        used_ += end ? *end + 1 : rest.size();
        line_ += std::count(record_.begin(), record_.end(), '\n') + (end ? 1 : 0);
        if (record_.ends_with('\r')) record_.remove_suffix(1);
        if (!record_.empty()) return true;
    }
}

/// Reads the next piece of the file; false: there is none.
base::Result<bool> RowFile::more() {
    buffer_.erase(0, used_);
    buffer_offset_ += static_cast<std::int64_t>(std::exchange(used_, 0));
    const std::size_t before = buffer_.size();
    buffer_.resize(before + piece_);
    const ::off_t from = buffer_offset_ + static_cast<std::int64_t>(before);
    const ::ssize_t got = ::pread(file_, buffer_.data() + before, piece_, from);
    buffer_.resize(before + static_cast<std::size_t>(std::max<::ssize_t>(got, 0)));
    if (got < 0) return base::failure(fmt::format("cannot read {}: {}", path_, reason()));
    if (got == 0 && from < file_size_) {
        return base::failure(at_line(line_, "the file has become shorter"));
    }
    piece_ = std::min(piece_ * 2, kMostPiece);
    return got > 0;
}

}  // namespace cicada::user
