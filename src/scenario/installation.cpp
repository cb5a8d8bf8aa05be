// SPDX-License-Identifier: Apache-2.0
#include "scenario/installation.hpp"

#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

bool has_headers(const fs::path& folder) {
    std::error_code error;
    return fs::is_regular_file(folder / "cicada" / "cicada.hpp", error);
}

}  // namespace

fs::path public_headers() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): read before there are other threads
    if (const char* named = std::getenv("CICADA_INCLUDE"); named != nullptr && *named != '\0') {
        if (has_headers(named)) return fs::absolute(named);
        throw base::Error(std::string("CICADA_INCLUDE=") + named +
                          ": there is no cicada/cicada.hpp in it");
    }

    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    fs::path beside = (program.parent_path() / "../include").lexically_normal();
    if (has_headers(beside)) return beside;
    if (has_headers(CICADA_INSTALLED_INCLUDE)) return CICADA_INSTALLED_INCLUDE;
    throw base::Error("the headers of Cicada are neither in " + beside.string() + " nor in " +
                      CICADA_INSTALLED_INCLUDE + ": say where with CICADA_INCLUDE");
}

}  // namespace cicada::scenario
