// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cluster/packer.hpp"
#include "cluster/reader.hpp"
#include "stats/histogram.hpp"

namespace cicada::cluster {

/// A histogram without its empty buckets: nil, or [min in ns, max in ns, sum in ns, buckets]. The
/// buckets are bytes: for each a pair of numbers, how far it is from the one before (the first:
/// from 0) and its count, seven bits to a byte, lowest first, the highest bit set in all but the
/// last.
///
/// Error: none; the histogram that is read is the one that was written.
void write_histogram(Packer& packer, const stats::Histogram& times);
void read_histogram(Value value, stats::Histogram& into, Reader& reader);

}  // namespace cicada::cluster
