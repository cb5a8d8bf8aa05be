// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "cluster/messages.hpp"
#include "cluster/packer.hpp"
#include "cluster/reader.hpp"

// The data of the messages between Cicada nodes: records (record.hpp).
namespace cicada::cluster {

void write_data(Packer& packer, const from_worker::Hello& hello);
void write_data(Packer& packer, const from_worker::Report& report);
void write_data(Packer& packer, const from_worker::CommandsDone& done);
void write_data(Packer& packer, const from_worker::WorkerLog& log);
void write_data(Packer& packer, const from_worker::AskForPart& ask);
void write_data(Packer& packer, const from_worker::TestMisfit& misfit);
void write_data(Packer& packer, const from_master::TestOffer& offer);
void write_data(Packer& packer, const from_master::TestPart& part);
void write_data(Packer& packer, const from_master::Welcome& welcome);
void write_data(Packer& packer, const from_master::Refused& refused);
void write_data(Packer& packer, const from_master::Commands& commands);
void write_data(Packer& packer, const from_master::ReportDone& done);

// False: the type is not one of Cicada's. One that begins like them and is unknown is complained
// of.
bool read_cicada(std::string_view type, Value data, FromWorker& into, Reader& reader);
bool read_cicada(std::string_view type, Value data, FromMaster& into, Reader& reader);

}  // namespace cicada::cluster
