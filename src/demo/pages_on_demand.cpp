// SPDX-License-Identifier: Apache-2.0
// The pages a tester asks for: slow, failing, large, stalling, and what the server has seen.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "demo/shop.hpp"

namespace cicada::demo {
namespace {

constexpr std::string_view kText = "text/plain";
constexpr std::string_view kJson = "application/json";
constexpr std::uint64_t kDelayMsMax = 600'000;
constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 30;
constexpr std::uint64_t kStreamLinesMax = 100'000;
constexpr std::uint64_t kRedirectsMax = 1'000;
constexpr std::uint64_t kHeadersMax = 5'000;
constexpr std::size_t kFillerBytes = std::size_t{64} * 1024;
constexpr std::size_t kBenchBodyBytes = 2048;

const std::string& filler() {
    static const std::string text = [] {
        std::string lines;
        while (lines.size() < kFillerBytes) lines += "0123456789abcdefghijklmnopqrstuvwxyz\n";
        lines.resize(kFillerBytes);
        return lines;
    }();
    return text;
}

std::uint64_t number_parameter(const http::ServerRequest& request,
                               std::string_view name,
                               std::uint64_t otherwise,
                               std::uint64_t most) {
    const auto text = request.parameter(name);
    if (!text) return otherwise;
    std::uint64_t number = 0;
    std::from_chars(text->data(), text->data() + text->size(), number);
    return std::min(number, most);
}

double in_ms(std::chrono::microseconds time) {
    return static_cast<double>(time.count()) / 1000;
}

}  // namespace

void Shop::slow(const Request& request, Writer& writer, std::uint64_t) {
    const auto ms = number_parameter(request, "ms", 1000, kDelayMsMax);
    fiber::sleep_for(std::chrono::milliseconds(ms));
    writer.reply(200, kText, fmt::format("waited {} ms\n", ms));
}

void Shop::status(const Request&, Writer& writer, std::uint64_t number) {
    if (number < 200 || number > 599) {
        writer.reply(400, kText, "a status from 200 to 599, please\n");
    } else {
        writer.reply(static_cast<int>(number), kText, fmt::format("status {}\n", number));
    }
}

void Shop::bytes(const Request&, Writer& writer, std::uint64_t number) {
    constexpr std::string_view kBinary = "application/octet-stream";
    if (number > kBytesMax) {
        writer.reply(400, kText, "at most 1 GiB, please\n");
        return;
    }
    if (number <= kFillerBytes) {
        writer.reply(200, kBinary, std::string_view(filler()).substr(0, number));
        return;
    }
    writer.begin(200, kBinary, number);
    while (number > 0) {
        const auto piece = std::min<std::uint64_t>(number, kFillerBytes);
        if (!writer.write(std::string_view(filler()).substr(0, piece))) return;
        number -= piece;
    }
    writer.end();
}

void Shop::stream(const Request& request, Writer& writer, std::uint64_t number) {
    const auto pause_ms = number_parameter(request, "ms", 0, kDelayMsMax);
    writer.begin(200, kText);
    for (std::uint64_t line = 1; line <= std::min(number, kStreamLinesMax); ++line) {
        if (pause_ms > 0) fiber::sleep_for(std::chrono::milliseconds(pause_ms));
        if (!writer.write(fmt::format("line {}\n", line))) return;
    }
    writer.end();
}

void Shop::echo(const Request& request, Writer& writer, std::uint64_t) {
    auto headers = nlohmann::json::array();
    http::FieldCursor cursor(request.head);
    for (auto field = cursor.next(); field.has_value(); field = cursor.next()) {
        headers.push_back({std::string(field->name), std::string(field->value)});
    }
    const nlohmann::json answer{{"method", std::string(request.method)},
                                {"target", std::string(request.target)},
                                {"headers", headers},
                                {"body", std::string(request.body)}};
    constexpr auto kReplaceBadText = nlohmann::json::error_handler_t::replace;
    writer.reply(200, kJson, answer.dump(-1, ' ', false, kReplaceBadText));
}

void Shop::redirect(const Request& request, Writer& writer, std::uint64_t number) {
    const auto code = number_parameter(request, "code", 302, 399);
    if (number == 0 || number > kRedirectsMax || code < 300) {
        writer.reply(200, kText, "arrived\n");
        return;
    }
    const auto suffix = request.query.empty() ? "" : "?" + std::string(request.query);
    writer.add_header("Location", fmt::format("/redirect/{}{}", number - 1, suffix));
    writer.reply(static_cast<int>(code), kText, "");
}

void Shop::headers(const Request& request, Writer& writer, std::uint64_t) {
    const auto count = number_parameter(request, "n", 50, kHeadersMax);
    for (std::uint64_t i = 0; i < count; ++i) {
        writer.add_header(fmt::format("X-Header-{}", i), fmt::format("value number {}", i));
    }
    writer.reply(200, kText, "see the headers\n");
}

void Shop::bench_item(const Request&, Writer& writer, std::uint64_t number) {
    // With Content-Type and Content-Length there are twelve, three of them cookies.
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kHeaders{{
        {"Server", "cicada-demo"},
        {"Date", "Sun, 22 Nov 2026 21:05:54 GMT"},
        {"Cache-Control", "private, max-age=0, must-revalidate"},
        {"Vary", "Accept-Encoding, Cookie"},
        {"X-Request-Id", "7b0c1d6e-2f43-4a51-9d0c-1f5e8a3b6c77"},
        {"X-Content-Type-Options", "nosniff"},
        {"Strict-Transport-Security", "max-age=31536000"},
        {"Set-Cookie", "visitor=5f2b8c1e9a7d4036; Path=/; HttpOnly"},
        {"Set-Cookie", "currency=EUR; Path=/"},
        {"Set-Cookie", "basket=0; Path=/bench"},
    }};
    for (const auto& [name, value] : kHeaders) writer.add_header(name, value);
    static const std::string description = [] {
        std::string words;
        while (words.size() < kBenchBodyBytes) words += "A fragrant tea from the high gardens. ";
        return words;
    }();
    auto body = fmt::format(
        R"({{"id": {}, "name": "Tea no. {}", "price": 4.50, "stock": {}, "description": ")",
        number,
        number,
        number % 50 + 1);
    constexpr std::string_view kEnd = "\"}";
    body.append(description, 0, kBenchBodyBytes - kEnd.size() - body.size());
    body.append(kEnd);
    writer.reply(200, kJson, body);
}

