// SPDX-License-Identifier: Apache-2.0
#include "report/shown_exchange.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "http/fields.hpp"
#include "report/text.hpp"

namespace cicada::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostShown = 4'000;
constexpr std::size_t kMostLaidOut = 64 * 1024;

/// Error messages of the JSON library would be the alternative to this.
bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t length = byte < 0x80   ? 1
                                   : byte < 0xC2 ? 0
                                   : byte < 0xE0 ? 2
                                   : byte < 0xF0 ? 3
                                   : byte < 0xF5 ? 4
                                                 : 0;
        if (length == 0 || i + length > text.size()) return false;
        for (std::size_t k = 1; k < length; ++k) {
            if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
        }
        i += length;
    }
    return true;
}

/// Can be shown to a person as it is.
bool is_text(std::string_view text) {
    const bool has_control = std::any_of(text.begin(), text.end(), [](char character) {
        const auto byte = static_cast<unsigned char>(character);
        return (byte < 0x20 && character != '\n' && character != '\r' && character != '\t') ||
               byte == 0x7F;
    });
    return !has_control && is_utf8(text);
}

/// Not in the middle of a character.
std::string_view first_of(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
    return text.substr(0, most);
}

void add_lines(std::string& to, std::string_view mark, std::string_view text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    while (true) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        to += fmt::format("{} {}\n", mark, one_line(line));
        if (end == text.size()) return;
        text.remove_prefix(end + 1);
    }
}

/// JSON with a line for each member; other text as it is.
std::string laid_out(std::string_view body) {
    const bool may_be_json = body.starts_with('{') || body.starts_with('[');
    if (may_be_json && body.size() <= kMostLaidOut) {
        const Json json = Json::parse(body, nullptr, false);
        if (!json.is_discarded()) return json.dump(2);
    }
    return std::string(body);
}

void add_body(std::string& to, std::string_view mark, std::string_view body) {
    if (body.empty()) return;
    to += fmt::format("{}\n", mark);
    if (!is_text(body)) {
        to += fmt::format("{} ({} bytes that are no text)\n", mark, with_commas(body.size()));
        return;
    }
    const std::string whole = laid_out(body);
    const std::string_view part = first_of(whole, kMostShown);
    add_lines(to, mark, part);
    if (part.size() < whole.size()) {
        to += fmt::format("{} ... ({} bytes in all)\n", mark, with_commas(body.size()));
    }
}

Json fields_of(std::string_view head) {
    Json fields = Json::array();
    http::FieldCursor cursor(head);
    for (auto field = cursor.next(); field; field = cursor.next()) {
        fields.push_back({field->name, field->value});
    }
    return fields;
}

std::string base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // it writes a last zero
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

void put_body(Json& record, const std::string& key, std::string_view body) {
    if (is_utf8(body)) {
        record[key] = body;
    } else {
        record[key + "_base64"] = base64(body);
    }
}

}  // namespace

std::string shown_exchange(const http::SeenExchange& seen) {
    const http::Exchange& answer = seen.answer;
    std::string text;
    if (seen.request_head.empty()) {
        add_lines(text, ">", fmt::format("{} {}", seen.method, answer.url()));
    } else {
        add_lines(text, ">", seen.request_head);
    }
    if (!seen.body_file.empty()) {
        text += fmt::format(">\n> ({} bytes of {})\n",
                            with_commas(seen.request_body_size),
                            one_line(seen.body_file));
    }
    add_body(text, ">", seen.request_body);
    if (!answer.head().empty()) {
        add_lines(text, "<", answer.head());
        if (answer.body().empty() && answer.body_size() > 0) {
            text += fmt::format("<\n< ({} bytes, discarded)\n", with_commas(answer.body_size()));
        }
        add_body(text, "<", answer.body());
    }
    if (!answer.error().empty()) add_lines(text, "!", answer.error());
    text += fmt::format("  {} ms\n\n", even_ms(seen.time));
    return text;
}

std::string recorded_exchange(const http::SeenExchange& seen, std::string_view task) {
    const http::Exchange& answer = seen.answer;
    Json record = {{"task", task}, {"method", seen.method}, {"url", answer.url()}};
    if (!seen.name.empty()) record["name"] = seen.name;
    record["request_fields"] = fields_of(seen.request_head);
    if (seen.body_file.empty()) {
        put_body(record, "request_body", seen.request_body);
    } else {
        record["request_body_file"] = seen.body_file;
    }
    record["status"] = answer.status();
    record["reason"] = answer.reason();
    record["fields"] = fields_of(answer.head());
    put_body(record, "body", answer.body());
    record["error"] = answer.error();
    record["time_ms"] = in_ms(seen.time);
    record["answer_ms"] = in_ms(seen.own_time);
    return record.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cicada::report
