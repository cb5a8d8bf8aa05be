// SPDX-License-Identifier: Apache-2.0
#include "http/server_connection.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace cicada::http {
namespace {

constexpr std::size_t kFlushedAt = std::size_t{64} * 1024;
constexpr std::size_t kKeptBytes = std::size_t{16} * 1024;

void shrink(std::string& buffer) {
    if (buffer.capacity() > kKeptBytes) std::string().swap(buffer);
}

std::string_view word_of(std::string_view& line) {
    const auto word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    return word;
}

ServerRequest request_of(std::string_view head, std::string_view body) {
    ServerRequest request{.head = head, .body = body};
    auto line = head.substr(0, head.find('\r'));
    request.method = word_of(line);
    request.target = word_of(line);
    const auto question = request.target.find('?');
    request.path = request.target.substr(0, question);
    if (question != std::string_view::npos) request.query = request.target.substr(question + 1);
    return request;
}

}  // namespace

void ServerConnection::serve() {
    while (true) {
        RequestParser parser(*this);
        body_.clear();
        head_size_ = 0;
        switch (read_request(parser)) {
            case Read::Closed:
                return;
            case Read::Refused:
                flush();
                return;
            case Read::Request:
                break;
        }
        if (!answer(parser)) return;
        in_.erase(0, used_);
        used_ = 0;
        if (out().size() > kFlushedAt && !flush()) return;
    }
}

ServerConnection::Read ServerConnection::read_request(RequestParser& parser) {
    bool continued = false;
    while (true) {
        while (used_ < in_.size() && !parser.done()) {
            const bool in_head = !parser.head_done();
            const std::size_t taken = parser.put(std::string_view(in_).substr(used_));
            used_ += taken;
            if (in_head && parser.head_done()) {
                head_size_ = used_;
                if (parser.content_length().value_or(0) > options_.body_bytes_max) {
                    refuse(413, "the request body is too large");
                    return Read::Refused;
                }
            }
            if (parser.malformed() != nullptr) {
                refuse(400, parser.malformed());
                return Read::Refused;
            }
            if (parser.refused()) {
                refuse(413, "the request body is too large");
                return Read::Refused;
            }
            if (taken == 0) break;
        }
        if (parser.done()) return Read::Request;
        if (!parser.head_done() && in_.size() > options_.header_bytes_max) {
            refuse(431, "the request headers are too large");
            return Read::Refused;
        }
        if (parser.head_done() && parser.noted().expect && !std::exchange(continued, true)) {
            out() += "HTTP/1.1 100 Continue\r\n\r\n";
        }
        if (!receive()) return Read::Closed;
    }
}

bool ServerConnection::receive() {
    if (!out().empty() && !flush()) return false;
    if (in_.empty()) shrink(in_);
    const fiber::Chunk chunk = stream_.receive(fiber::kNever);
    if (chunk.error != 0 || chunk.bytes.empty()) return false;
    in_.append(chunk.bytes);
    return true;
}

bool ServerConnection::flush() {
    const bool sent = stream_.send(out(), fiber::kNever) == 0;
    turn_ = 1 - turn_;
    shrink(out());
    out().clear();
    return sent;
}

void ServerConnection::refuse(int status, std::string_view why) {
    ResponseWriter writer(*this);
    writer.close_after();
    writer.reply(status, "text/plain", fmt::format("{}\n", why));
}

bool ServerConnection::answer(const RequestParser& parser) {
    const auto request = request_of(std::string_view(in_).substr(0, head_size_), body_);
    ResponseWriter writer(*this);
    writer.keep_alive_ = parser.keep_alive();
    writer.head_only_ = request.method == "HEAD";
    const auto line = request.head.substr(0, request.head.find('\r'));
    writer.old_version_ = line.ends_with("HTTP/1.0");
    call_handler(request, writer);
    if (writer.state_ == ResponseWriter::State::Abandoned) return false;
    if (!writer.keep_alive_) flush();
    return writer.keep_alive_;
}

void ServerConnection::call_handler(const ServerRequest& request, ResponseWriter& writer) {
    try {
        handler_(request, writer);
        if (writer.state_ == ResponseWriter::State::Pieces) writer.end();
        if (!writer.answered()) writer.reply(500, "text/plain", "the handler gave no answer\n");
    } catch (const std::exception& error) {
        if (writer.answered()) {
            writer.abandon();
        } else {
            writer.reply(500, "text/plain", fmt::format("{}\n", error.what()));
        }
    }
}

bool ServerConnection::take_body(std::string_view bytes) {
    if (body_.size() + bytes.size() > options_.body_bytes_max) return false;
    body_.append(bytes);
    return true;
}

}  // namespace cicada::http
