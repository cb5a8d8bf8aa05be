// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cicada::http {

/// How a body is compressed.
enum class ContentCoding : std::uint8_t { Identity, Gzip, Deflate, Unknown };

/// Of a Content-Encoding value; more than one coding is Unknown.
[[nodiscard]] ContentCoding coding_of(std::string_view content_encoding);

/// Appends the decompressed `bytes` to `to`, whole. Deflate is taken with and without zlib's
/// wrapper, since servers send both.
///
/// Error: `cannot decode the gzip body: ...`; `the decoded body exceeds N bytes`.
base::Result<void> append_decoded(ContentCoding coding,
                                  std::string_view bytes,
                                  std::uint64_t decoded_bytes_max,
                                  std::string& to);

}  // namespace cicada::http
