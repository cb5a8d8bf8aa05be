// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <stdexcept>

#include "fiber/io.hpp"

namespace cicada::fiber {
namespace {

/// Virtual time has no descriptors to wait for.
class VirtualIo final : public Io {
public:
    void poll(TimePoint /*until*/) override {}

    [[nodiscard]] std::unique_ptr<Stream::Impl> stream(int /*fd*/) override {
        throw std::logic_error("a socket cannot be used in virtual time");
    }

    [[nodiscard]] int wait_ready(int fd,
                                 short /*events*/,
                                 TimePoint /*until*/,
                                 const char* call) override {
        throw std::logic_error(fmt::format(
            "{} waits for descriptor {}, which cannot be done in virtual time", call, fd));
    }
};

}  // namespace

std::unique_ptr<Io> make_virtual_io() {
    return std::make_unique<VirtualIo>();
}

}  // namespace cicada::fiber
