// SPDX-License-Identifier: Apache-2.0
#include "report/live_screen.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>

namespace cicada::report {
namespace {

// As much of a terminal as LiveScreen uses: it scrolls, wraps, goes up, erases.
class TestTerminal {
public:
    TestTerminal(std::size_t columns, std::size_t rows) : columns_(columns), rows_(rows) {
        lines_.resize(1);
    }

    void take(std::string_view bytes) {
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            if (bytes[i] == '\x1b') {
                i += 2;
                const std::size_t number = i;
                while (std::isdigit(static_cast<unsigned char>(bytes[i])) != 0) ++i;
                control(bytes[i], bytes.substr(number, i - number));
            } else {
                put(bytes[i]);
            }
        }
    }

    // All that ever stood there, also what has scrolled away.
    [[nodiscard]] std::string text() const {
        std::string all;
        for (std::string line : lines_) {
            line.erase(line.find_last_not_of(' ') + 1);
            all += line + "|";
        }
        return all;
    }

private:
    void put(char byte) {
        if (byte == '\r') {
            column_ = 0;
        } else if (byte == '\n') {
            column_ = 0;  // as a terminal driver does it: \n becomes \r\n
            next_line();
        } else {
            if (column_ == columns_) {
                column_ = 0;
                next_line();
            }
            std::string& line = lines_[row_];
            line.resize(std::max(line.size(), column_ + 1), ' ');
            line[column_++] = byte;
        }
    }

    void next_line() {
        if (++row_ == lines_.size()) lines_.emplace_back();
    }

    void control(char what, std::string_view number) {
        if (what == 'A') {
            const std::size_t top = lines_.size() > rows_ ? lines_.size() - rows_ : 0;
            const std::size_t up = number.empty() ? 1 : std::stoul(std::string(number));
            row_ = std::max(row_ > up ? row_ - up : 0, top);
        } else if (what == 'K' || what == 'J') {
            lines_[row_].resize(std::min(lines_[row_].size(), column_));
            if (what == 'J') lines_.resize(row_ + 1);
        }
    }

    std::size_t columns_;
    std::size_t rows_;
    std::vector<std::string> lines_{};
    std::size_t row_ = 0;
    std::size_t column_ = 0;
};

std::vector<DrawnLine> drawn(const std::vector<std::string>& texts) {
    std::vector<DrawnLine> lines;
    for (const std::string& text : texts) lines.push_back({text, text.size()});
    return lines;
}

TEST_CASE("lines are drawn in place") {
    // Goal: no trace of the picture before, whether it had more, fewer or longer lines.
    TestTerminal terminal(20, 10);
    LiveScreen screen;
    terminal.take("before\n");
    terminal.take(screen.draw(drawn({"one", "two long", "three"}), 20));
    CHECK(terminal.text() == "before|one|two long|three|");
    terminal.take(screen.draw(drawn({"ONE", "TWO"}), 20));
    CHECK(terminal.text() == "before|ONE|TWO|");
    terminal.take(screen.draw(drawn({"1", "2", "3", "4"}), 20));
    CHECK(terminal.text() == "before|1|2|3|4|");
    terminal.take(screen.erase(20));
    CHECK(terminal.text() == "before||");
    CHECK(screen.erase(20).empty());
}

TEST_CASE("what is printed meanwhile stands above the picture, whole") {
    // Goal: nothing torn, also when lines scroll away at the terminal's end, or wrap.
    TestTerminal terminal(10, 4);
    LiveScreen screen;
    terminal.take(screen.draw(drawn({"one", "two"}), 10));
    for (const char* text : {"a\n", "b\nc\n", "no end", "a line that wraps\n"}) {
        terminal.take(screen.print_above(text, 10));
    }
    CHECK(terminal.text() == "a|b|c|no end|a line tha|t wraps|one|two|");
    terminal.take(screen.draw(drawn({"ONE", "TWO"}), 10));
    CHECK(terminal.text() == "a|b|c|no end|a line tha|t wraps|ONE|TWO|");
}

TEST_CASE("a picture drawn for a wider terminal is taken away whole") {
    // Goal: a window made narrower wraps the lines; they count as more rows then.
    TestTerminal narrow(5, 10);
    LiveScreen screen;
    (void)screen.draw(drawn({"12345678", "1234", ""}), 20);
    narrow.take("x\n12345678\n1234\n");  // what the terminal has made of it
    narrow.take(screen.draw(drawn({"a", "b"}), 5));
    CHECK(narrow.text() == "x|a|b|");
}

}  // namespace
}  // namespace cicada::report
