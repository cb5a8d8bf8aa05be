// SPDX-License-Identifier: Apache-2.0
#include <cicada/fields.hpp>
#include <utility>

#include "user/number_text.hpp"

namespace cicada {

Field::Field(std::string_view name, std::string_view value) : name_(name), value_(value) {}
Field::Field(const Field& other) = default;
Field::Field(Field&& other) noexcept = default;
Field& Field::operator=(const Field& other) = default;
Field& Field::operator=(Field&& other) noexcept = default;
Field::~Field() = default;

std::string Field::text_of_unsigned(std::uint64_t value) {
    return user::number_text(value);
}

std::string Field::text_of_integer(std::int64_t value) {
    return user::number_text(value);
}

std::string Field::text_of_real(double value) {
    return user::number_text(value);
}

Fields::Fields() = default;
Fields::Fields(std::initializer_list<Field> fields) : fields_(fields) {}
Fields::Fields(const Fields& other) = default;
Fields::Fields(Fields&& other) noexcept = default;
Fields& Fields::operator=(const Fields& other) = default;
Fields& Fields::operator=(Fields&& other) noexcept = default;
Fields::~Fields() = default;

void Fields::add(std::string_view name, std::string_view value) {
    fields_.emplace_back(name, value);
}

Words::Words() = default;
Words::Words(const char* word) : words_{word} {}
Words::Words(std::initializer_list<const char*> words) : words_(words.begin(), words.end()) {}
Words::Words(std::vector<std::string> words) : words_(std::move(words)) {}
Words::Words(const Words& other) = default;
Words::Words(Words&& other) noexcept = default;
Words& Words::operator=(const Words& other) = default;
Words& Words::operator=(Words&& other) noexcept = default;
Words::~Words() = default;

}  // namespace cicada
