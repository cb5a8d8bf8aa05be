// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cicada::http {

/// An absolute http or https URL, taken apart and normalised: scheme and host in lower case, dot
/// segments removed, what may not stand in a URL percent-encoded.
///
/// Source: RFC 3986.
struct Url {
    std::string scheme;     ///< `http` or `https`
    std::string user_info;  ///< `name:password` as written, percent-encoded; mostly empty
    std::string host;       ///< a name or literal address, without brackets
    std::uint16_t port = 80;
    std::string path = "/";
    std::string query;     ///< without the `?`
    std::string fragment;  ///< without the `#`
    bool has_query = false;

    /// Error: `invalid URL "httpx://a": the scheme must be http or https` and the like.
    static base::Result<Url> parse(std::string_view text);

    /// The URL `reference` means when it stands in a document at this one (RFC 3986 §5.2).
    [[nodiscard]] base::Result<Url> join(std::string_view reference) const;

    [[nodiscard]] std::string target() const;     ///< path and query, as sent in a request
    [[nodiscard]] std::string authority() const;  ///< `host`, `host:8080`, `[::1]:8080`
    [[nodiscard]] std::string origin() const;     ///< `http://host:8080`
    [[nodiscard]] std::string text() const;       ///< all of it but user_info
};

/// Appends `text` percent-encoded for use as a name or value in a query or a form: letters, digits
/// and `-._~` stay, a space becomes `+`, as in requests and browsers.
void append_form_encoded(std::string& to, std::string_view text);

/// Appends `text`, a path with query, percent-encoding only what must not stand in a request line:
/// controls, spaces, non-ASCII bytes, `"<>\^{|}` and backquote, and a `%` that begins no escape.
void append_target_encoded(std::string& to, std::string_view text);

/// Nothing in `text` has to be encoded to be a request target, and there is no fragment.
[[nodiscard]] bool is_plain_target(std::string_view text);

/// `a%20b` to `a b`; what is no escape stays.
[[nodiscard]] std::string percent_decoded(std::string_view text);

}  // namespace cicada::http
