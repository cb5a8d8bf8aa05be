// SPDX-License-Identifier: Apache-2.0
#include "scenario/directives.hpp"

#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "base/shown_path.hpp"
#include "scenario/child_process.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = "// cicada:";
constexpr std::string_view kBlanks = " \t\r";

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

/// One `// cicada:` line: `subject` is its first word, `names` are those after it.
struct Line {
    fs::path file;
    int number = 0;
    std::string subject{};
    std::vector<std::string> names{};

    [[noreturn]] void refuse(const std::string& why) const {
        throw base::Error(base::shown(file) + ":" + std::to_string(number) + ": " + why);
    }

    [[nodiscard]] fs::path beside_file(const std::string& name) const {
        return (file.parent_path() / name).lexically_normal();
    }
};

void add_package(const Line& line, const std::string& package, Directives& into) {
    const auto ask = [&](const char* what) {
        const auto answer = run_program({"pkg-config", what, "--", package});
        if (!answer) line.refuse("cannot run pkg-config: " + answer.error());
        if (answer->exit_code != 0) {
            line.refuse("pkg-config knows no package " + package + ": " +
                        first_line(answer->errors));
        }
        return words_of(answer->output);
    };
    for (std::string& flag : ask("--cflags")) into.compile_flags.push_back(std::move(flag));
    for (std::string& flag : ask("--libs")) into.link_flags.push_back(std::move(flag));
}

void add_library(const Line& line, const std::string& library, Directives& into) {
    if (library.starts_with('-')) line.refuse("write the library's name alone: `link m`");
    into.link_flags.push_back("-l" + library);
}

void add_include(const Line& line, const std::string& name, Directives& into) {
    const fs::path folder = line.beside_file(name);
    std::error_code error;
    if (!fs::is_directory(folder, error)) line.refuse("there is no folder " + name);
    into.compile_flags.push_back("-I" + folder.string());
}

void add_source(const Line& line, const std::string& name, Directives& into) {
    const fs::path source = line.beside_file(name);
    std::error_code error;
    if (!fs::is_regular_file(source, error)) line.refuse("there is no source file " + name);
    into.sources.push_back(source);
}

struct Subject {
    std::string_view name;
    void (*add)(const Line& line, const std::string& name, Directives& into);
};

constexpr Subject kSubjects[] = {
    {"pkg-config", add_package},
    {"link", add_library},
    {"include", add_include},
    {"source", add_source},
};

void obey(const Line& line, Directives& into) {
    for (const Subject& subject : kSubjects) {
        if (subject.name != line.subject) continue;
        if (line.names.empty()) line.refuse("`// cicada: " + line.subject + "` of what?");
        for (const std::string& name : line.names) subject.add(line, name, into);
        return;
    }
    line.refuse("`// cicada: " + line.subject +
                "` is unknown; there are pkg-config, link, include and source");
}

}  // namespace

Directives read_directives(const fs::path& test_file) {
    std::ifstream stream(test_file);
    if (!stream) throw base::Error(base::shown(test_file) + ": cannot read this file");
    Directives found;
    std::string text;
    for (int number = 1; std::getline(stream, text); ++number) {
        text.erase(0, std::min(text.find_first_not_of(kBlanks), text.size()));
        if (!text.starts_with(kMark)) continue;
        std::vector<std::string> words = words_of(text.substr(kMark.size()));
        Line line{.file = test_file, .number = number};
        if (!words.empty()) {
            line.subject = words.front();
            line.names.assign(words.begin() + 1, words.end());
        }
        obey(line, found);
    }
    return found;
}

}  // namespace cicada::scenario
