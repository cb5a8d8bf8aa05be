// SPDX-License-Identifier: Apache-2.0
// Goal of all: no bytes that another node sends do harm: no exception, no crash, no memory beyond
// the named limit, and what is accepted can be used like any other message. Method: valid messages
// cut, mutated and spliced, and noise. Seeds are fixed; sanitizer builds run the same.
#include <doctest/doctest.h>

#include <cstddef>
#include <random>
#include <vector>

#include "cluster/codec.hpp"
#include "cluster/test_messages.hpp"
#include "stats/totals.hpp"

namespace cicada::cluster {
namespace {

std::vector<std::string> valid_messages() {
    std::vector<std::string> all;
    for (const FromWorker& message : full_messages_of_worker()) all.push_back(encode(message, "w"));
    for (const FromMaster& message : full_messages_of_master()) all.push_back(encode(message, "w"));
    from_worker::LocustStats stats{.delta = full_delta(1),
                                   .since = some_time(0),
                                   .user_classes_count = {{"U", 1}},
                                   .user_count = 1};
    all.push_back(encode(stats, "w"));
    const Beat beat{.life = 1, .echo_of = std::chrono::nanoseconds(2)};
    all.push_back(encode(from_worker::Heartbeat{.state = run::State::Running, .beat = beat}, "w"));
    all.push_back(encode(from_worker::Logs{"w", {"a", "b"}}, "w"));
    all.push_back(encode(from_worker::Custom{"mine", R"({"a":[1,{"b":null}]})"}, "w"));
    all.push_back(
        encode(from_master::Spawn{.timestamp = 1, .user_classes_count = {{"U", 1}}}, "w"));
    all.push_back(encode(from_master::Ack{.index = 1, .protocol = 1}, "w"));
    return all;
}

// What a node would do with it.
class Node {
public:
    // Whether a node of either kind accepts it.
    bool take(const std::string& bytes) {
        auto worker = decoder_.from_worker(bytes);
        if (worker) {
            used_ += encode(worker->message, worker->node_id).size();
            if (auto* report = std::get_if<from_worker::Report>(&worker->message)) {
                totals_.merge(std::move(report->report.delta));
            }
            if (auto* stats = std::get_if<from_worker::LocustStats>(&worker->message)) {
                totals_.merge(std::move(stats->delta));
            }
        }
        const auto master = decoder_.from_master(bytes);
        if (master) used_ += encode(master->message, master->node_id).size();
        if (!worker) CHECK_FALSE(worker.error().empty());
        return worker.has_value() || master.has_value();
    }

    [[nodiscard]] const stats::Totals& totals() const { return totals_; }

private:
    Decoder decoder_;
    stats::Totals totals_{some_time(0)};
    std::size_t used_ = 0;
};

}  // namespace

TEST_CASE("a message cut off at any byte is refused") {
    Node node;
    for (const std::string& message : valid_messages()) {
        CHECK(node.take(message));
        for (std::size_t size = 0; size < message.size(); ++size) {
            if (size > 300 && size % 17 != 0) continue;
            CAPTURE(size);
            CHECK_FALSE(node.take(message.substr(0, size)));
        }
    }
}

TEST_CASE("mutated messages are refused or can be used") {
    std::mt19937_64 random(29);
    const auto any = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
    // Values that are the ends of what a field may be, besides any byte.
    const std::vector<std::string> strange{"\xc0",
                                           "\xff",
                                           "\x90",
                                           "\x80",
                                           std::string("\xc4\x00", 2),
                                           std::string("\xcb\x7f\xf8\0\0\0\0\0\0", 9),
                                           std::string("\xcb\xff\xf0\0\0\0\0\0\0", 9),
                                           "\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
                                           std::string("\xd3\x80\0\0\0\0\0\0\0", 9),
                                           "\xdd\xff\xff\xff\xff",
                                           "\xdf\xff\xff\xff\xff",
                                           "\xdb\xff\xff\xff\xff",
                                           "\xa1x"};
    const auto valid = valid_messages();
    Node node;
    int accepted = 0;
    for (int i = 0; i < 6'000; ++i) {
        std::string message = valid[any(valid.size())];
        for (std::size_t changes = 1 + any(4); changes > 0; --changes) {
            const std::size_t place = any(message.size());
            const std::string& other = valid[any(valid.size())];
            switch (any(5)) {
                case 0:
                    message[place] = static_cast<char>(random());
                    break;
                case 1:
                    message.erase(place, 1 + any(8));
                    break;
                case 2:
                    message.insert(place, strange[any(strange.size())]);
                    break;
                case 3:
                    message.replace(place, 1, strange[any(strange.size())]);
                    break;
                default:
                    message.insert(place, other, any(other.size()), 1 + any(40));
                    break;
            }
            if (message.empty()) message = "\xc0";
        }
        if (node.take(message)) ++accepted;
    }
    CHECK(accepted > 100);  // else nothing was looked at beyond the first byte
    // What was accepted has not spoilt what everybody sees.
    for (const auto& entry : node.totals().entries()) {
        CHECK(entry->response_times.min() <= entry->response_times.percentile(0.5));
        CHECK(entry->response_times.percentile(0.5) <= entry->response_times.max());
    }
}

TEST_CASE("noise is refused") {
    std::mt19937_64 random(31);
    Node node;
    for (int i = 0; i < 5'000; ++i) {
        std::string noise(random() % 200, '\0');
        for (char& c : noise) c = static_cast<char>(random());
        CHECK_FALSE(node.take(noise));
    }
}

TEST_CASE("a few bytes cannot ask for much memory") {
    // Goal: Reader::kMostMemory. Method: many entries of one byte, many buckets far from each
    // other.
    Decoder decoder;
    std::string many =
        "\x93\xad"
        "cicada_report\x93\x01\x01\x92\x01\x92\x01";
    constexpr std::uint32_t kEntries = 3'000'000;
    many += '\xdd';
    for (int shift = 24; shift >= 0; shift -= 8) many += static_cast<char>(kEntries >> shift);
    many.append(kEntries, '\x90');
    many += "\xa1w";
    const auto refused = decoder.from_worker(many);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error() == "cicada_report: value 2 of delta needs more than 536870912 bytes");
}

}  // namespace cicada::cluster
