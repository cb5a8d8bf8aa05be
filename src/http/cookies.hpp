// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace cicada::http {

/// Where a request goes, as far as cookies care.
struct CookieScope {
    std::string_view host;  ///< lower case
    std::string_view path;  ///< begins with `/`; may carry a query, which is ignored
    bool secure = false;    ///< https
};

/// A user's cookies.
///
/// Source: RFC 6265 §5 (domain, path, Expires, Max-Age, Secure; HttpOnly is accepted and means
/// nothing here; there is no public-suffix list).
/// Shape: at most 300 cookies of at most 4096 bytes; the oldest makes room, a longer one is
/// refused.
class CookieJar {
public:
    /// Takes the value of a Set-Cookie field. What breaks the rules is ignored, as they say.
    void store(std::string_view set_cookie, const CookieScope& from, base::TimePoint now);

    /// Appends `Cookie: a=1; b=2\r\n`, or nothing when no cookie fits.
    void append_field(std::string& to, const CookieScope& scope, base::TimePoint now);

    [[nodiscard]] bool empty() const { return cookies_.empty(); }
    [[nodiscard]] std::size_t size() const { return cookies_.size(); }
    void clear() { cookies_.clear(); }

private:
    struct Cookie {
        std::string received;  // the field's value: most servers repeat it with each answer
        std::string pair;      // `name=value`
        std::size_t name_length = 0;
        std::string domain;
        std::string path;
        std::uint64_t serial = 0;  // grows with age of creation
        bool host_only = true;
        bool secure = false;
        bool path_given = false;
        base::TimePoint expires = base::TimePoint::max();

        [[nodiscard]] bool fits(const CookieScope& scope) const;
        [[nodiscard]] bool replaces(const Cookie& other) const;
        [[nodiscard]] bool repeated_by(std::string_view set_cookie, const CookieScope& from) const;
    };

    static bool parse(std::string_view set_cookie,
                      const CookieScope& from,
                      base::TimePoint now,
                      Cookie& cookie);
    void keep(Cookie cookie);

    std::vector<Cookie> cookies_;  // as they are sent: longest path first, then oldest first
    std::uint64_t next_serial_ = 0;
};

}  // namespace cicada::http
