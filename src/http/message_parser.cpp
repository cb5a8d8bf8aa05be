// SPDX-License-Identifier: Apache-2.0
#include "http/message_parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <new>

namespace cicada::http {
namespace {

namespace beast_http = boost::beast::http;
using beast_http::error;
using boost::beast::error_code;
using boost::beast::string_view;

// The reader above counts the head's bytes itself; Beast's limit starts anew behind the first line.
constexpr std::uint32_t kNoHeaderLimit = UINT32_MAX;

const char* text_of(const error_code& code) {
    switch (static_cast<error>(code.value())) {
        case error::bad_version:
            return "it does not begin with HTTP/1.0 or HTTP/1.1";
        case error::bad_status:
            return "the status is not a number of three digits";
        case error::bad_reason:
            return "the reason has an invalid character";
        case error::bad_method:
            return "the method has an invalid character";
        case error::bad_target:
            return "the target has an invalid character";
        case error::bad_line_ending:
            return "a line does not end with CR LF";
        case error::bad_field:
            return "a header name has an invalid character";
        case error::bad_value:
            return "a header value has an invalid character";
        case error::bad_content_length:
            return "Content-Length is invalid";
        case error::bad_transfer_encoding:
            return "Transfer-Encoding is invalid";
        case error::bad_chunk:
        case error::bad_chunk_extension:
            return "a chunk is invalid";
        case error::header_limit:
            return "a folded header value exceeds 4096 bytes";
        default:
            return "it breaks the rules of HTTP/1.1";
    }
}

}  // namespace

template <bool IsRequest>
class MessageParser<IsRequest>::Beast final : public beast_http::basic_parser<IsRequest> {
public:
    explicit Beast(MessageParser& owner) : owner_(owner) {
        this->header_limit(kNoHeaderLimit);
        this->body_limit(UINT64_MAX);  // none would refuse every body (Boost 1.74)
    }

private:
    void on_request_impl(beast_http::verb, string_view, string_view, int, error_code&) override {}

    void on_response_impl(int status, string_view, int, error_code& code) override {
        owner_.status_ = status;
        if (status < 100) code = error::bad_status;
    }

    void on_field_impl(beast_http::field field,
                       string_view,
                       string_view value,
                       error_code&) override {
        if (this->is_header_done()) return;  // a trailer
        NotedFields& noted = owner_.noted_;
        switch (field) {
            case beast_http::field::set_cookie:
                noted.set_cookie = true;
                break;
            case beast_http::field::location:
                noted.location = true;
                break;
            case beast_http::field::content_encoding:
                noted.content_encoding = true;
                break;
            case beast_http::field::expect:
                noted.expect = true;
                break;
            default:
                break;
        }
        // A folded value is handed out from a buffer of the parser's own.
        const std::string_view input = owner_.input_;
        if (value.data() < input.data() || value.data() > input.data() + input.size()) {
            noted.folded = true;
        }
    }

    void on_header_impl(error_code&) override {}

    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

    std::size_t on_body_impl(string_view body, error_code& code) override {
        refuse_unless(owner_.sink_.take_body({body.data(), body.size()}), code);
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}

    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& code) override {
        refuse_unless(owner_.sink_.take_body({body.data(), body.size()}), code);
        return body.size();
    }

    void on_finish_impl(error_code&) override {}

    void refuse_unless(bool taken, error_code& code) {
        if (taken) return;
        owner_.refused_ = true;
        code = error::body_limit;
    }

    MessageParser& owner_;
};

template <bool IsRequest>
MessageParser<IsRequest>::MessageParser(BodySink& sink, bool headless)
    : sink_(sink), headless_(headless) {
    start();
}

template <bool IsRequest>
void MessageParser<IsRequest>::start() {
    static_assert(sizeof(Beast) <= kStorageBytes && alignof(Beast) <= 8);
    auto* parser = new (storage_) Beast(*this);
    if (headless_) parser->skip(true);
}

template <bool IsRequest>
void MessageParser<IsRequest>::restart() {
    beast().~Beast();
    malformed_ = nullptr;
    status_ = 0;
    refused_ = false;
    noted_ = {};
    start();
}

template <bool IsRequest>
MessageParser<IsRequest>::~MessageParser() {
    beast().~Beast();
}

template <bool IsRequest>
typename MessageParser<IsRequest>::Beast& MessageParser<IsRequest>::beast() {
    return *std::launder(reinterpret_cast<Beast*>(storage_));
}

template <bool IsRequest>
const typename MessageParser<IsRequest>::Beast& MessageParser<IsRequest>::beast() const {
    return *std::launder(reinterpret_cast<const Beast*>(storage_));
}

template <bool IsRequest>
std::size_t MessageParser<IsRequest>::put(std::string_view bytes) {
    if (bytes.empty() || malformed_ != nullptr || refused_ || done()) return 0;
    input_ = bytes;
    error_code code;
    Beast& parser = beast();
    parser.eager(parser.is_header_done());
    const std::size_t consumed =
        parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), code);
    if (code && code != error::need_more && !refused_) malformed_ = text_of(code);
    return consumed;
}

template <bool IsRequest>
void MessageParser<IsRequest>::put_end() {
    if (malformed_ != nullptr || !beast().is_header_done() || done()) return;
    error_code code;
    beast().put_eof(code);
}

template <bool IsRequest>
bool MessageParser<IsRequest>::head_done() const {
    return beast().is_header_done();
}

template <bool IsRequest>
bool MessageParser<IsRequest>::done() const {
    return beast().is_done();
}

template <bool IsRequest>
bool MessageParser<IsRequest>::keep_alive() const {
    return beast().keep_alive();
}

template <bool IsRequest>
bool MessageParser<IsRequest>::chunked() const {
    return beast().chunked();
}

template <bool IsRequest>
std::optional<std::uint64_t> MessageParser<IsRequest>::content_length() const {
    const auto length = beast().content_length();
    return length ? std::optional(*length) : std::nullopt;
}

template class MessageParser<false>;
template class MessageParser<true>;

}  // namespace cicada::http
