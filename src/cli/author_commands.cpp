// SPDX-License-Identifier: Apache-2.0
#include "cli/author_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/error.hpp"
#include "base/shown_path.hpp"
#include "cli/option_table.hpp"
#include "cli/starter.hpp"
#include "cli/test_arguments.hpp"
#include "scenario/installation.hpp"
#include "scenario/scenario.hpp"
#include "scenario/warnings.hpp"
#include "user/feeders.hpp"
#include "user/registry.hpp"

namespace cicada::cli {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ExitCode;

constexpr const char* kNewUsage =
    "Usage: cicada new NAME\n"
    "\n"
    "Writes NAME.cpp, a commented test to start from, and compile_flags.txt beside it, by which\n"
    "editors find Cicada's headers.\n";
constexpr const char* kCheckUsage =
    "Usage: cicada check [FILES]\n"
    "\n"
    "Compiles and loads a test, ./cicadafile.cpp if no file is named, and says what it declares "
    "and\n"
    "what is wrong with it. Starts nothing.\n";

bool asks_for_help(const std::vector<std::string>& arguments) {
    return std::any_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
        return argument == "-h" || argument == "--help";
    });
}

void refuse_options(const std::string& command, const std::vector<std::string>& arguments) {
    for (const std::string& argument : arguments) {
        if (!argument.starts_with('-')) continue;
        throw Error(
            fmt::format("unrecognized arguments: {}\nSee cicada {} --help", argument, command),
            ExitCode::BadArguments);
    }
}

void write_file(const fs::path& file, const std::string& text) {
    std::error_code error;
    if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
    std::ofstream stream(file);
    stream << text;
    stream.close();
    if (!stream) throw Error(fmt::format("cannot write {}", file.string()));
    fmt::print("wrote {}\n", file.string());
}

std::string counted(std::size_t number, const char* thing) {
    return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

void print_declared(const std::vector<fs::path>& files) {
    for (const fs::path& file : files) {
        fmt::print("{}\n", base::shown(file));
        for (const auto& declaration : user::registry().declarations()) {
            if (declaration->file != file) continue;
            fmt::print(
                "    {}: {}\n", declaration->name, counted(declaration->tasks.size(), "task"));
        }
    }
}

}  // namespace

int write_new_test(const std::vector<std::string>& arguments) {
    if (asks_for_help(arguments)) {
        fmt::print("{}", kNewUsage);
        return 0;
    }
    refuse_options("new", arguments);
    if (arguments.size() != 1) {
        throw Error("cicada new: name one test, as in cicada new shop", ExitCode::BadArguments);
    }
    fs::path file = arguments.front();
    if (file.extension() != ".cpp") file += ".cpp";
    std::error_code error;
    if (fs::exists(file, error)) throw Error(fmt::format("{} is there already", file.string()));
    const fs::path headers = scenario::public_headers();
    write_file(file, starter_test(file.string()));
    const fs::path flags = file.parent_path() / "compile_flags.txt";
    if (fs::exists(flags, error)) {
        fmt::print("kept {}\n", flags.string());
    } else {
        write_file(flags, fmt::format("-std=c++20\n-I{}\n", headers.string()));
    }
    return 0;
}

int check_test(const std::vector<std::string>& arguments) {
    if (asks_for_help(arguments)) {
        fmt::print("{}", kCheckUsage);
        return 0;
    }
    refuse_options("check", arguments);
    const scenario::LoadedTest test = scenario::load({.items = arguments});
    Settings unused;
    (void)options_of_test(user::registry(), option_table(unused));
    std::string complaints;
    for (const std::string& line : user::open_feeders(user::registry(), test.folder)) {
        complaints += (complaints.empty() ? "" : "\n") + line;
    }
    if (!complaints.empty()) throw Error(complaints);
    fmt::print(stderr, "{}", scenario::compiler_warnings(test.files));
    print_declared(test.files);
    return 0;
}

}  // namespace cicada::cli
