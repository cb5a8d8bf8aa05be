// SPDX-License-Identifier: Apache-2.0
#include <cicada/body.hpp>
#include <cmath>

#include "user/json_text.hpp"
#include "user/number_text.hpp"

namespace cicada {
namespace {

/// Source: WHATWG URL, section 5.2, the application/x-www-form-urlencoded percent-encode set.
void append_form_encoded(std::string& to, std::string_view text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    for (const char letter : text) {
        const auto code = static_cast<unsigned char>(letter);
        const bool stays = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                           (letter >= '0' && letter <= '9') || letter == '*' || letter == '-' ||
                           letter == '.' || letter == '_';
        if (stays) {
            to += letter;
        } else if (letter == ' ') {
            to += '+';
        } else {
            to += '%';
            to += kHex[code >> 4U];
            to += kHex[code & 15U];
        }
    }
}

}  // namespace

Body::Body(Kind kind, std::string_view content, std::string_view content_type)
    : kind_(kind), content_(content), content_type_(content_type) {}

Body form(const Fields& fields) {
    std::string text;
    for (const Field& field : fields) {
        if (!text.empty()) text += '&';
        append_form_encoded(text, field.name());
        text += '=';
        append_form_encoded(text, field.value());
    }
    return {text, "application/x-www-form-urlencoded"};
}

Body file(std::string_view path, std::string_view content_type) {
    return {Body::Kind::File, path, content_type};
}

JsonText::JsonText(std::nullptr_t) : text_("null") {}

void JsonText::write_truth(bool value) {
    text_ = value ? "true" : "false";
}

void JsonText::write_integer(std::int64_t value) {
    text_ = user::number_text(value);
}

void JsonText::write_unsigned(std::uint64_t value) {
    text_ = user::number_text(value);
}

void JsonText::write_real(double value) {
    text_ = std::isfinite(value) ? user::number_text(value) : "null";
}

void JsonText::write_text(std::string_view value) {
    user::append_json_text(text_, value);
}

JsonText json_object(std::initializer_list<JsonMember> members) {
    JsonText object(nullptr);
    object.text_ = "{";
    for (const JsonMember& member : members) {
        if (object.text_.size() > 1) object.text_ += ',';
        user::append_json_text(object.text_, member.name);
        object.text_ += ':';
        object.text_ += member.value.text();
    }
    object.text_ += '}';
    return object;
}

JsonText json_array(std::initializer_list<JsonText> items) {
    JsonText array(nullptr);
    array.text_ = "[";
    for (const JsonText& item : items) {
        if (array.text_.size() > 1) array.text_ += ',';
        array.text_ += item.text();
    }
    array.text_ += ']';
    return array;
}

Body json_body(std::initializer_list<JsonMember> members) {
    return json_body(json_object(members));
}

Body json_body(const JsonText& value) {
    return {value.text(), "application/json"};
}

}  // namespace cicada
