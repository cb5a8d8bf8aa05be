// SPDX-License-Identifier: Apache-2.0
#include "http/content_decoder.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <limits>

#include "http/fields.hpp"

namespace cicada::http {
namespace {

constexpr int kGzipWindow = MAX_WBITS + 16;
constexpr int kZlibWindow = MAX_WBITS;
constexpr int kRawWindow = -MAX_WBITS;

// One inflate state, 40 KiB, for all responses of a thread: decoding does not suspend.
class Inflater {
public:
    Inflater() { inflateInit2(&state_, kGzipWindow); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() { inflateEnd(&state_); }

    z_stream& begin(int window) {
        inflateReset2(&state_, window);
        return state_;
    }

private:
    z_stream state_{};
};

// What went wrong; null: nothing. `too_large` is told apart by address.
constexpr const char* kTooLarge = "too large";

const char* inflate_all(int window,
                        std::string_view bytes,
                        std::uint64_t decoded_bytes_max,
                        std::string& to) {
    static thread_local Inflater inflater;
    z_stream& state = inflater.begin(window);
    const std::size_t begin = to.size();
    std::size_t written = begin;
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    state.avail_in = static_cast<uInt>(bytes.size());
    int result = Z_OK;
    while (result == Z_OK) {
        constexpr std::size_t kStepMax = std::size_t{1} << 20;
        const std::size_t step = std::clamp(2 * bytes.size(), std::size_t{256}, kStepMax);
        to.resize(written + step);
        state.next_out = reinterpret_cast<Bytef*>(to.data() + written);
        state.avail_out = static_cast<uInt>(step);
        result = inflate(&state, Z_NO_FLUSH);
        written += step - state.avail_out;
        if (written - begin > decoded_bytes_max) return kTooLarge;
        // gzip members may follow each other.
        if (result == Z_STREAM_END && window == kGzipWindow && state.avail_in > 0) {
            result = inflateReset(&state);
        }
    }
    to.resize(written);
    if (result == Z_STREAM_END) return nullptr;
    if (result == Z_BUF_ERROR) return "it ends too early";
    return state.msg != nullptr ? state.msg : "invalid data";
}

}  // namespace

ContentCoding coding_of(std::string_view content_encoding) {
    if (content_encoding.empty() || same_name(content_encoding, "identity")) {
        return ContentCoding::Identity;
    }
    if (same_name(content_encoding, "gzip") || same_name(content_encoding, "x-gzip")) {
        return ContentCoding::Gzip;
    }
    if (same_name(content_encoding, "deflate")) return ContentCoding::Deflate;
    return ContentCoding::Unknown;
}

base::Result<void> append_decoded(ContentCoding coding,
                                  std::string_view bytes,
                                  std::uint64_t decoded_bytes_max,
                                  std::string& to) {
    const std::size_t begin = to.size();
    const bool gzip = coding == ContentCoding::Gzip;
    if (bytes.size() > std::numeric_limits<uInt>::max()) {
        return base::failure(std::string("the compressed body exceeds 4 GiB"));
    }
    if (bytes.empty()) return {};
    const char* why = inflate_all(gzip ? kGzipWindow : kZlibWindow, bytes, decoded_bytes_max, to);
    if (why != nullptr && why != kTooLarge && !gzip) {
        to.resize(begin);
        why = inflate_all(kRawWindow, bytes, decoded_bytes_max, to);
    }
    if (why == nullptr) return {};
    to.resize(begin);
    if (why == kTooLarge) {
        return base::failure(fmt::format("the decoded body exceeds {} bytes", decoded_bytes_max));
    }
    return base::failure(
        fmt::format("cannot decode the {} body: {}", gzip ? "gzip" : "deflate", why));
}

}  // namespace cicada::http
