// SPDX-License-Identifier: Apache-2.0
#include "http/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "http/server_connection.hpp"
#include "http/url.hpp"

namespace cicada::http {

std::string_view reason_of(int status) {
    struct Phrase {
        int status;
        std::string_view text;
    };
    static constexpr std::array kPhrases{
        Phrase{200, "OK"},
        Phrase{201, "Created"},
        Phrase{204, "No Content"},
        Phrase{301, "Moved Permanently"},
        Phrase{302, "Found"},
        Phrase{303, "See Other"},
        Phrase{304, "Not Modified"},
        Phrase{307, "Temporary Redirect"},
        Phrase{308, "Permanent Redirect"},
        Phrase{400, "Bad Request"},
        Phrase{401, "Unauthorized"},
        Phrase{403, "Forbidden"},
        Phrase{404, "Not Found"},
        Phrase{405, "Method Not Allowed"},
        Phrase{409, "Conflict"},
        Phrase{413, "Content Too Large"},
        Phrase{418, "I'm a teapot"},
        Phrase{429, "Too Many Requests"},
        Phrase{431, "Request Header Fields Too Large"},
        Phrase{500, "Internal Server Error"},
        Phrase{502, "Bad Gateway"},
        Phrase{503, "Service Unavailable"},
        Phrase{504, "Gateway Timeout"},
    };
    const auto* const phrase = std::find_if(
        kPhrases.begin(), kPhrases.end(), [&](const Phrase& p) { return p.status == status; });
    return phrase == kPhrases.end() ? std::string_view() : phrase->text;
}

std::optional<std::string> ServerRequest::parameter(std::string_view name) const {
    auto rest = query;
    while (!rest.empty()) {
        const auto pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        const auto key = pair.substr(0, pair.find('='));
        if (percent_decoded(key) != name) continue;
        std::string value(pair.substr(std::min(key.size() + 1, pair.size())));
        std::replace(value.begin(), value.end(), '+', ' ');
        return percent_decoded(value);
    }
    return {};
}

void ResponseWriter::add_header(std::string_view name, std::string_view value) {
    headers_.append(name).append(": ").append(value).append("\r\n");
}

void ResponseWriter::start(int status, std::string_view content_type) {
    std::string& out = connection_.out();
    out.append("HTTP/1.1 ").append(fmt::format_int(status).c_str());
    out.append(" ").append(reason_of(status)).append("\r\n");
    if (!content_type.empty()) out.append("Content-Type: ").append(content_type).append("\r\n");
    out.append(headers_);
    if (!keep_alive_) {
        out.append("Connection: close\r\n");
    } else if (old_version_) {
        out.append("Connection: keep-alive\r\n");
    }
}

void ResponseWriter::reply(int status, std::string_view content_type, std::string_view body) {
    if (answered()) return;
    state_ = State::Done;
    start(status, content_type);
    const bool bodiless = status < 200 || status == 204 || status == 304;
    std::string& out = connection_.out();
    if (!bodiless) {
        out.append("Content-Length: ").append(fmt::format_int(body.size()).c_str()).append("\r\n");
    }
    out.append("\r\n");
    if (!bodiless && !head_only_) out.append(body);
}

void ResponseWriter::begin(int status,
                           std::string_view content_type,
                           std::optional<std::uint64_t> length) {
    if (answered()) return;
    state_ = State::Pieces;
    chunked_ = !length && !old_version_;
    if (!length && old_version_) keep_alive_ = false;
    start(status, content_type);
    std::string& out = connection_.out();
    if (length) {
        out.append("Content-Length: ").append(fmt::format_int(*length).c_str()).append("\r\n");
    } else if (chunked_) {
        out.append("Transfer-Encoding: chunked\r\n");
    }
    out.append("\r\n");
}

bool ResponseWriter::write(std::string_view bytes) {
    if (state_ != State::Pieces) return false;
    if (!bytes.empty() && !head_only_) {
        std::string& out = connection_.out();
        if (chunked_) {
            out.append(fmt::format("{:x}\r\n", bytes.size())).append(bytes).append("\r\n");
        } else {
            out.append(bytes);
        }
    }
    if (connection_.flush()) return true;
    abandon();
    return false;
}

bool ResponseWriter::end() {
    if (state_ != State::Pieces) return false;
    state_ = State::Done;
    if (chunked_ && !head_only_) connection_.out().append("0\r\n\r\n");
    return true;
}

void ResponseWriter::abandon() {
    state_ = State::Abandoned;
}

Server::Server(const net::Endpoint& endpoint, Handler handler, const ServerOptions& options)
    : listener_(endpoint), handler_(std::move(handler)), options_(options) {}

void Server::run() {
    listener_.serve_each([this](fiber::Stream stream) {
        ServerConnection(std::move(stream), handler_, options_).serve();
    });
}

}  // namespace cicada::http
