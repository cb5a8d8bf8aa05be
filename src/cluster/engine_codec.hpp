// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cluster/messages.hpp"
#include "cluster/packer.hpp"
#include "cluster/reader.hpp"

// What engines tell and are told, as records (record.hpp): the layouts stand in engine_codec.cpp.
namespace cicada::cluster {

void write_engine_report(Packer& packer, const run::EngineReport& report);
void read_engine_report(Value value, run::EngineReport& into, Reader& reader);

/// A delta by itself, e.g. for a file.
void write_delta(Packer& packer, const stats::Delta& delta);
void read_delta(Value value, stats::Delta& into, Reader& reader);

/// Shape: [name, record].
void write_command(Packer& packer, const Command& command);
void read_command(Value value, Command& into, Reader& reader);

void write_beat(Packer& packer, const Beat& beat);
void read_beat(Value value, Beat& into, Reader& reader);

}  // namespace cicada::cluster
