// SPDX-License-Identifier: Apache-2.0
#include "demo/shop.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace cicada::demo {
namespace {

constexpr std::string_view kUnknown = "(unknown)";

bool has_word(std::string_view words, std::string_view word) {
    while (!words.empty()) {
        const auto next = words.substr(0, words.find(' '));
        if (next == word) return true;
        words.remove_prefix(std::min(next.size() + 1, words.size()));
    }
    return false;
}

}  // namespace

const std::vector<Shop::Page>& Shop::pages() {
    using enum Counted;
    static const std::vector<Page> pages{
        {"/", false, "GET HEAD", Yes, &Shop::home},
        {"/items/", true, "GET HEAD", Yes, &Shop::item},
        {"/items", false, "GET HEAD", Yes, &Shop::items},
        {"/bench/item/", true, "GET HEAD POST", Yes, &Shop::bench_item},
        {"/profile", false, "GET HEAD", Yes, &Shop::profile},
        {"/login", false, "POST", Yes, &Shop::login},
        {"/logout", false, "POST", Yes, &Shop::logout},
        {"/cart", false, "GET HEAD POST DELETE", Yes, &Shop::cart},
        {"/checkout", false, "POST", Yes, &Shop::checkout},
        {"/slow", false, "", Yes, &Shop::slow},
        {"/status/", true, "", Yes, &Shop::status},
        {"/bytes/", true, "GET HEAD", Yes, &Shop::bytes},
        {"/stream/", true, "GET HEAD", Yes, &Shop::stream},
        {"/echo", false, "", Yes, &Shop::echo},
        {"/redirect/", true, "", Yes, &Shop::redirect},
        {"/headers", false, "GET HEAD", Yes, &Shop::headers},
        {"/known-latency", false, "GET HEAD", Yes, &Shop::known_latency},
        {"/known-latency/truth", false, "GET", No, &Shop::known_latency_truth},
        {"/stall", false, "POST", No, &Shop::stall},
        {"/count", false, "GET", No, &Shop::count},
        {"/seen", false, "GET", No, &Shop::seen},
        {"/times", false, "GET", No, &Shop::times},
        {"/reset", false, "POST", No, &Shop::reset},
    };
    return pages;
}

std::vector<std::string> Shop::patterns() {
    std::vector<std::string> patterns;
    for (const Page& page : pages()) {
        patterns.push_back(std::string(page.path) + (page.numbered ? "[n]" : ""));
    }
    patterns.emplace_back(kUnknown);
    return patterns;
}

Shop::Shop(std::string trace_header)
    : trace_header_(std::move(trace_header)), counters_(patterns()) {}

void Shop::answer(const Request& request, Writer& writer) {
    std::size_t at = 0;
    std::uint64_t number = 0;
    while (at < pages().size() && !matches(pages()[at], request.path, number)) ++at;
    if (at == pages().size()) {
        note(at, request);
        wait_for_stall();
        writer.reply(404, "text/plain", "no such page\n");
        return;
    }
    const Page& page = pages()[at];
    if (page.counted == Counted::Yes) {
        note(at, request);
        wait_for_stall();
    }
    if (!page.methods.empty() && !has_word(page.methods, request.method)) {
        writer.reply(405, "text/plain", "this page does not take that method\n");
        return;
    }
    (this->*page.answer)(request, writer, number);
}

bool Shop::matches(const Page& page, std::string_view path, std::uint64_t& number) {
    if (!page.numbered) return path == page.path;
    if (!path.starts_with(page.path) || path.size() == page.path.size()) return false;
    const char* end = path.data() + path.size();
    const auto parsed = std::from_chars(path.data() + page.path.size(), end, number);
    return parsed.ec == std::errc{} && parsed.ptr == end;
}

void Shop::note(std::size_t pattern, const Request& request) {
    counters_.count(pattern, request.method);
    arrival_times_.add(fiber::now());
    if (trace_header_.empty()) return;
    if (const auto identity = request.header(trace_header_)) identities_.add(*identity);
}

void Shop::wait_for_stall() const {
    if (stall_end_ == fiber::TimePoint{}) return;
    const auto now = fiber::now();
    if (now >= stall_begin_ && now < stall_end_) fiber::sleep_until(stall_end_);
}

}  // namespace cicada::demo
