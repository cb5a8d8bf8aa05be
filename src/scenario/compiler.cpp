// SPDX-License-Identifier: Apache-2.0
#include "scenario/compiler.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "scenario/child_process.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

// Calls that block are made in fibers, so a stack is probed page by page: an overflow meets its
// guard.
constexpr std::string_view kCompileFlags[] = {
    "-std=c++20",
    "-O2",
    "-g",
    "-fPIC",
    "-fstack-clash-protection",
    "-fdiagnostics-color=never",
};

// Two test files may have classes of one name; clang never merges what belongs to them.
constexpr std::string_view kFlagOfGcc = "-fno-gnu-unique";

std::string variable(const char* name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): read before there are other threads
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

// Where the shell would find it; empty if nowhere.
fs::path in_path(const std::string& name) {
    if (name.find('/') != std::string::npos) {
        return access(name.c_str(), X_OK) == 0 ? fs::path(name) : fs::path();
    }
    std::istringstream folders(variable("PATH"));
    for (std::string folder; std::getline(folders, folder, ':');) {
        fs::path candidate = fs::path(folder.empty() ? "." : folder) / name;
        if (access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return {};
}

std::string identity_of(const std::vector<std::string>& command) {
    std::ostringstream identity;
    for (const std::string& word : command) {
        struct stat status {};
        const fs::path file = in_path(word);
        if (file.empty() || stat(file.c_str(), &status) != 0) continue;
        identity << file.string() << ' ' << status.st_size << ' ' << status.st_mtim.tv_sec << '.'
                 << status.st_mtim.tv_nsec << '\n';
    }

    std::vector<std::string> question = command;
    question.emplace_back("--version");
    const auto answer = run_program(question);
    if (!answer || answer->exit_code != 0) {
        throw base::Error(
            "the C++ compiler " + command.front() + " does not run: " +
            (answer ? "it ended with " + std::to_string(answer->exit_code) : answer.error()));
    }
    identity << answer->output;
    return identity.str();
}

}  // namespace

Compiler find_compiler() {
    Compiler found;
    found.command = words_of(variable("CXX"));
    if (!found.command.empty()) {
        if (in_path(found.command.front()).empty()) {
            throw base::Error("CXX=" + variable("CXX") + ": there is no such compiler");
        }
    } else {
        for (const char* name : {"c++", "g++", "clang++"}) {
            if (in_path(name).empty()) continue;
            found.command = {name};
            break;
        }
    }
    if (found.command.empty()) {
        throw base::Error("no C++ compiler: install one (apt install g++), or name it with CXX");
    }
    found.identity = identity_of(found.command);
    found.is_clang = found.identity.find("clang version") != std::string::npos;
    return found;
}

std::vector<std::string> compile_flags(const Compiler& compiler,
                                       const fs::path& public_headers,
                                       const std::vector<std::string>& more) {
    std::vector<std::string> flags(std::begin(kCompileFlags), std::end(kCompileFlags));
    if (!compiler.is_clang) flags.emplace_back(kFlagOfGcc);
    flags.push_back("-I" + public_headers.string());
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
}

std::vector<std::string> compile_command(const Compiler& compiler,
                                         const std::vector<std::string>& flags,
                                         const fs::path& source,
                                         const fs::path& object,
                                         const fs::path& dependencies) {
    std::vector<std::string> command = compiler.command;
    command.insert(command.end(), flags.begin(), flags.end());
    command.insert(command.end(),
                   {"-MD", "-MF", dependencies, "-c", source.string(), "-o", object.string()});
    return command;
}

std::vector<std::string> link_command(const Compiler& compiler,
                                      const std::vector<fs::path>& objects,
                                      const std::vector<std::string>& link_flags,
                                      const fs::path& result) {
    std::vector<std::string> command = compiler.command;
    command.insert(command.end(), {"-shared", "-fdiagnostics-color=never", "-o", result});
    for (const fs::path& object : objects) command.push_back(object.string());
    command.insert(command.end(), link_flags.begin(), link_flags.end());
    return command;
}

std::vector<std::string> compiler_environment() {
    std::vector<std::string> values;
    for (const char* name : {"CPATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "GCC_EXEC_PREFIX"}) {
        values.push_back(variable(name));
    }
    return values;
}

}  // namespace cicada::scenario
