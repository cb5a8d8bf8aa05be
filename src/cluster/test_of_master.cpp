// SPDX-License-Identifier: Apache-2.0
#include "cluster/test_of_master.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "cluster/codec.hpp"
#include "cluster/router.hpp"
#include "cluster/test_fetch.hpp"
#include "cluster/worker_run.hpp"
#include "scenario/parcel_folder.hpp"

namespace cicada::cluster {
namespace {

using base::log;
using base::LogLevel;
using scenario::ParcelFile;
using scenario::ParcelFolder;

constexpr std::chrono::milliseconds kLongestWait{100};

/// What came, in a folder of the cache.
struct Place {
    std::optional<ParcelFolder> folder{};
    std::uint64_t bytes = 0;
    std::size_t files = 0;

    TestPlace calls() {
        return {.open = [this](scenario::ParcelList list) -> base::Result<std::vector<ParcelFile>> {
                    try {
                        folder.emplace(std::move(list));
                        return folder->missing();
                    } catch (const base::Error& error) {
                        return base::failure(std::string(error.what()));
                    }
                },
                .put =
                    [this](const ParcelFile& file, std::string_view content) {
                        bytes += file.bytes;
                        ++files;
                        return folder->put(file, content);
                    }};
    }
};

void wait_for(Dealer& dealer, base::TimePoint deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - base::steady_now());
    const auto time = std::clamp(left, std::chrono::milliseconds(0), kLongestWait);
    pollfd waited{.fd = dealer.descriptor(), .events = POLLIN, .revents = 0};
    ::poll(&waited, 1, static_cast<int>(time.count()));
}

void fetch(Dealer& dealer, const std::string& id, const std::string& version, Place& place) {
    TestFetch fetch(version, place.calls(), base::steady_now());
    Decoder decoder;
    while (!fetch.done()) {
        if (const auto message = fetch.due(base::steady_now())) dealer.send(encode(*message, id));
        while (const auto bytes = dealer.try_receive()) {
            const auto message = decoder.from_master(*bytes);
            if (message) fetch.on_message(message->message, base::steady_now());
        }
        if (!fetch.failure().empty()) throw base::Error(fetch.failure());
        if (!fetch.done()) wait_for(dealer, fetch.next_deadline());
    }
}

}  // namespace

scenario::LoadedTest fetch_and_load(DealerOptions master, const std::string& version) {
    // As Locust names one that asks for the test, so that no master takes it for a worker.
    master.id = new_node_id();
    master.id.insert(master.id.rfind('_') + 1, "download_locustfile_");
    const std::string where = fmt::format("{}:{}", master.host, master.port);
    if (!master.keys && !is_loopback(master.host)) {
        throw base::Error(fmt::format(
            "no test from the master at {}: code comes only from a master on this machine, or one "
            "with the same --cluster-secret",
            where));
    }
    log(LogLevel::Info, "Asking the master at {} for the test", where);
    Dealer dealer(master);
    Place place;
    try {
        fetch(dealer, master.id, version, place);
        log(LogLevel::Info,
            "The master's test: {} of its files came, {} bytes; the others were here",
            place.files,
            place.bytes);
        for (const std::string& why : place.folder->misfits()) {
            log(LogLevel::Warning,
                "the master's compiled test does not fit here, its source is compiled: {}",
                why);
        }
        return place.folder->load();
    } catch (const base::Error& error) {
        dealer.send(encode(from_worker::TestMisfit{error.what()}, master.id));
        throw base::Error(fmt::format("no test from the master at {}: {}", where, error.what()));
    }
}

}  // namespace cicada::cluster
