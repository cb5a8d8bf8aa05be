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

    /// Appends `a=1; b=2`.
    void append_value(std::string& to, const CookieScope& scope, base::TimePoint now);

    [[nodiscard]] bool empty() const { return cookies_.empty(); }
    [[nodiscard]] std::size_t size() const { return cookies_.size(); }
    void clear() { cookies_.clear(); }

private:
    // Positions in `text`, so that a cookie is one allocation.
    struct Part {
        std::uint16_t begin = 0;
        std::uint16_t length = 0;
    };
    struct Cookie {
        std::string text;  // the field's value as received, then domain, then path if defaulted
        std::uint32_t set_cookie_length = 0;
        Part name, value, domain, path;
        bool host_only = true;
        bool secure = false;
        std::int64_t max_age_s = -1;  // as received; -1: none
        base::TimePoint expires = base::TimePoint::max();

        [[nodiscard]] std::string_view of(Part part) const {
            return std::string_view(text).substr(part.begin, part.length);
        }
    };

    static bool parse(std::string_view set_cookie,
                      const CookieScope& from,
                      base::TimePoint now,
                      Cookie& cookie);
    static bool fits(const Cookie& cookie, const CookieScope& scope);
    bool refreshed(std::string_view set_cookie, const CookieScope& from, base::TimePoint now);
    void drop_expired(base::TimePoint now);

    std::vector<Cookie> cookies_;  // longest path first, then oldest first
    bool some_expire_ = false;
};

}  // namespace cicada::http
