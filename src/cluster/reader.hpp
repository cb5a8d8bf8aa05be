// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/key_store.hpp"
#include "cluster/tape.hpp"
#include "stats/histogram.hpp"

namespace cicada::cluster {

/// Goes with the reading of one message: its first complaint, and what is used from one message to
/// the next.
class Reader {
public:
    static constexpr std::size_t kLongestText = 16'000;  ///< bytes of a name, an error; then cut
    static constexpr std::size_t kLongestShown = 80;     ///< bytes of a text in a complaint
    static constexpr std::int64_t kMostInteger = std::int64_t{1} << 53;
    static constexpr std::size_t kMostMemory = std::size_t{512} << 20;  ///< of what was read

    explicit Reader(KeyStore& keys, std::vector<stats::Histogram::Bucket>& buckets)
        : keys_(keys), buckets_(buckets) {}

    [[nodiscard]] bool ok() const { return complaint_.empty(); }
    [[nodiscard]] const std::string& complaint() const { return complaint_; }

    void complain(std::string what);                    ///< the first one counts
    void expected(std::string_view what, Value found);  ///< "is text, not a number"
    void found_at(std::string_view place);              ///< of the complaint, if it has none yet

    // What is not there, or something else, is complained of, and a zero.
    double number(Value value);
    double any_number(Value value);  ///< also one that is not finite
    std::int64_t integer(Value value, std::int64_t least, std::int64_t most);
    std::uint64_t count(Value value, std::uint64_t most = stats::Histogram::kMostValues);
    bool boolean(Value value);
    std::string text(Value value, std::size_t most = kLongestText);  ///< longer ones are cut
    std::string whole_text(Value value);
    std::string_view raw_text(Value value);  ///< as it came
    /// Of an entry; cut like text().
    [[nodiscard]] stats::SharedKey key(std::string_view method, std::string_view name);
    bool array(Value value);
    bool map(Value value);

    /// Whether so many bytes more may be taken for what the message describes. A few bytes of it
    /// can stand for hundreds: an entry without a request, a bucket far from the others.
    bool take_memory(std::size_t bytes);

    [[nodiscard]] std::vector<stats::Histogram::Bucket>& buckets() { return buckets_; }

private:
    KeyStore& keys_;
    std::vector<stats::Histogram::Bucket>& buckets_;
    std::string complaint_;
    std::size_t memory_ = 0;
    bool has_place_ = false;
};

}  // namespace cicada::cluster
