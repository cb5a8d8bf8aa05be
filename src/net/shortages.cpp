// SPDX-License-Identifier: Apache-2.0
#include "net/shortages.hpp"

#include <cerrno>
#include <utility>

namespace cicada::net {
namespace {

thread_local Shortages noted;

}  // namespace

void note_shortage(int error) {
    if (error == EMFILE || error == ENFILE) ++noted.descriptors;
    if (error == EADDRNOTAVAIL) ++noted.ports;
}

Shortages take_shortages() {
    return std::exchange(noted, {});
}

}  // namespace cicada::net
