// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/detail/function.hpp>
#include <cicada/fields.hpp>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace cicada::user {

/// Numbered rows of data, wherever they come from.
class Rows {
public:
    Rows() = default;
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    virtual ~Rows() = default;

    /// Makes them ready, again for each test. `folder`: where relative paths start.
    /// Error: one line that names the file and its line.
    /// Threads: any, while nobody reads.
    virtual base::Result<void> open(const std::filesystem::path& folder) = 0;

    [[nodiscard]] virtual std::int64_t size() const = 0;  ///< at least 1 once open

    /// Row `number`, from 0 up to, but not including, size().
    /// Error: std::runtime_error, one line; for those of a generator whatever it throws.
    [[nodiscard]] virtual Fields row(std::int64_t number) = 0;
};

/// The numbers from `first` to `last`, in a column "value".
class RangeRows final : public Rows {
public:
    RangeRows(std::int64_t first, std::int64_t last);

    base::Result<void> open(const std::filesystem::path& folder) override;
    [[nodiscard]] std::int64_t size() const override { return size_; }
    [[nodiscard]] Fields row(std::int64_t number) override;

private:
    std::int64_t first_;
    std::int64_t size_;
};

/// What a function of the author gives for each number.
class GeneratedRows final : public Rows {
public:
    explicit GeneratedRows(detail::Function<Fields(std::int64_t)> generate)
        : generate_(std::move(generate)) {}

    base::Result<void> open(const std::filesystem::path& folder) override;
    [[nodiscard]] std::int64_t size() const override {
        return std::numeric_limits<std::int64_t>::max();
    }
    [[nodiscard]] Fields row(std::int64_t number) override { return generate_(number); }

private:
    detail::Function<Fields(std::int64_t)> generate_;
};

/// Says which row is next. One program alone counts; nodes of a cluster each hold blocks of numbers
/// and ask for the next one before they are used up.
class RowNumbers {
public:
    RowNumbers() = default;
    RowNumbers(const RowNumbers&) = delete;
    RowNumbers& operator=(const RowNumbers&) = delete;
    virtual ~RowNumbers() = default;

    /// A number that nobody else is given; nothing: there is none left.
    /// Suspends where it has to be asked of another node.
    [[nodiscard]] virtual std::optional<std::int64_t> take() = 0;
};

/// 0, 1, 2, ... up to, but not including, `end`.
class CountedRowNumbers final : public RowNumbers {
public:
    explicit CountedRowNumbers(std::int64_t end) : end_(end) {}

    [[nodiscard]] std::optional<std::int64_t> take() override;

private:
    std::int64_t next_ = 0;
    std::int64_t end_;
};

}  // namespace cicada::user