void Shop::known_latency(const Request&, Writer& writer, std::uint64_t) {
    const auto delay = known_latency_.next();
    fiber::sleep_for(delay);
    writer.reply(200, kText, fmt::format("{} us\n", delay.count()));
}

void Shop::known_latency_truth(const Request&, Writer& writer, std::uint64_t) {
    nlohmann::json percentiles;
    for (const auto* const percent :
         {"50", "66", "75", "80", "90", "95", "98", "99", "99.9", "99.99", "100"}) {
        percentiles[percent] = in_ms(KnownLatency::percentile(std::stod(percent)));
    }
    const nlohmann::json truth{{"cycle", KnownLatency::kCycle},
                               {"given", known_latency_.given()},
                               {"min_ms", in_ms(KnownLatency::of_rank(0))},
                               {"mean_ms", in_ms(KnownLatency::mean())},
                               {"percentiles_ms", percentiles}};
    writer.reply(200, kJson, truth.dump() + "\n");
}

void Shop::stall(const Request& request, Writer& writer, std::uint64_t) {
    const auto ms = number_parameter(request, "ms", 1000, kDelayMsMax);
    const auto after_ms = number_parameter(request, "after", 0, kDelayMsMax);
    stall_begin_ = fiber::now() + std::chrono::milliseconds(after_ms);
    stall_end_ = stall_begin_ + std::chrono::milliseconds(ms);
    writer.reply(200, kText, fmt::format("no answers for {} ms, in {} ms\n", ms, after_ms));
}

void Shop::count(const Request&, Writer& writer, std::uint64_t) {
    writer.reply(200, kJson, counters_.json());
}

void Shop::seen(const Request&, Writer& writer, std::uint64_t) {
    // A copy: requests go on arriving while the list is sent.
    const auto identities = identities_.seen();
    writer.add_header("X-Dropped", fmt::format("{}", identities_.dropped()));
    writer.begin(200, kText);
    std::string piece;
    for (const auto& identity : identities) {
        piece.append(identity).append("\n");
        if (piece.size() < kFillerBytes) continue;
        if (!writer.write(piece)) return;
        piece.clear();
    }
    if (writer.write(piece)) writer.end();
}

void Shop::times(const Request&, Writer& writer, std::uint64_t) {
    const auto times = arrival_times_.times();  // a copy, as in seen()
    writer.begin(200, kText);
    std::string piece;
    for (const fiber::TimePoint time : times) {
        fmt::format_to(std::back_inserter(piece), "{}\n", (time - times.front()).count());
        if (piece.size() < kFillerBytes) continue;
        if (!writer.write(piece)) return;
        piece.clear();
    }
    if (writer.write(piece)) writer.end();
}

void Shop::reset(const Request&, Writer& writer, std::uint64_t) {
    counters_.reset();
    identities_.reset();
    arrival_times_.reset();
    known_latency_.restart();
    stall_begin_ = stall_end_ = {};
    writer.reply(200, kText, "counters are zero\n");
}

}  // namespace cicada::demo
