// SPDX-License-Identifier: Apache-2.0
#include "stats/second_series.hpp"

#include <algorithm>

namespace cicada::stats {
namespace {

// Rounds towards the past for times before the epoch too, where a simulation may begin.
std::int64_t chunk_of(std::int64_t second) {
    constexpr std::int64_t kChunk = SecondSeries::kChunk;
    return second >= 0 ? second / kChunk : (second - kChunk + 1) / kChunk;
}

std::size_t place_in_chunk(std::int64_t second) {
    return static_cast<std::size_t>(second - chunk_of(second) * SecondSeries::kChunk);
}

}  // namespace

void SecondSeries::add(const SecondCounts& counts) {
    const std::int64_t number = chunk_of(counts.second);
    const auto by_number = [](const auto& chunk, std::int64_t wanted) {
        return chunk->number < wanted;
    };
    auto place = std::lower_bound(chunks_.begin(), chunks_.end(), number, by_number);
    std::shared_ptr<Chunk> written;
    if (place == chunks_.end() || (*place)->number != number) {
        written = std::make_shared<Chunk>();
        written->number = number;
        place = chunks_.insert(place, written);
    } else {
        written = std::make_shared<Chunk>(**place);
        *place = written;
    }
    written->requests[place_in_chunk(counts.second)] += counts.requests;
    written->failures[place_in_chunk(counts.second)] += counts.failures;

    const std::int64_t newest = chunks_.back()->number;
    while (chunks_.front()->number < newest - kMostSeconds / kChunk) chunks_.erase(chunks_.begin());
}

SecondCounts SecondSeries::at(std::int64_t second) const {
    const std::int64_t number = chunk_of(second);
    for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) {
        if ((*chunk)->number != number) continue;
        const std::size_t i = place_in_chunk(second);
        return {second, (*chunk)->requests[i], (*chunk)->failures[i]};
    }
    return {.second = second};
}

std::vector<SecondCounts> SecondSeries::all() const {
    std::vector<SecondCounts> seconds;
    for (const auto& chunk : chunks_) {
        for (std::int64_t i = 0; i < kChunk; ++i) {
            const SecondCounts counts = at(chunk->number * kChunk + i);
            if (counts.requests != 0 || counts.failures != 0) seconds.push_back(counts);
        }
    }
    return seconds;
}

}  // namespace cicada::stats
