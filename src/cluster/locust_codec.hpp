// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "cluster/messages.hpp"
#include "cluster/packer.hpp"
#include "cluster/reader.hpp"

// The data of Locust's messages: maps with names, nil where there is nothing to say. Names that are
// not known are passed over, as Locust's own nodes do. What the field "cicada" holds is ours.
// Source: Locust, runners.py.
namespace cicada::cluster {

void write_data(Packer& packer, const from_worker::ClientReady& ready);
void write_data(Packer& packer, const from_worker::AskForTest& ask);
void write_data(Packer& packer, const from_worker::Heartbeat& heartbeat);
void write_data(Packer& packer, const from_worker::Spawning& spawning);
void write_data(Packer& packer, const from_worker::SpawningComplete& complete);
void write_data(Packer& packer, const from_worker::LocustStats& stats);
void write_data(Packer& packer, const from_worker::ExceptionRaised& raised);
void write_data(Packer& packer, const from_worker::Logs& logs);
void write_data(Packer& packer, const from_worker::ClientStopped& stopped);
void write_data(Packer& packer, const from_worker::Quit& quit);
void write_data(Packer& packer, const from_worker::Custom& custom);

void write_data(Packer& packer, const from_master::Ack& ack);
void write_data(Packer& packer, const from_master::Spawn& spawn);
void write_data(Packer& packer, const from_master::SpawningComplete& complete);
void write_data(Packer& packer, const from_master::Stop& stop);
void write_data(Packer& packer, const from_master::Quit& quit);
void write_data(Packer& packer, const from_master::Heartbeat& heartbeat);
void write_data(Packer& packer, const from_master::Reconnect& reconnect);
void write_data(Packer& packer, const from_master::UpdateUserClass& update);
void write_data(Packer& packer, const from_master::TestFiles& files);
void write_data(Packer& packer, const from_master::TestRefused& refused);
void write_data(Packer& packer, const from_master::Custom& custom);

/// A type that is not Locust's makes a custom message.
void read_locust(std::string_view type, Value data, FromWorker& into, Reader& reader);
void read_locust(std::string_view type, Value data, FromMaster& into, Reader& reader);

// Parts of them that locust_stats.cpp needs as well.
void write_counts(Packer& packer, const ClassCounts& counts);
void read_counts(Value value, ClassCounts& into, Reader& reader);
void read_stats(Value data, from_worker::LocustStats& into, Reader& reader);

/// The present map's field `key`, if there is one, by `read(value)`; a complaint names the field.
template <class Read>
bool read_field(Value map, std::string_view key, Reader& reader, Read read) {
    const auto value = map.field(key);
    if (!value || !reader.ok()) return false;
    read(*value);
    reader.found_at(key);
    return true;
}

}  // namespace cicada::cluster
