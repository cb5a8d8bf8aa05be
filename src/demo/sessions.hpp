// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::demo {

/// Who is logged in, and what lies in the cart.
struct Session {
    std::uint64_t number = 0;  ///< 0: nobody
    std::string user;
    std::map<std::uint64_t, std::uint64_t> cart;  ///< item to quantity
};

/// The sessions of the shop. Shape: the last 65,536; older ones are logged out.
class Sessions {
public:
    Sessions() : slots_(kSlots) {}

    /// Returns: the value of the session cookie.
    std::string open(std::string_view user);

    /// Null: nobody is logged in with this `Cookie` field.
    Session* find(std::string_view cookie_field);
    void close(Session& session);

private:
    static constexpr std::size_t kSlots = 65'536;

    std::vector<Session> slots_;
    std::uint64_t last_ = 0;
};

}  // namespace cicada::demo
