// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cicada::http {

/// Takes the body of a message as it is parsed.
class BodySink {
public:
    BodySink() = default;
    BodySink(const BodySink&) = delete;
    BodySink& operator=(const BodySink&) = delete;
    virtual ~BodySink() = default;

    /// The next bytes, unchunked. Returns: false to refuse them.
    virtual bool take_body(std::string_view bytes) = 0;
};

/// Fields of a head that somebody will have to look at.
struct NotedFields {
    bool set_cookie = false;
    bool location = false;
    bool content_encoding = false;
    bool expect = false;
    bool folded = false;  ///< a value goes over several lines (RFC 9112 §5.2)
};

/// Parses one HTTP/1.x message, allocating nothing: an adapter around Beast's basic_parser, which
/// no other file has to see.
template <bool IsRequest>
class MessageParser {
public:
    /// `headless`: the answer to a HEAD request, which has no body whatever its fields say.
    explicit MessageParser(BodySink& sink, bool headless = false);
    MessageParser(const MessageParser&) = delete;
    MessageParser& operator=(const MessageParser&) = delete;
    ~MessageParser();

    /// Forgets everything; for the message that follows an interim answer.
    void restart();

    /// Consumes what it can of `bytes`, but never beyond the head's end in the call that reaches
    /// it. Returns: how many; the rest is to be given again, with more behind it.
    std::size_t put(std::string_view bytes);

    /// The peer has closed: completes a body that goes until then.
    void put_end();

    [[nodiscard]] bool head_done() const;
    [[nodiscard]] bool done() const;

    /// Null, or what is wrong with the message: `a header name has an invalid character`.
    [[nodiscard]] const char* malformed() const { return malformed_; }
    [[nodiscard]] bool refused() const { return refused_; }  ///< by the sink

    // Once head_done():
    [[nodiscard]] int status() const { return status_; }
    [[nodiscard]] bool keep_alive() const;
    [[nodiscard]] bool chunked() const;
    [[nodiscard]] std::optional<std::uint64_t> content_length() const;
    [[nodiscard]] const NotedFields& noted() const { return noted_; }

private:
    class Beast;
    void start();
    Beast& beast();
    [[nodiscard]] const Beast& beast() const;

    static constexpr std::size_t kStorageBytes = 160;
    alignas(8) std::byte storage_[kStorageBytes]{};  // the Beast, so that nothing is allocated
    BodySink& sink_;
    const bool headless_;
    std::string_view input_{};
    const char* malformed_ = nullptr;
    int status_ = 0;
    bool refused_ = false;
    NotedFields noted_{};
};

using ResponseParser = MessageParser<false>;
using RequestParser = MessageParser<true>;

}  // namespace cicada::http
