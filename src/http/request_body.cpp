// SPDX-License-Identifier: Apache-2.0
#include "http/request_body.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace cicada::http {
namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{128} * 1024;

}  // namespace

RequestBody::~RequestBody() {
    if (file_ >= 0) ::close(file_);
}

void RequestBody::set_text(std::string_view text) {
    text_ = text;
    size_ = text.size();
}

base::Result<void> RequestBody::open_file(std::string_view path) {
    const auto cannot = [&](const std::string& why) {
        return base::failure(fmt::format("cannot read {}: {}", path, why));
    };
    file_ = ::open(std::string(path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about {};
    if (file_ < 0 || ::fstat(file_, &about) != 0) {
        return cannot(std::generic_category().message(errno));
    }
    if (!S_ISREG(about.st_mode)) return cannot("it is not a regular file");
    size_ = static_cast<std::uint64_t>(about.st_size);
    return {};
}

void RequestBody::drop() {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
    text_ = {};
    size_ = 0;
    sent_ = 0;
    dropped_ = true;
}

int RequestBody::send(fiber::Stream& stream, fiber::TimePoint deadline) {
    sent_ = 0;
    if (file_ >= 0) return send_file(stream, deadline);
    while (sent_ < size_ && stream.quiet()) {
        const auto piece = text_.substr(static_cast<std::size_t>(sent_), kPieceBytes);
        if (const int error = stream.send(piece, deadline)) return error;
        sent_ += piece.size();
    }
    return 0;
}

int RequestBody::send_file(fiber::Stream& stream, fiber::TimePoint deadline) {
    for (std::size_t turn = 0; sent_ < size_ && stream.quiet(); ++turn) {
        std::string& piece = pieces_.at(turn % 2);
        piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, size_ - sent_)));
        ssize_t got = 0;
        fiber::run_on_helper_thread(
            [&] { got = ::pread(file_, piece.data(), piece.size(), static_cast<off_t>(sent_)); });
        if (got <= 0) return EIO;
        piece.resize(static_cast<std::size_t>(got));
        if (const int error = stream.send(piece, deadline)) return error;
        sent_ += static_cast<std::uint64_t>(got);
    }
    return 0;
}

}  // namespace cicada::http
