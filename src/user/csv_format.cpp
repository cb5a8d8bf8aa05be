// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "user/row_format.hpp"

namespace cicada::user {
namespace {

using Complaint = RowComplaint;

base::Result<void, Complaint> wrong(std::string what, std::string_view before = {}) {
    const auto lines = std::count(before.begin(), before.end(), '\n');
    return base::failure(Complaint{std::move(what), lines});
}

/// Takes the values off a record, one by one.
class CsvValues {
public:
    CsvValues(std::string_view record, char separator) : record_(record), separator_(separator) {}

    [[nodiscard]] bool done() const { return done_; }

    /// The next value goes to value(). Call it once at least: an empty record has an empty value.
    base::Result<void, Complaint> next() {
        return at_ < record_.size() && record_[at_] == '"' ? next_quoted() : next_plain();
    }
    [[nodiscard]] std::string_view value() const { return value_; }

private:
    base::Result<void, Complaint> next_plain() {
        const std::size_t end = std::min(record_.find(separator_, at_), record_.size());
        value_ = record_.substr(at_, end - at_);
        if (value_.find('"') != value_.npos) {
            return wrong("a quote inside a value: write the value in quotes, and this one twice",
                         record_.substr(0, at_));
        }
        go_on_after(end);
        return {};
    }

    base::Result<void, Complaint> next_quoted() {
        const std::size_t begin = at_ + 1;
        std::size_t from = begin;
        unquoted_.clear();
        for (;;) {
            const std::size_t quote = record_.find('"', from);
            if (quote == record_.npos) {
                return wrong("a quote is opened and not closed", record_.substr(0, at_));
            }
            const bool twice = quote + 1 < record_.size() && record_[quote + 1] == '"';
            if (!twice) {
                const std::string_view last = record_.substr(from, quote - from);
                if (from != begin) unquoted_.append(last);
                value_ = from == begin ? last : std::string_view(unquoted_);
                at_ = quote + 1;
                break;
            }
            unquoted_.append(record_.substr(from, quote + 1 - from));
            from = quote + 2;
        }
        if (at_ < record_.size() && record_[at_] != separator_) {
            return wrong("text after a closing quote", record_.substr(0, at_));
        }
        go_on_after(at_);
        return {};
    }

    void go_on_after(std::size_t end) {
        done_ = end == record_.size();
        at_ = end + 1;
    }

    std::string_view record_;
    char separator_;
    std::size_t at_ = 0;
    bool done_ = false;
    std::string_view value_;
    std::string unquoted_;
};

class CsvFormat final : public RowFormat {
public:
    explicit CsvFormat(char separator) : separator_(separator) {}

    [[nodiscard]] std::optional<std::size_t> end_of_record(std::string_view text) const override {
        // A line feed ends the record unless it stands in quotes: after an odd number of them.
        bool in_quotes = false;
        std::size_t from = 0;
        for (;;) {
            const std::size_t end = text.find('\n', from);
            if (end == text.npos) return std::nullopt;
            const std::string_view line = text.substr(from, end - from);
            if (std::count(line.begin(), line.end(), '"') % 2 != 0) in_quotes = !in_quotes;
            if (!in_quotes) return end;
            from = end + 1;
        }
    }

    [[nodiscard]] bool has_header() const override { return true; }

    base::Result<void, Complaint> read_header(std::string_view record) override {
        columns_.clear();
        CsvValues values(record, separator_);
        while (!values.done()) {
            if (const auto next = values.next(); !next) return next;
            const std::string name(values.value());
            if (name.empty()) {
                return wrong(
                    fmt::format("column {} has no name; the first line has to name the "
                                "columns",
                                columns_.size() + 1));
            }
            if (std::find(columns_.begin(), columns_.end(), name) != columns_.end()) {
                return wrong(fmt::format("two columns are named \"{}\"", name));
            }
            columns_.push_back(name);
        }
        return {};
    }

    base::Result<void, Complaint> check(std::string_view record) override {
        return each_value(record, [](std::size_t, std::string_view) {});
    }

    base::Result<Fields, Complaint> row(std::string_view record) override {
        Fields fields;
        const auto read = each_value(record, [&](std::size_t column, std::string_view value) {
            if (column < columns_.size()) fields.add(columns_[column], value);
        });
        if (!read) return base::failure(read.error());
        return fields;
    }

private:
    template <class Visit>
    base::Result<void, Complaint> each_value(std::string_view record, Visit visit) const {
        std::size_t count = 0;
        CsvValues values(record, separator_);
        while (!values.done()) {
            if (const auto next = values.next(); !next) return next;
            visit(count++, values.value());
        }
        if (count == columns_.size()) return {};
        return wrong(fmt::format("{} value{} for {} column{}: {}",
                                 count,
                                 count == 1 ? "" : "s",
                                 columns_.size(),
                                 columns_.size() == 1 ? "" : "s",
                                 fmt::join(columns_, ", ")));
    }

    char separator_;
    std::vector<std::string> columns_;
};

}  // namespace

std::unique_ptr<RowFormat> csv_format(char separator) {
    return std::make_unique<CsvFormat>(separator);
}

}  // namespace cicada::user
