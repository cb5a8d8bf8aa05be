// SPDX-License-Identifier: Apache-2.0
#include "scenario/warnings.hpp"

#include "base/error.hpp"
#include "base/shown_path.hpp"
#include "scenario/child_process.hpp"
#include "scenario/compiler.hpp"
#include "scenario/directives.hpp"
#include "scenario/installation.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

// With the path that the person gave instead of the whole one.
std::string with_shown_path(std::string text, const fs::path& file) {
    const std::string whole = file.string();
    const std::string short_one = base::shown(file);
    for (std::size_t at = text.find(whole); at != std::string::npos;
         at = text.find(whole, at + short_one.size())) {
        text.replace(at, whole.size(), short_one);
    }
    return text;
}

}  // namespace

std::string compiler_warnings(const std::vector<fs::path>& test_files) {
    std::string warnings;
    const fs::path headers = public_headers();
    for (const fs::path& file : test_files) {
        if (file.extension() == ".so") continue;
        const Compiler compiler = find_compiler();
        std::vector<std::string> command = compiler.command;
        const auto flags = compile_flags(compiler, headers, read_directives(file).compile_flags);
        command.insert(command.end(), flags.begin(), flags.end());
        // Of system headers, as ours are made here, no compiler warns.
        command.insert(command.end(),
                       {"-isystem", headers.string(), "-Wall", "-Wextra", "-fsyntax-only"});
        command.push_back(file.string());
        const auto finished = run_program(command);
        if (!finished) {
            throw base::Error("cannot run the C++ compiler " + command.front() + ": " +
                              finished.error());
        }
        warnings += with_shown_path(finished->errors, file);
    }
    return warnings;
}

}  // namespace cicada::scenario
