// SPDX-License-Identifier: Apache-2.0
#include "demo/html.hpp"

#include <fmt/format.h>

namespace cicada::demo {

std::string html_page(std::string_view title, std::string_view content) {
    static constexpr std::string_view kStyle =
        "body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:3em auto;padding:0 1em;"
        "color:#223}nav a{margin-right:1em}h1{font-weight:600}a{color:#06744f}";
    static constexpr std::string_view kLinks =
        "<nav><a href=\"/\">Home</a><a href=\"/items\">Items</a><a href=\"/cart\">Cart</a>"
        "<a href=\"/profile\">Profile</a></nav>";
    return fmt::format(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{0}</title>"
        "<style>{1}</style>{2}<h1>{0}</h1>{3}</html>\n",
        title,
        kStyle,
        kLinks,
        content);
}

std::string html_escaped(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '&':
                escaped += "&amp;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

}  // namespace cicada::demo
