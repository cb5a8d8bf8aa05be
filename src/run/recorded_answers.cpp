// SPDX-License-Identifier: Apache-2.0
#include "run/recorded_answers.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "http/fields.hpp"
#include "http/url.hpp"

namespace cicada::run {
namespace {

using Json = nlohmann::json;
using std::chrono::nanoseconds;

constexpr double kLongestMs = 24 * 3600 * 1000;

/// Of a key that may be missing; nothing: it is there and no text.
std::optional<std::string> text_at(const Json& record, const char* key) {
    const auto found = record.find(key);
    if (found == record.end()) return std::string();
    if (!found->is_string()) return std::nullopt;
    return found->get<std::string>();
}

std::optional<std::string> decoded(const std::string& base64) {
    if (base64.empty()) return std::string();
    std::string bytes(base64.size() / 4 * 3, '\0');
    const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                       reinterpret_cast<const unsigned char*>(base64.data()),
                                       static_cast<int>(base64.size()));
    if (length < 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && base64[base64.size() - 1 - padding] == '=') ++padding;
    bytes.resize(static_cast<std::size_t>(length) - padding);
    return bytes;
}

/// "Name: value\r\n" each; nothing: not a list of pairs of texts.
std::optional<std::string> field_lines(const Json& record) {
    std::string lines;
    const auto fields = record.find("fields");
    if (fields == record.end()) return lines;
    if (!fields->is_array()) return std::nullopt;
    for (const Json& field : *fields) {
        if (!field.is_array() || field.size() != 2) return std::nullopt;
        if (!field[0].is_string() || !field[1].is_string()) return std::nullopt;
        const auto name = field[0].get<std::string>();
        const auto value = field[1].get<std::string>();
        if (!http::is_field_value(name) || !http::is_field_value(value)) return std::nullopt;
        lines.append(name).append(": ").append(value).append("\r\n");
    }
    return lines;
}

/// The answer's own time; the whole request's where an older record has no other.
std::optional<nanoseconds> latency_of(const Json& record) {
    auto time = record.find("answer_ms");
    if (time == record.end()) time = record.find("time_ms");
    if (time == record.end() || !time->is_number()) return std::nullopt;
    const auto ms = time->get<double>();
    if (!(ms >= 0 && ms <= kLongestMs)) return std::nullopt;
    return nanoseconds(std::llround(ms * 1e6));
}

}  // namespace

base::Result<RecordedAnswers> RecordedAnswers::read(const std::string& file) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error) return base::failure(fmt::format("{}: {}", file, error.message()));
    if (size > kMostBytes) {
        return base::failure(
            fmt::format("{} has {} bytes, at most {} are read", file, size, kMostBytes));
    }
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream) return base::failure(fmt::format("{} cannot be read", file));
    return parse(text.view(), file);
}

base::Result<RecordedAnswers> RecordedAnswers::parse(std::string_view text,
                                                     const std::string& file) {
    RecordedAnswers all;
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        auto answer = answer_of(line);
        if (!answer) return base::failure(fmt::format("{}:{}: {}", file, number, answer.error()));
        all.answers_.push_back(std::move(*answer));
    }
    if (all.answers_.empty()) return base::failure(fmt::format("{} has no answer in it", file));
    all.index();
    return all;
}

base::Result<RecordedAnswers::Answer> RecordedAnswers::answer_of(std::string_view line) {
    const auto bad = [](const char* what) { return base::failure(std::string(what)); };
    const Json record = Json::parse(line, nullptr, false);
    if (!record.is_object()) return bad("this is no JSON object, as --record writes them");
    Answer answer;
    const auto take = [&record](std::string& to, const char* key) {
        auto text = text_at(record, key);
        if (text) to = std::move(*text);
        return text.has_value();
    };
    std::string url;
    std::string base64;
    if (!take(answer.method, "method") || answer.method.empty()) return bad("it has no \"method\"");
    if (!take(url, "url")) return bad("its \"url\" is no text");
    const auto parsed = http::Url::parse(url);
    if (!parsed) return bad("its \"url\" is no http:// URL");
    answer.target = parsed->target();
    if (!take(answer.name, "name")) return bad("its \"name\" is no text");
    if (!take(answer.reason, "reason") || !http::is_field_value(answer.reason)) {
        return bad("its \"reason\" is no line of text");
    }
    if (!take(answer.error, "error")) return bad("its \"error\" is no text");
    if (!take(answer.body, "body")) return bad("its \"body\" is no text");
    if (!take(base64, "body_base64")) return bad("its \"body_base64\" is no text");
    if (!base64.empty()) {
        auto bytes = decoded(base64);
        if (!bytes) return bad("its \"body_base64\" is no base64");
        answer.body = std::move(*bytes);
    }
    auto fields = field_lines(record);
    if (!fields) return bad("its \"fields\" are no list of [name, value]");
    answer.fields = std::move(*fields);
    const auto status = record.find("status");
    if (status == record.end() || !status->is_number_integer()) return bad("it has no \"status\"");
    answer.shown.status = status->get<int>();
    const bool is_answer = answer.shown.status >= 100 && answer.shown.status <= 999;
    if (!is_answer && answer.error.empty()) return bad("its \"status\" is not 100 to 999");
    const auto latency = latency_of(record);
    if (!latency) return bad("its \"time_ms\" is not 0 to 86400000");
    answer.shown.latency = *latency;
    return answer;
}

// The views are made when the answers stay where they are.
void RecordedAnswers::index() {
    for (std::uint32_t number = 0; number < answers_.size(); ++number) {
        Answer& answer = answers_[number];
        answer.shown.reason = answer.reason;
        answer.shown.fields = answer.fields;
        answer.shown.body = answer.body;
        answer.shown.error = answer.error;
        by_target_[answer.method + " " + answer.target].answers.push_back(number);
        if (answer.name.empty()) continue;
        by_name_[answer.method + " " + answer.name].answers.push_back(number);
    }
}

const http::MadeUpAnswer* RecordedAnswers::next(const http::AskedRequest& request) {
    const auto find = [&](auto& turns, std::string_view what) -> const http::MadeUpAnswer* {
        key_.assign(request.method).append(" ").append(what);
        const auto found = turns.find(key_);
        if (found == turns.end()) return nullptr;
        Turn& turn = found->second;
        const std::uint32_t number = turn.answers[turn.next];
        turn.next = (turn.next + 1) % turn.answers.size();
        return &answers_[number].shown;
    };
    const http::MadeUpAnswer* const by_target = find(by_target_, request.target);
    if (by_target != nullptr || request.name.empty()) return by_target;
    return find(by_name_, request.name);
}

}  // namespace cicada::run
