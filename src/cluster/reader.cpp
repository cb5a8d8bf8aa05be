// SPDX-License-Identifier: Apache-2.0
#include "cluster/reader.hpp"

#include <fmt/format.h>

#include <utility>

#include "cluster/utf8.hpp"

namespace cicada::cluster {

void Reader::complain(std::string what) {
    if (ok()) complaint_ = std::move(what);
}

void Reader::expected(std::string_view what, Value found) {
    if (ok()) complaint_ = fmt::format("is {}, not {}", name_of(found.kind()), what);
}

void Reader::found_at(std::string_view place) {
    if (ok() || has_place_) return;
    complaint_ = fmt::format("{} {}", place, complaint_);
    has_place_ = true;
}

double Reader::number(Value value) {
    if (const auto number = value.number()) return *number;
    value.kind() == ValueKind::Number ? complain("is not finite") : expected("a number", value);
    return 0;
}

double Reader::any_number(Value value) {
    if (const auto number = value.raw_number()) return *number;
    expected("a number", value);
    return 0;
}

std::int64_t Reader::integer(Value value, std::int64_t least, std::int64_t most) {
    const auto integer = value.integer();
    if (!integer && value.kind() != ValueKind::Count) {
        expected("an integer", value);
        return 0;
    }
    if (!integer || *integer < least || *integer > most) {
        complain(fmt::format("is {}, not from {} to {}", value.json(), least, most));
        return 0;
    }
    return *integer;
}

std::uint64_t Reader::count(Value value, std::uint64_t most) {
    const auto count = value.count();
    if (!count) {
        if (value.number()) {
            complain(fmt::format("is {}, not a count", value.json()));
        } else {
            expected("a count", value);
        }
        return 0;
    }
    if (*count > most) {
        complain(fmt::format("is {}; the limit is {}", *count, most));
        return 0;
    }
    return *count;
}

bool Reader::boolean(Value value) {
    const auto boolean = value.boolean();
    if (!boolean) expected("a boolean", value);
    return boolean.value_or(false);
}

std::string Reader::text(Value value, std::size_t most) {
    const std::string_view kept = cut(raw_text(value), most);
    return is_utf8(kept) ? std::string(kept) : as_utf8(kept);
}

stats::SharedKey Reader::key(std::string_view method, std::string_view name) {
    method = cut(method, kLongestText);
    name = cut(name, kLongestText);
    if (is_utf8(method) && is_utf8(name)) return keys_.key(method, name);
    return keys_.key(as_utf8(method), as_utf8(name));
}

std::string Reader::whole_text(Value value) {
    return text(value, std::string_view::npos);
}

std::string_view Reader::raw_text(Value value) {
    const auto text = value.text();
    if (!text) expected("text", value);
    return text.value_or(std::string_view());
}

bool Reader::array(Value value) {
    if (value.kind() != ValueKind::Array) expected("an array", value);
    return value.kind() == ValueKind::Array;
}

bool Reader::map(Value value) {
    if (value.kind() != ValueKind::Map) expected("a map", value);
    return value.kind() == ValueKind::Map;
}

bool Reader::take_memory(std::size_t bytes) {
    memory_ += bytes;
    if (memory_ > kMostMemory) complain(fmt::format("needs more than {} bytes", kMostMemory));
    return memory_ <= kMostMemory;
}

}  // namespace cicada::cluster
