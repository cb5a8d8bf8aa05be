// SPDX-License-Identifier: Apache-2.0
#include "http/origin.hpp"

#include <algorithm>

namespace cicada::http {

Origin::Origin(const Url& url)
    : text(url.origin()),
      host(url.host),
      host_line("Host: " + url.authority() + "\r\n"),
      port(url.port) {}

std::shared_ptr<const Origin> OriginTable::of(const Url& url) {
    const auto text = url.origin();
    const auto known = std::find_if(
        origins_.begin(), origins_.end(), [&](const auto& origin) { return origin->text == text; });
    if (known != origins_.end()) return *known;
    if (origins_.size() >= kRememberedMax) origins_.erase(origins_.begin());
    origins_.push_back(std::make_shared<const Origin>(url));
    return origins_.back();
}

}  // namespace cicada::http
