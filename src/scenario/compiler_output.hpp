// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cicada::scenario {

/// A place in a source file; lines and columns count from 1.
struct SourcePlace {
    std::string file{};
    int line = 0;
    int column = 0;

    bool operator==(const SourcePlace&) const = default;
};

/// Something else the compiler says about an error.
struct Remark {
    SourcePlace place;
    std::string text;
};

/// An error and what belongs to it.
struct CompileError {
    SourcePlace place;                  ///< where the compiler sees it, maybe deep in a header
    std::string text;                   ///< without "error: "
    std::vector<std::string> excerpt;   ///< source lines and carets, as the compiler drew them
    std::vector<SourcePlace> led_here;  ///< instantiations on the way to it, as printed
    std::vector<Remark> remarks;
};

/// The errors in what g++ or clang printed; warnings are left out.
std::vector<CompileError> parse_compiler_output(const std::string& said);

}  // namespace cicada::scenario
