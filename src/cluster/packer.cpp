// SPDX-License-Identifier: Apache-2.0
#include "cluster/packer.hpp"

#include <bit>
#include <msgpack/pack.hpp>
#include <nlohmann/json.hpp>

#include "cluster/utf8.hpp"

namespace cicada::cluster {
namespace {

// What msgpack-cxx writes to.
struct Sink {
    std::string& bytes;

    void write(const char* data, std::size_t size) { bytes.append(data, size); }
};

auto into(std::string& bytes) {
    return Sink{bytes};
}

std::uint32_t length(std::size_t size) {
    return static_cast<std::uint32_t>(size);  // messages are far smaller
}

void pack_json(Packer& packer, const nlohmann::json& value) {
    switch (value.type()) {
        case nlohmann::json::value_t::boolean:
            return packer.boolean(value.get<bool>());
        case nlohmann::json::value_t::number_integer:
            return packer.integer(value.get<std::int64_t>());
        case nlohmann::json::value_t::number_unsigned:
            return packer.count(value.get<std::uint64_t>());
        case nlohmann::json::value_t::number_float:
            return packer.number(value.get<double>());
        case nlohmann::json::value_t::string:
            return packer.text(value.get_ref<const std::string&>());
        case nlohmann::json::value_t::array:
            packer.array(value.size());
            for (const auto& item : value) pack_json(packer, item);
            return;
        case nlohmann::json::value_t::object:
            packer.map(value.size());
            for (const auto& [key, field] : value.items()) {
                packer.text(key);
                pack_json(packer, field);
            }
            return;
        default:
            return packer.nil();
    }
}

}  // namespace

void Packer::nil() {
    auto sink = into(bytes_);
    msgpack::packer<Sink>(sink).pack_nil();
}

void Packer::boolean(bool value) {
    auto sink = into(bytes_);
    msgpack::packer<Sink> packer(sink);
    value ? packer.pack_true() : packer.pack_false();
}

void Packer::integer(std::int64_t value) {
    auto sink = into(bytes_);
    msgpack::packer<Sink>(sink).pack_int64(value);
}

void Packer::count(std::uint64_t value) {
    auto sink = into(bytes_);
    msgpack::packer<Sink>(sink).pack_uint64(value);
}

// msgpack-cxx would write a whole number as an integer; Locust's nodes expect a float.
void Packer::number(double value) {
    constexpr char kFloat64 = '\xcb';
    bytes_ += kFloat64;
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (int shift = 56; shift >= 0; shift -= 8) bytes_ += static_cast<char>(bits >> shift);
}

void Packer::text(std::string_view value) {
    auto sink = into(bytes_);
    msgpack::packer<Sink> packer(sink);
    if (is_utf8(value)) {
        packer.pack_str(length(value.size())).pack_str_body(value.data(), length(value.size()));
        return;
    }
    const std::string mended = as_utf8(value);
    packer.pack_str(length(mended.size())).pack_str_body(mended.data(), length(mended.size()));
}

void Packer::binary(std::string_view value) {
    auto sink = into(bytes_);
    msgpack::packer<Sink>(sink)
        .pack_bin(length(value.size()))
        .pack_bin_body(value.data(), length(value.size()));
}

void Packer::array(std::size_t items) {
    auto sink = into(bytes_);
    msgpack::packer<Sink>(sink).pack_array(length(items));
}

void Packer::map(std::size_t fields) {
    auto sink = into(bytes_);
    msgpack::packer<Sink>(sink).pack_map(length(fields));
}

void Packer::json(std::string_view text) {
    const auto value = nlohmann::json::parse(text, nullptr, false);
    value.is_discarded() ? nil() : pack_json(*this, value);
}

}  // namespace cicada::cluster
