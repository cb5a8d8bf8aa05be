// SPDX-License-Identifier: Apache-2.0
#include "cluster/test_fetch.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>

#include "cluster/codec.hpp"
#include "cluster/test_store.hpp"
#include "scenario/digest.hpp"

namespace cicada::cluster {
namespace {

using namespace std::chrono_literals;
using scenario::Parcel;
using scenario::ParcelFile;

ParcelFile add(Parcel& parcel, const std::string& path, std::string content) {
    ParcelFile file{path, scenario::digest_of_text(content), content.size()};
    parcel.contents.emplace(file.digest, std::move(content));
    return file;
}

Parcel some_parcel() {
    Parcel parcel;
    std::string large(TestStore::kPartBytes * 5 / 2, 'x');
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 + i / 999);
    parcel.list.tests.push_back({"cicadafile.cpp", add(parcel, "test.so", std::move(large)), {}});
    parcel.list.sources.push_back(add(parcel, "cicadafile.cpp", "#include <cicada/cicada.hpp>\n"));
    parcel.list.data.push_back(add(parcel, "rows.csv", "a\n1\n"));
    parcel.list.data.push_back(add(parcel, "empty.csv", ""));
    return parcel;
}

/// A worker that fetches, as it would put files into a folder.
struct Worker {
    explicit Worker(base::TimePoint now) : fetch("2.46.3", place(), now) {}

    TestPlace place() {
        return {
            .open =
                [this](const scenario::ParcelList& list) -> base::Result<std::vector<ParcelFile>> {
                std::vector<ParcelFile> wanted = list.data;
                wanted.push_back(list.tests.front().object);
                return wanted;
            },
            .put = [this](const ParcelFile& file, std::string_view content) -> base::Result<void> {
                if (scenario::digest_of_text(content) != file.digest) {
                    return base::failure(std::string("altered"));
                }
                ++puts;
                files[file.path] = content;
                return {};
            }};
    }

    std::map<std::string, std::string> files;
    int puts = 0;
    TestFetch fetch;
};

// Goal: whatever is lost or comes twice, the files arrive whole and once.
// Method: store and fetch through the codec, over 200 transports that lose and repeat.
TEST_CASE("a test arrives whole over a transport that loses and repeats") {
    const TestStore store(some_parcel());
    const Parcel expected = some_parcel();
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        base::TimePoint now{};
        Worker worker(now);
        Decoder decoder;
        for (int step = 0; step < 1'000 && !worker.fetch.done(); ++step) {
            const auto asked = worker.fetch.due(now);
            if (!asked) {
                now = worker.fetch.next_deadline();
                continue;
            }
            const std::string bytes = encode(*asked, "h_1");
            for (auto copies = random() % 3; copies > 0; --copies) {
                const auto heard = decoder.from_worker(bytes);
                REQUIRE(heard);
                const FromMaster answer = std::visit(
                    [&store](const auto& one) -> FromMaster {
                        if constexpr (requires { store.answer(one); }) return store.answer(one);
                        return from_master::Quit{};
                    },
                    heard->message);
                const auto told = decoder.from_master(encode(answer, "h_1"));
                REQUIRE(told);
                worker.fetch.on_message(told->message, now);
            }
        }
        REQUIRE(worker.fetch.done());
        CHECK(worker.fetch.failure().empty());
        CHECK(worker.puts == 3);
        const bool same = worker.files["test.so"] ==
                          expected.contents.at(expected.list.tests.front().object.digest);
        CHECK(same);
        CHECK(worker.files.contains("empty.csv"));
    }
}

TEST_CASE("a worker gives up when nobody answers, and says what a master said") {
    const base::TimePoint begin{};
    Worker alone(begin);
    base::TimePoint now = begin;
    for (; alone.fetch.failure().empty(); now += 1s) (void)alone.fetch.due(now);
    CHECK(alone.fetch.failure() == "no master has answered for 300 s");
    CHECK(now - begin <= 302s);

    Worker refused(begin);
    refused.fetch.on_message(TestStore::refusing("not to everybody")
                                 .answer(from_worker::AskForTest{"2.46.3", kProtocol}),
                             begin);
    CHECK(refused.fetch.failure() == "the master gives no test: not to everybody");

    Worker locust(begin);
    locust.fetch.on_message(from_master::TestFiles{}, begin);
    CHECK(locust.fetch.failure() ==
          "the master is Locust's, whose test is Python: name a compiled test of the same user "
          "classes with -f");
}

TEST_CASE("a part that is longer than announced, or empty, is refused") {
    const Parcel parcel = some_parcel();
    const TestStore store(some_parcel());
    for (const std::string& bytes : {std::string(), std::string(4 << 20, 'x')}) {
        Worker worker{base::TimePoint()};
        worker.fetch.on_message(store.answer(from_worker::AskForTest{"", kProtocol}), {});
        worker.fetch.on_message(
            from_master::TestPart{parcel.list.tests.front().object.digest, 0, {bytes}}, {});
        CHECK(worker.fetch.failure() == "test.so: what came is not what the master announced");
    }
}

TEST_CASE("a store gives a Locust worker no test, and nobody a part it does not have") {
    const TestStore store(some_parcel());
    const auto refused = store.answer(from_worker::AskForTest{"2.46.3", {}});
    REQUIRE(std::holds_alternative<from_master::TestRefused>(refused));
    CHECK(std::get<from_master::TestRefused>(refused).why.starts_with(
        "this master's test is made of C++"));
    CHECK(std::holds_alternative<from_master::TestRefused>(
        store.answer(from_worker::AskForPart{"0000", 0})));
    CHECK(std::holds_alternative<from_master::TestRefused>(
        store.answer(from_worker::AskForPart{some_parcel().list.data[0].digest, 1'000})));
}

}  // namespace
}  // namespace cicada::cluster
