// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace cicada::scenario {

/// The folder whose cicada/cicada.hpp a test file is compiled against.
///
/// $CICADA_INCLUDE, else ../include of the program's own folder (a build folder and an installed
/// prefix both look so), else where `make install` put the headers.
/// Error: base::Error when none of them has cicada/cicada.hpp.
std::filesystem::path public_headers();

}  // namespace cicada::scenario
