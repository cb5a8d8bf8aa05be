// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace cicada::scenario {

/// Where a test file was compiled, and with what.
struct CompiledFile {
    std::filesystem::path source;   ///< as it was given to the compiler
    std::filesystem::path include;  ///< the folder of Cicada's public headers
};

/// What the author of a test is told when it does not compile.
///
/// The compiler's own diagnostics, made local: an error inside Cicada's headers moves to the
/// author's line that led there, what the compiler says of headers and instantiations goes, echoes
/// of an earlier error go, and for options the fields that exist are named, read from the header.
/// Shape: `said` is what g++ or clang printed with LC_ALL=C and without colours. If nothing in it
///        can be understood (a linker's error, say), its own lines come back, without flags.
std::string explain(const std::string& said, const CompiledFile& file);

}  // namespace cicada::scenario
