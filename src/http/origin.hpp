// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "http/url.hpp"

namespace cicada::http {

/// A server as requests see it, with its text made ready.
struct Origin {
    explicit Origin(const Url& url);

    std::string text;       ///< `http://host:8080`
    std::string host;       ///< without brackets
    std::string host_line;  ///< `Host: host:8080\r\n`
    std::uint16_t port;
};

/// The origins met so far, so that ten thousand users of one server share one text.
class OriginTable {
public:
    /// Shape: the last 256 are remembered; one that has been forgotten is made again.
    std::shared_ptr<const Origin> of(const Url& url);

private:
    static constexpr std::size_t kRememberedMax = 256;
    std::vector<std::shared_ptr<const Origin>> origins_;  // shared with connections and calls
};

}  // namespace cicada::http
