// SPDX-License-Identifier: Apache-2.0
#include "http/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

#include "base/text.hpp"

namespace cicada::http {
namespace {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool is_unreserved(char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

constexpr bool may_stand_in_target(char c) {
    return c > ' ' && c < 127 && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
}

// Characters a target may hold as they are, `%` and `#` not among them: those are looked at.
constexpr auto kPlainInTarget = [] {
    std::array<bool, 256> plain{};
    for (int code = 0; code < 128; ++code) {
        const auto c = static_cast<char>(code);
        plain[static_cast<std::size_t>(code)] = may_stand_in_target(c) && c != '%' && c != '#';
    }
    return plain;
}();

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool begins_escape(std::string_view text) {
    return text.size() >= 3 && text[0] == '%' && hex_value(text[1]) >= 0 && hex_value(text[2]) >= 0;
}

void append_escape(std::string& to, char c) {
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    to += '%';
    to += kDigits[byte >> 4U];
    to += kDigits[byte & 15U];
}

std::string target_encoded(std::string_view text) {
    std::string encoded;
    append_target_encoded(encoded, text);
    return encoded;
}

// RFC 3986 §5.2.4, for a path that begins with a slash.
std::string without_dot_segments(std::string_view path) {
    std::string result;
    while (!path.empty()) {
        const auto end = std::min(path.find('/', 1), path.size());
        const auto segment = path.substr(0, end);
        path.remove_prefix(end);
        const bool last = path.empty();
        if (segment == "/." || segment == "/..") {
            if (segment == "/..") result.resize(std::min(result.rfind('/'), result.size()));
            if (last) result += '/';
        } else {
            result += segment;
        }
    }
    if (result.empty()) result = "/";
    return result;
}

std::string_view taken_until(std::string_view& text, std::string_view ends) {
    const auto part = text.substr(0, text.find_first_of(ends));
    text.remove_prefix(part.size());
    return part;
}

bool is_host(std::string_view host, bool bracketed) {
    return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
        if (bracketed) return hex_value(c) >= 0 || c == ':' || c == '.' || c == '%' || is_letter(c);
        return is_unreserved(c) || static_cast<unsigned char>(c) >= 128;
    });
}

// Why the authority is no good; null if it is.
const char* parse_authority(std::string_view authority, Url& url) {
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        url.user_info = target_encoded(authority.substr(0, at));
        authority.remove_prefix(at + 1);
    }
    const bool bracketed = authority.starts_with('[');
    std::string_view host;
    if (bracketed) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) return "the bracket is not closed";
        host = authority.substr(1, end - 1);
        authority.remove_prefix(end + 1);
    } else {
        host = taken_until(authority, ":");
    }
    if (host.empty()) return "it has no host";
    if (!is_host(host, bracketed)) return "the host has a character that may not stand there";
    url.host = base::lower_case(host);
    url.port = url.scheme == "https" ? 443 : 80;
    if (authority.empty() || authority == ":") return nullptr;
    unsigned port = 0;
    const char* end = authority.data() + authority.size();
    const auto parsed = std::from_chars(authority.data() + 1, end, port);
    if (authority[0] != ':' || parsed.ec != std::errc{} || parsed.ptr != end || port == 0 ||
        port > 65535) {
        return "the port must be a number from 1 to 65535";
    }
    url.port = static_cast<std::uint16_t>(port);
    return nullptr;
}

// Path, query and fragment of what follows the authority.
void parse_tail(std::string_view tail, Url& url) {
    url.path = without_dot_segments(target_encoded(taken_until(tail, "?#")));
    url.has_query = tail.starts_with('?');
    if (url.has_query) {
        tail.remove_prefix(1);
        url.query = target_encoded(taken_until(tail, "#"));
    }
    if (!tail.empty()) url.fragment = target_encoded(tail.substr(1));
}

bool has_scheme(std::string_view text) {
    const auto colon = text.find_first_of(":/?#");
    return colon != std::string_view::npos && text[colon] == ':' && colon > 0 &&
           is_letter(text[0]) &&
           std::all_of(text.begin(), text.begin() + static_cast<long>(colon), [](char c) {
               return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
           });
}

auto invalid(std::string_view text, std::string_view why) {
    constexpr std::size_t kShownMax = 200;
    return base::failure(fmt::format("invalid URL \"{}\": {}", text.substr(0, kShownMax), why));
}

}  // namespace

base::Result<Url> Url::parse(std::string_view text) {
    Url url;
    const auto colon = text.find("://");
    if (colon == std::string_view::npos) {
        return invalid(text, "it must begin with http:// or https://");
    }
    url.scheme = base::lower_case(text.substr(0, colon));
    if (url.scheme != "http" && url.scheme != "https") {
        return invalid(text, "the scheme must be http or https");
    }
    auto tail = text.substr(colon + 3);
    if (const char* why = parse_authority(taken_until(tail, "/?#"), url)) return invalid(text, why);
    parse_tail(tail, url);
    return url;
}

base::Result<Url> Url::join(std::string_view reference) const {
    if (has_scheme(reference)) return parse(reference);
    if (reference.starts_with("//")) return parse(fmt::format("{}:{}", scheme, reference));
    Url joined = *this;
    joined.query.clear();
    joined.fragment.clear();
    joined.has_query = false;
    auto rest = reference;
    const auto reference_path = taken_until(rest, "?#");
    std::string path_and_rest;
    if (reference_path.empty()) {
        path_and_rest = path;
        if (has_query && !rest.starts_with('?')) path_and_rest += '?' + query;
    } else if (reference_path.starts_with('/')) {
        path_and_rest = reference_path;
    } else {
        path_and_rest = path.substr(0, path.rfind('/') + 1);
        path_and_rest += reference_path;
    }
    path_and_rest += rest;
    parse_tail(path_and_rest, joined);
    return joined;
}

std::string Url::target() const {
    return has_query ? path + '?' + query : path;
}

std::string Url::authority() const {
    const bool literal_v6 = host.find(':') != std::string::npos;
    std::string text = literal_v6 ? '[' + host + ']' : host;
    if (port != (scheme == "https" ? 443 : 80)) text += ':' + std::to_string(port);
    return text;
}

std::string Url::origin() const {
    return scheme + "://" + authority();
}

std::string Url::text() const {
    auto whole = origin() + target();
    if (!fragment.empty()) whole += '#' + fragment;
    return whole;
}

void append_form_encoded(std::string& to, std::string_view text) {
    for (const char c : text) {
        if (is_unreserved(c)) {
            to += c;
        } else if (c == ' ') {
            to += '+';
        } else {
            append_escape(to, c);
        }
    }
}

void append_target_encoded(std::string& to, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%' ? begins_escape(text.substr(i)) : may_stand_in_target(c)) {
            to += c;
        } else {
            append_escape(to, c);
        }
    }
}

bool is_plain_target(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return kPlainInTarget[static_cast<unsigned char>(c)];
    });
}

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (begins_escape(text.substr(i))) {
            decoded += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

}  // namespace cicada::http
