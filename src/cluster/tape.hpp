// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cicada::cluster {

enum class ValueKind : std::uint8_t {
    Nil,
    Boolean,
    Count,    ///< an integer from 0
    Integer,  ///< a negative one
    Number,
    Text,
    Binary,
    Extension,
    Array,
    Map,
};

/// A value of a message that lies on a Tape; as cheap to copy as a pointer.
class Value {
public:
    /// What a tape is made of. The parts of an array or a map follow behind it.
    struct Cell {
        ValueKind kind = ValueKind::Nil;
        std::uint32_t size = 0;  ///< bytes, items, pairs
        union {
            std::uint64_t count;
            std::int64_t integer;
            double number;
            const char* bytes;
            std::uint64_t cells;  ///< of an array or a map: that its parts take
        };
    };

    explicit Value(const Cell* cell) : cell_(cell) {}

    [[nodiscard]] ValueKind kind() const { return cell_->kind; }
    [[nodiscard]] bool is_nil() const { return kind() == ValueKind::Nil; }
    [[nodiscard]] std::size_t size() const { return cell_->size; }  ///< of an array or a map

    // Nothing: it is something else, or too large.
    [[nodiscard]] std::optional<bool> boolean() const;
    [[nodiscard]] std::optional<std::int64_t> integer() const;  ///< also of a whole number
    [[nodiscard]] std::optional<std::uint64_t> count() const;   ///< likewise
    [[nodiscard]] std::optional<double> number() const;         ///< finite; also of an integer
    [[nodiscard]] std::optional<double> raw_number() const;     ///< finite or not
    [[nodiscard]] std::optional<std::string_view> text() const;
    [[nodiscard]] std::optional<std::string_view> binary() const;

    /// The parts of an array one after the other, of a map each key and then its value; none of
    /// anything else.
    class Iterator {
    public:
        explicit Iterator(const Cell* cell) : cell_(cell) {}
        Value operator*() const { return Value(cell_); }
        Iterator& operator++() {
            cell_ = behind(cell_);
            return *this;
        }
        friend bool operator==(Iterator, Iterator) = default;

    private:
        const Cell* cell_;
    };
    [[nodiscard]] Iterator begin() const { return Iterator(cell_ + 1); }
    [[nodiscard]] Iterator end() const { return Iterator(behind(cell_)); }

    /// Of a map: what stands under a key; nothing: there is no such key, or this is no map.
    [[nodiscard]] std::optional<Value> field(std::string_view key) const;

    /// As JSON. Keys of any kind become text, bytes that are no text an array of numbers.
    [[nodiscard]] std::string json() const;

private:
    static const Cell* behind(const Cell* cell) {
        const bool has_parts = cell->kind == ValueKind::Array || cell->kind == ValueKind::Map;
        return cell + 1 + (has_parts ? cell->cells : 0);
    }

    const Cell* cell_;
};

/// "text", "a map", ...: for complaints.
[[nodiscard]] std::string_view name_of(ValueKind kind);

/// A message in MessagePack, taken apart into a row of values.
class Tape {
public:
    /// Shape: `bytes` outlive the values.
    /// Error: what is wrong with them: cut off, more than one value, more than kMostValues, deeper
    ///        than kDeepest.
    [[nodiscard]] base::Result<Value> read(std::string_view bytes);

private:
    std::vector<Value::Cell> cells_;
};

}  // namespace cicada::cluster
