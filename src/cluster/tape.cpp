// SPDX-License-Identifier: Apache-2.0
#include "cluster/tape.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <msgpack/null_visitor.hpp>
#include <msgpack/unpack.hpp>
#include <nlohmann/json.hpp>

#include "cluster/codec.hpp"
#include "cluster/utf8.hpp"

namespace cicada::cluster {
namespace {

constexpr std::size_t kCellsKept = 64 << 10;  // 1 MiB of memory, for the next message

// Writes down what msgpack-cxx finds.
class Writer : public msgpack::null_visitor {
public:
    explicit Writer(std::vector<Value::Cell>& cells) : cells_(cells) {}

    [[nodiscard]] const std::string& complaint() const { return complaint_; }

    bool visit_nil() { return add({.kind = ValueKind::Nil, .count = 0}); }
    bool visit_boolean(bool value) {
        return add({.kind = ValueKind::Boolean, .count = value ? 1U : 0U});
    }
    bool visit_positive_integer(std::uint64_t value) {
        return add({.kind = ValueKind::Count, .count = value});
    }
    bool visit_negative_integer(std::int64_t value) {
        return add({.kind = ValueKind::Integer, .integer = value});
    }
    bool visit_float32(float value) { return visit_float64(value); }
    bool visit_float64(double value) { return add({.kind = ValueKind::Number, .number = value}); }
    bool visit_str(const char* bytes, std::uint32_t size) {
        return add({.kind = ValueKind::Text, .size = size, .bytes = bytes});
    }
    bool visit_bin(const char* bytes, std::uint32_t size) {
        return add({.kind = ValueKind::Binary, .size = size, .bytes = bytes});
    }
    bool visit_ext(const char* bytes, std::uint32_t size) {
        return add({.kind = ValueKind::Extension, .size = size, .bytes = bytes});
    }
    bool start_array(std::uint32_t items) { return open(ValueKind::Array, items); }
    bool end_array() { return close(); }
    bool start_map(std::uint32_t pairs) { return open(ValueKind::Map, pairs); }
    bool end_map() { return close(); }

private:
    bool add(const Value::Cell& cell) {
        if (cells_.size() >= Decoder::kMostValues) {
            complaint_ = fmt::format("it holds more than {} values", Decoder::kMostValues);
            return false;
        }
        cells_.push_back(cell);
        return true;
    }
    bool open(ValueKind kind, std::uint32_t size) {
        if (depth_ == open_.size()) {
            complaint_ = fmt::format("it is deeper than {} arrays and maps", Decoder::kDeepest);
            return false;
        }
        open_[depth_++] = cells_.size();
        return add({.kind = kind, .size = size, .cells = 0});
    }
    bool close() {
        Value::Cell& cell = cells_[open_[--depth_]];
        cell.cells = cells_.size() - open_[depth_] - 1;
        return true;
    }

    std::vector<Value::Cell>& cells_;
    std::array<std::size_t, Decoder::kDeepest> open_{};
    std::size_t depth_ = 0;
    std::string complaint_;
};

// Whole numbers of this size and below are exact as a double.
constexpr double kMostExact = 9'007'199'254'740'992.0;

std::string key_text(Value key) {
    if (const auto text = key.text()) return as_utf8(*text);
    return key.json();
}

nlohmann::json as_json(Value value) {
    switch (value.kind()) {
        case ValueKind::Boolean:
            return *value.boolean();
        case ValueKind::Count:
        case ValueKind::Integer:
            if (const auto integer = value.integer()) return *integer;
            return *value.count();
        case ValueKind::Number:
            if (const auto number = value.number()) return *number;
            return nullptr;
        case ValueKind::Text:
            return as_utf8(*value.text());
        case ValueKind::Binary: {
            const auto bytes = *value.binary();
            return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
        }
        case ValueKind::Array: {
            auto array = nlohmann::json::array();
            for (const Value item : value) array.push_back(as_json(item));
            return array;
        }
        case ValueKind::Map: {
            auto object = nlohmann::json::object();
            for (auto part = value.begin(); part != value.end(); ++part) {
                std::string key = key_text(*part);
                ++part;
                object[std::move(key)] = as_json(*part);
            }
            return object;
        }
        default:
            return nullptr;
    }
}

}  // namespace

std::optional<bool> Value::boolean() const {
    if (kind() != ValueKind::Boolean) return std::nullopt;
    return cell_->count != 0;
}

std::optional<std::int64_t> Value::integer() const {
    switch (kind()) {
        case ValueKind::Integer:
            return cell_->integer;
        case ValueKind::Count:
            if (cell_->count > INT64_MAX) return std::nullopt;
            return static_cast<std::int64_t>(cell_->count);
        case ValueKind::Number:
            if (std::abs(cell_->number) <= kMostExact &&
                std::trunc(cell_->number) == cell_->number) {
                return static_cast<std::int64_t>(cell_->number);
            }
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

std::optional<std::uint64_t> Value::count() const {
    if (kind() == ValueKind::Count) return cell_->count;
    const auto whole = integer();
    if (!whole || *whole < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*whole);
}

std::optional<double> Value::number() const {
    const auto number = raw_number();
    return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<double> Value::raw_number() const {
    switch (kind()) {
        case ValueKind::Integer:
            return static_cast<double>(cell_->integer);
        case ValueKind::Count:
            return static_cast<double>(cell_->count);
        case ValueKind::Number:
            return cell_->number;
        default:
            return std::nullopt;
    }
}

std::optional<std::string_view> Value::text() const {
    if (kind() != ValueKind::Text) return std::nullopt;
    return std::string_view(cell_->bytes, cell_->size);
}

std::optional<std::string_view> Value::binary() const {
    if (kind() != ValueKind::Binary) return std::nullopt;
    return std::string_view(cell_->bytes, cell_->size);
}

std::optional<Value> Value::field(std::string_view key) const {
    if (kind() != ValueKind::Map) return std::nullopt;
    for (auto part = begin(); part != end(); ++part) {
        const Value name = *part;
        ++part;
        if (name.text() == key) return *part;
    }
    return std::nullopt;
}

std::string Value::json() const {
    return as_json(*this).dump();
}

std::string_view name_of(ValueKind kind) {
    switch (kind) {
        case ValueKind::Nil:
            return "nil";
        case ValueKind::Boolean:
            return "a boolean";
        case ValueKind::Count:
        case ValueKind::Integer:
        case ValueKind::Number:
            return "a number";
        case ValueKind::Text:
            return "text";
        case ValueKind::Binary:
            return "bytes";
        case ValueKind::Extension:
            return "an extension";
        case ValueKind::Array:
            return "an array";
        case ValueKind::Map:
            return "a map";
    }
    return "nil";
}

base::Result<Value> Tape::read(std::string_view bytes) {
    if (bytes.size() > Decoder::kMostBytes) {
        return base::failure(
            fmt::format("it has {} bytes; {} are allowed", bytes.size(), Decoder::kMostBytes));
    }
    cells_.clear();
    if (cells_.capacity() > kCellsKept) cells_.shrink_to_fit();
    Writer writer(cells_);
    std::size_t offset = 0;
    const bool whole = msgpack::parse(bytes.data(), bytes.size(), offset, writer);
    if (!writer.complaint().empty()) return base::failure(writer.complaint());
    if (!whole) return base::failure(std::string("it is cut off, or no MessagePack"));
    if (offset != bytes.size()) {
        return base::failure(fmt::format("{} bytes follow it", bytes.size() - offset));
    }
    return Value(cells_.data());
}

}  // namespace cicada::cluster
