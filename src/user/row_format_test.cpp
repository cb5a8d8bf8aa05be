// SPDX-License-Identifier: Apache-2.0
#include "user/row_format.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "user/random_stream.hpp"

using namespace cicada;
using user::RowFormat;

namespace {

/// "a=1 b=2", or "!line: what" if it is refused; check() must agree.
std::string read(RowFormat& format, std::string_view record) {
    const auto row = format.row(record);
    CHECK(format.check(record).has_value() == row.has_value());
    if (!row) return fmt::format("!{}: {}", row.error().line, row.error().what);
    std::string text;
    for (const Field& field : *row) {
        text += (text.empty() ? "" : " ") + field.name() + "=" + field.value();
    }
    return text;
}

std::string header(RowFormat& format, std::string_view record) {
    const auto read = format.read_header(record);
    return read ? "" : fmt::format("!{}: {}", read.error().line, read.error().what);
}

/// As RFC 4180 has it written.
std::string quoted(const std::string& value) {
    std::string text = "\"";
    for (const char letter : value) text += letter == '"' ? "\"\"" : std::string(1, letter);
    return text + "\"";
}

}  // namespace

TEST_CASE("a CSV record becomes the fields RFC 4180 says") {
    // Goal: quotes, separators and line ends inside of values. Method: the forms of the RFC.
    const auto format = user::csv_format(',');
    CHECK(header(*format, "name,note") == "");
    CHECK(read(*format, "ellen,tea") == "name=ellen note=tea");
    CHECK(read(*format, R"("ellen","tea, green")") == "name=ellen note=tea, green");
    CHECK(read(*format, R"(ellen,"5"" screen")") == "name=ellen note=5\" screen");
    CHECK(read(*format, R"("""",x)") == "name=\" note=x");
    CHECK(read(*format, "\"two\r\nlines\",x") == "name=two\r\nlines note=x");
    CHECK(read(*format, ",") == "name= note=");
    CHECK(read(*format, R"("","")") == "name= note=");
    CHECK(read(*format, " a , b ") == "name= a  note= b ");
    const auto german = user::csv_format(';');
    CHECK(header(*german, "\"a,b\";c") == "");
    CHECK(read(*german, "1,5;2") == "a,b=1,5 c=2");
}

TEST_CASE("whatever is written as RFC 4180 says is read back") {
    // Goal: no value is lost or changed. Method: random values of the letters that matter, quoted,
    // as the second of three columns; the record must also end where it ends.
    user::RandomStream random(7, 1, 1);
    const auto format = user::csv_format(',');
    REQUIRE(header(*format, "a,b,c") == "");
    constexpr std::string_view kLetters = "\",\n\r ;x\xC3";
    for (int round = 0; round < 2'000; ++round) {
        std::string value;
        const auto length = random.below(9);
        for (std::uint64_t i = 0; i < length; ++i) value += kLetters[random.below(kLetters.size())];
        const std::string record = "1," + quoted(value) + ",3";
        CHECK(format->end_of_record(record + "\nnext") == record.size());
        CHECK_FALSE(format->end_of_record(record).has_value());
        const auto row = format->row(record);
        REQUIRE(row.has_value());
        CHECK(std::next(row->begin())->value() == value);
    }
}

TEST_CASE("a CSV record that is none says why, and on which line") {
    // Goal: the sentence a person needs to mend the file.
    const auto format = user::csv_format(',');
    REQUIRE(header(*format, "name,note") == "");
    CHECK(read(*format, "ellen") == "!0: 1 value for 2 columns: name, note");
    CHECK(read(*format, "a,b,c") == "!0: 3 values for 2 columns: name, note");
    CHECK(read(*format, "a,b\"c") ==
          "!0: a quote inside a value: write the value in quotes, and this one twice");
    CHECK(read(*format, "\"a\" ,b") == "!0: text after a closing quote");
    CHECK(read(*format, "\"1\n2\",\"open") == "!1: a quote is opened and not closed");
    CHECK(header(*format, "a,,b") ==
          "!0: column 2 has no name; the first line has to name the columns");
    CHECK(header(*format, "a,b,a") == "!0: two columns are named \"a\"");
    CHECK(header(*format, "\"a") == "!0: a quote is opened and not closed");
}

TEST_CASE("a JSON line becomes its members") {
    // Goal: texts as they mean, everything else as it stands. Method: one of each kind.
    const auto format = user::json_lines_format();
    CHECK(read(*format, R"({"name": "\u00e5sa", "n": 1.50, "on": true, "no": null})") ==
          "name=åsa n=1.50 on=true no=");
    CHECK(read(*format, R"({"list": [1, {"a": 2}], "big": 12345678901234567890})") ==
          "list=[1, {\"a\": 2}] big=12345678901234567890");
    CHECK(read(*format, "{}") == "");
    CHECK(read(*format, R"({"a": 1,})") == "!0: this is not JSON");
    CHECK(read(*format, "[1]") == "!0: this is no JSON object: {\"column\": \"value\"}");
    CHECK(format->end_of_record("{}\n{}") == 2);
    CHECK_FALSE(format->end_of_record("{}").has_value());
}
