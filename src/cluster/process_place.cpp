// SPDX-License-Identifier: Apache-2.0
#include "cluster/process_place.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "base/crash.hpp"
#include "base/error.hpp"

namespace cicada::cluster {
namespace {

// Takes a number and the ':' behind it off `text`.
template <class Number>
bool take(std::string_view& text, Number& number) {
    const char* const end = text.data() + text.size();
    const auto [after, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || (after != end && *after != ':')) return false;
    text.remove_prefix(static_cast<std::size_t>(after - text.data()));
    if (!text.empty()) text.remove_prefix(1);
    return true;
}

void pin_to_one_processor(std::size_t index) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    std::vector<int> processors;
    for (int one = 0; one < CPU_SETSIZE; ++one) {
        if (CPU_ISSET(one, &allowed)) processors.push_back(one);
    }
    if (processors.empty()) return;
    cpu_set_t mine;
    CPU_ZERO(&mine);
    CPU_SET(processors[index % processors.size()], &mine);
    sched_setaffinity(0, sizeof mine, &mine);
}

}  // namespace

std::string ProcessPlace::text() const {
    return fmt::format("{}:{}:{}:{}:{}", index, parent, journal_fd, master_port, pinned ? 1 : 0);
}

std::optional<ProcessPlace> ProcessPlace::from(const std::string& text) {
    ProcessPlace place;
    std::string_view rest = text;
    int pinned = 0;
    if (!take(rest, place.index) || !take(rest, place.parent) || !take(rest, place.journal_fd) ||
        !take(rest, place.master_port) || !take(rest, pinned) || !rest.empty()) {
        return std::nullopt;
    }
    place.pinned = pinned != 0;
    return place;
}

std::unique_ptr<ChildProcess> ChildProcess::of_environment() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before there are other threads
    const char* const said = std::getenv(ProcessPlace::kVariable);
    if (said == nullptr) return nullptr;
    const std::string text = said;
    ::unsetenv(ProcessPlace::kVariable);  // NOLINT(concurrency-mt-unsafe): likewise
    const auto place = ProcessPlace::from(text);
    if (!place) {
        throw base::Error(fmt::format("{}={}: only a master sets this, for its worker processes",
                                      ProcessPlace::kVariable,
                                      text));
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != place->parent)
        throw base::Error("the master of this worker process is gone");
    auto memory = JournalMemory::adopt(place->journal_fd);
    if (!memory) throw base::Error(memory.error());
    if (place->pinned) pin_to_one_processor(place->index);
    return std::unique_ptr<ChildProcess>(new ChildProcess(*place, std::move(*memory)));
}

ChildProcess::ChildProcess(const ProcessPlace& place, JournalMemory memory)
    : place_(place), memory_(std::move(memory)), journal_(memory_.bytes()) {
    base::set_crash_note(&journal_.crash_note());
}

}  // namespace cicada::cluster
