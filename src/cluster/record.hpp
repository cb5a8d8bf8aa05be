// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "cluster/packer.hpp"
#include "cluster/reader.hpp"

// How a plain struct goes over the wire: as an array of its fields, in the order they are declared
// in. A Layout is the table of them; writing and reading follow from it.
namespace cicada::cluster {

/// Specialised for each struct that is a record: `name`, for complaints, and `fields`, a tuple of
/// pointers to its members. `check(T&, Reader&)`, if there is one, looks at what was read.
template <class T>
struct Layout;

template <class T>
concept Record = requires { Layout<T>::fields; };

/// Specialised for each enumeration that is a part of a record: its last enumerator.
template <class T>
struct Highest;

/// Specialised for what is neither of these.
template <class T>
struct Codec;

template <class T>
concept Coded = requires { sizeof(Codec<T>); };

namespace detail {

template <class Struct, class... Members>
consteval std::size_t size_with(std::tuple<Members Struct::*...>) {
    std::size_t end = 0;
    const auto add = [&](std::size_t size, std::size_t alignment) {
        end = (end + alignment - 1) / alignment * alignment + size;
    };
    (add(sizeof(Members), alignof(Members)), ...);
    add(0, alignof(Struct));
    return std::max<std::size_t>(end, 1);
}
template <class Struct>
consteval std::size_t size_with(std::tuple<>) {
    return 1;
}

}  // namespace detail

// Writing.

template <class T>
void write(Packer& packer, const T& value);

template <Record T>
void write_record(Packer& packer, const T& value) {
    using Fields = std::remove_const_t<decltype(Layout<T>::fields)>;
    if constexpr (std::tuple_size_v<Fields> > 0) {
        static_assert(detail::size_with(Layout<T>::fields) == sizeof(T),
                      "a field of the struct is missing in its Layout, or stands elsewhere there");
    }
    packer.array(std::tuple_size_v<Fields>);
    std::apply([&](auto... field) { (write(packer, value.*field), ...); }, Layout<T>::fields);
}

inline void write(Packer& packer, bool value) {
    packer.boolean(value);
}
inline void write(Packer& packer, double value) {
    packer.number(value);
}
inline void write(Packer& packer, const std::string& value) {
    packer.text(value);
}
inline void write(Packer& packer, std::chrono::nanoseconds value) {
    packer.integer(value.count());
}
inline void write(Packer& packer, base::WallTime value) {
    packer.integer(std::chrono::nanoseconds(value.time_since_epoch()).count());
}
inline void write(Packer& packer, base::TimePoint value) {
    packer.integer(std::chrono::nanoseconds(value.time_since_epoch()).count());
}

template <class T>
void write(Packer& packer, const std::optional<T>& value) {
    value ? write(packer, *value) : packer.nil();
}

template <class T>
void write(Packer& packer, const std::vector<T>& values) {
    packer.array(values.size());
    for (const T& value : values) write(packer, value);
}

template <class First, class Second>
void write(Packer& packer, const std::pair<First, Second>& value) {
    packer.array(2);
    write(packer, value.first);
    write(packer, value.second);
}

template <class T>
void write(Packer& packer, const T& value) {
    if constexpr (Coded<T>) {
        Codec<T>::write(packer, value);
    } else if constexpr (std::is_enum_v<T>) {
        packer.count(static_cast<std::uint64_t>(value));
    } else if constexpr (std::unsigned_integral<T>) {
        packer.count(value);
    } else if constexpr (std::signed_integral<T>) {
        packer.integer(value);
    } else {
        write_record(packer, value);
    }
}

// Reading. What could not be read is complained of and left as it is.

template <class T>
void read(Value value, T& into, Reader& reader);

template <Record T>
void read_record(Value value, T& into, Reader& reader) {
    if (!reader.array(value)) return reader.found_at(Layout<T>::name);
    auto part = value.begin();
    const auto end = value.end();
    int number = 0;
    const auto read_field = [&](auto field) {
        if (part == end || !reader.ok()) return;
        ++number;
        read(*part, into.*field, reader);
        if (!reader.ok()) [[unlikely]] {
            reader.found_at(fmt::format("value {} of {}", number, Layout<T>::name));
        }
        ++part;
    };
    std::apply([&](auto... field) { (read_field(field), ...); }, Layout<T>::fields);
    if constexpr (requires { Layout<T>::check(into, reader); }) {
        if (reader.ok()) Layout<T>::check(into, reader);
    }
}

inline void read(Value value, bool& into, Reader& reader) {
    into = reader.boolean(value);
}
inline void read(Value value, double& into, Reader& reader) {
    into = reader.any_number(value);
}
inline void read(Value value, std::string& into, Reader& reader) {
    into = reader.whole_text(value);
}

inline std::chrono::nanoseconds read_time(Value value, Reader& reader) {
    constexpr std::int64_t kMost = std::int64_t{1} << 62;  // 146 years
    return std::chrono::nanoseconds(reader.integer(value, -kMost, kMost));
}
inline void read(Value value, std::chrono::nanoseconds& into, Reader& reader) {
    into = read_time(value, reader);
}
inline void read(Value value, base::WallTime& into, Reader& reader) {
    into = base::WallTime(
        std::chrono::duration_cast<base::WallTime::duration>(read_time(value, reader)));
}
inline void read(Value value, base::TimePoint& into, Reader& reader) {
    into = base::TimePoint(
        std::chrono::duration_cast<base::TimePoint::duration>(read_time(value, reader)));
}

template <class T>
void read(Value value, std::optional<T>& into, Reader& reader) {
    into.reset();
    if (!value.is_nil()) read(value, into.emplace(), reader);
}

template <class T>
void read(Value value, std::vector<T>& into, Reader& reader) {
    into.clear();
    if (!reader.array(value) || !reader.take_memory(value.size() * sizeof(T))) return;
    into.reserve(value.size());
    for (const Value item : value) {
        read(item, into.emplace_back(), reader);
        if (!reader.ok()) return;
    }
}

template <class First, class Second>
void read(Value value, std::pair<First, Second>& into, Reader& reader) {
    if (!reader.array(value)) return;
    if (value.size() < 2) return reader.complain("is an array of less than 2");
    auto part = value.begin();
    read(*part, into.first, reader);
    read(*++part, into.second, reader);
}

template <class T>
void read(Value value, T& into, Reader& reader) {
    if constexpr (Coded<T>) {
        Codec<T>::read(value, into, reader);
    } else if constexpr (std::is_enum_v<T>) {
        constexpr auto kHighest = static_cast<std::uint64_t>(Highest<T>::value);
        into = static_cast<T>(reader.count(value, kHighest));
    } else if constexpr (std::unsigned_integral<T>) {
        into = static_cast<T>(reader.count(value, std::numeric_limits<T>::max()));
    } else if constexpr (std::signed_integral<T>) {
        constexpr std::int64_t kMost =
            std::min<std::int64_t>(Reader::kMostInteger, std::numeric_limits<T>::max());
        into = static_cast<T>(reader.integer(value, -kMost, kMost));
    } else {
        read_record(value, into, reader);
    }
}

}  // namespace cicada::cluster
