// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cicada::scenario {

/// A shared library that an object is linked with, and the versions of its symbols it refers to.
struct LibraryNeed {
    std::string soname{};                 ///< "libstdc++.so.6"
    std::vector<std::string> versions{};  ///< "GLIBCXX_3.4.30"

    friend bool operator==(const LibraryNeed&, const LibraryNeed&) = default;
};

/// What a compiled test asks of the program and the machine that load it.
struct ObjectNeeds {
    std::string machine{};  ///< "x86_64", "aarch64", ...
    std::string headers{};  ///< the symbol that stands for the public headers; empty: none
    std::vector<LibraryNeed> libraries{};

    friend bool operator==(const ObjectNeeds&, const ObjectNeeds&) = default;
};

/// Reads it from the bytes of an ELF shared object of 64 bits.
/// Error: a sentence; the bytes may be anything at all.
[[nodiscard]] base::Result<ObjectNeeds> needs_of(std::string_view object);

/// Why such an object cannot be loaded here, one sentence each; empty: it can.
///
/// Loads the libraries, for good. Threads: the main thread, before there are others.
[[nodiscard]] std::vector<std::string> missing_here(const ObjectNeeds& needs);

/// "x86_64": what this program was built for.
[[nodiscard]] std::string_view machine_here();

}  // namespace cicada::scenario
