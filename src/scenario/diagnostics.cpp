// SPDX-License-Identifier: Apache-2.0
#include "scenario/diagnostics.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "base/shown_path.hpp"
#include "scenario/compiler_output.hpp"
#include "scenario/hints.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kErrorsShown = 5;
constexpr std::size_t kLinesOfUnknown = 5;  // of output that has no diagnostic in it
constexpr std::size_t kLinesOfCall = 10;    // how far behind an error its call may reach

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::vector<std::string> lines_of(const fs::path& file) {
    std::ifstream stream(file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

std::string line_at(const SourcePlace& place) {
    const std::vector<std::string> lines = lines_of(place.file);
    const auto index = static_cast<std::size_t>(place.line) - 1;
    return index < lines.size() ? lines[index] : "";
}

// What the compiler says again, in other words, once it has stumbled.
bool is_echo(const CompileError& error) {
    static constexpr std::string_view kEchoes[] = {
        "<expression error>",
        "is invalid",
        "expected primary-expression before ')' token",
    };
    return std::ranges::any_of(
        kEchoes, [&error](std::string_view echo) { return contains(error.text, echo); });
}

// N of "'N' was not declared in this scope"; empty if the error is another.
std::string undeclared_name(const CompileError& error) {
    const std::size_t end = error.text.find("' was not declared in this scope");
    if (end == std::string::npos || !error.text.starts_with('\'')) return "";
    return error.text.substr(1, end - 1);
}

bool has_word(std::string_view line, std::string_view word) {
    const auto part_of_word = [line](std::size_t at) {
        return at < line.size() &&
               (std::isalnum(static_cast<unsigned char>(line[at])) != 0 || line[at] == '_');
    };
    for (std::size_t at = line.find(word); at != std::string_view::npos;
         at = line.find(word, at + 1)) {
        if (!part_of_word(at - 1) && !part_of_word(at + word.size())) return true;
    }
    return false;
}

std::string author_text(std::string text) {
    if (text.starts_with("static assertion failed due to requirement '")) {  // clang
        text.erase(0, std::min(text.find("': "), text.size() - 3) + 3);
    }
    for (const std::string_view lead : {"static assertion failed: ", " is unavailable: "}) {
        const std::size_t at = text.find(lead);
        if (at != std::string::npos) text.erase(0, at + lead.size());
    }
    return text;
}

/// Turns the errors of one compilation into text.
class Explanation {
public:
    explicit Explanation(const CompiledFile& file) : file_(file) {}

    void add(const CompileError& error) {
        const SourcePlace place = author_place(error);
        const std::string text = author_text(error.text);
        if (complete_ || repeats(error, place)) {
            add_hint_of_echo(error, place);
            return;
        }
        said_.push_back({place, false});
        if (said_.size() > kErrorsShown) return;

        text_ << base::shown(place.file) << ':' << place.line << ':' << place.column
              << ": error: " << text << '\n';
        for (const std::string& line : excerpt_of(error, place)) text_ << line << '\n';
        add_hint(error, place);
    }

    [[nodiscard]] std::string take() {
        if (said_.size() > kErrorsShown) {
            text_ << "and " << said_.size() - kErrorsShown << " more errors\n";
        }
        std::string text = text_.str();
        if (text.ends_with('\n')) text.pop_back();
        return text;
    }

private:
    struct Said {
        SourcePlace place;
        bool hinted;
    };

    // Whether it only says again what an error before it said.
    [[nodiscard]] bool repeats(const CompileError& error, const SourcePlace& place) const {
        if (said_.empty()) return false;
        if (is_echo(error)) return true;
        const std::string name = undeclared_name(error);
        return std::ranges::any_of(said_, [&](const Said& said) {
            // A name whose own declaration is wrong is not declared.
            return said.place == place ||
                   (!name.empty() &&
                    (said.place.file != place.file || said.place.line != place.line) &&
                    has_word(line_at(said.place), name));
        });
    }

    // Neither Cicada's nor the system's.
    [[nodiscard]] bool is_authors(const SourcePlace& place) const {
        if (place.file.starts_with((file_.include / "cicada").string() + "/")) return false;
        static constexpr std::string_view kSystem[] = {
            "/usr/include/", "/usr/lib", "/include/c++/"};
        return std::ranges::none_of(kSystem, [&place](std::string_view folder) {
            return folder.starts_with("/usr") ? place.file.starts_with(folder)
                                              : contains(place.file, folder);
        });
    }

    // The line that led to an error in a header.
    [[nodiscard]] SourcePlace author_place(const CompileError& error) const {
        if (is_authors(error.place)) return error.place;
        for (const SourcePlace& place : error.led_here) {
            if (is_authors(place)) return place;
        }
        return error.place;
    }

    // The source line and the line with the caret.
    [[nodiscard]] static std::vector<std::string> excerpt_of(const CompileError& error,
                                                             const SourcePlace& place) {
        if (place == error.place) {
            const std::string number = std::to_string(place.line) + " |";
            for (std::size_t i = 0; i + 1 < error.excerpt.size(); ++i) {
                const std::size_t start = error.excerpt[i].find_first_not_of(' ');
                if (start != std::string::npos &&
                    error.excerpt[i].substr(start).starts_with(number)) {
                    return {error.excerpt[i], error.excerpt[i + 1]};
                }
            }
        }
        const std::string line = line_at(place);
        if (line.empty()) return {};
        const std::string number = std::to_string(place.line);
        const std::string margin(number.size() < 5 ? 5 - number.size() : 0, ' ');
        return {margin + number + " | " + line,
                "      | " + std::string(static_cast<std::size_t>(place.column) - 1, ' ') + "^"};
    }

    // What the author wrote from `place` on.
    [[nodiscard]] static std::string call_at(const SourcePlace& place) {
        const std::vector<std::string> lines = lines_of(place.file);
        std::string call;
        const std::size_t first = static_cast<std::size_t>(place.line) - 1;
        std::size_t skipped = static_cast<std::size_t>(place.column) - 1;
        for (std::size_t i = first; i < std::min(first + kLinesOfCall, lines.size()); ++i) {
            call += lines[i].substr(std::min(skipped, lines[i].size())) + "\n";
            skipped = 0;
        }
        return call;
    }

    [[nodiscard]] std::optional<Hint> find_hint(const CompileError& error,
                                                const SourcePlace& place) const {
        const std::string call = call_at(place);
        if (auto hint = hint_for(error.text, call, file_.include)) return hint;
        for (const Remark& remark : error.remarks) {
            if (auto hint = hint_for(remark.text, call, file_.include)) return hint;
        }
        return std::nullopt;
    }

    void add_hint(const CompileError& error, const SourcePlace& place) {
        const auto hint = find_hint(error, place);
        if (!hint) return;
        text_ << "  hint: " << hint->text << '\n';
        said_.back().hinted = true;
        complete_ = hint->explains_the_rest;
    }

    // The compiler may name the cause of the error before only when it says it again.
    void add_hint_of_echo(const CompileError& error, const SourcePlace& place) {
        if (complete_ || said_.empty() || said_.size() > kErrorsShown) return;
        if (said_.back().hinted || said_.back().place != place) return;
        add_hint(error, place);
    }

    const CompiledFile& file_;
    std::vector<Said> said_;
    std::ostringstream text_;
    bool complete_ = false;
};

}  // namespace

std::string explain(const std::string& said, const CompiledFile& file) {
    const std::vector<CompileError> errors = parse_compiler_output(said);
    if (errors.empty()) {
        std::string text = base::shown(file.source) + ": the compiler failed:";
        std::istringstream stream(said);
        std::string line;
        for (std::size_t i = 0; i < kLinesOfUnknown && std::getline(stream, line); ++i) {
            text += "\n" + line;
        }
        return text;
    }
    Explanation explanation(file);
    for (const CompileError& error : errors) explanation.add(error);
    return explanation.take();
}

}  // namespace cicada::scenario
