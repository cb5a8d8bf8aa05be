// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "run/engine_link.hpp"
#include "run/engine_report.hpp"
#include "run/snapshot.hpp"
#include "stats/delta.hpp"

// What the nodes of a cluster say to each other: plain values, one struct for each message. How
// they look on the wire is codec.hpp's business, what they mean is in docs/protocol.md. Those
// without another remark are Locust's.
namespace cicada::cluster {

/// Of what Cicada nodes say to each other beside Locust's protocol.
inline constexpr std::uint32_t kProtocol = 1;

/// Any bytes, where a text would have to be UTF-8.
struct Bytes {
    std::string text{};
};

/// Users of each class, by the names of the classes.
using ClassCounts = std::map<std::string, std::int64_t>;

/// Between Cicada nodes, part of a heartbeat.
struct Beat {
    std::uint64_t life = 0;  ///< the sender's incarnation (worker) or reign (master)

    // What a worker learns the master's time from. A worker's readings mean nothing to others; a
    // master's are its wall clock.
    std::chrono::nanoseconds sent_at{};                 ///< by the sender's clock
    std::optional<std::chrono::nanoseconds> echo_of{};  ///< the `sent_at` heard last
    std::chrono::nanoseconds echo_held{};               ///< so long ago

    // What a worker has on the wire: bounds what its death leaves uncertain.
    std::uint64_t started = 0;   ///< requests begun since its process started
    std::uint64_t finished = 0;  ///< of them, recorded

    friend bool operator==(const Beat&, const Beat&) = default;
};

namespace from_worker {

/// "I am here, and have no users": the first message, repeated until it is acknowledged, and again
/// after each stop.
struct ClientReady {
    std::string version{};   ///< of Locust; empty: it does not tell, and `unchecked` or refused
    bool unchecked = false;  ///< -1: of another make, whose version says nothing
};

/// Asks for the files of the test.
struct AskForTest {
    std::string version{};
    std::optional<std::uint32_t> protocol{};  ///< Cicada's; nothing: a Locust worker asks
};

struct Heartbeat {
    std::optional<run::State> state{};  ///< nothing: a word that Locust does not have
    double cpu_percent = 0;
    std::optional<std::int64_t> memory_bytes{};
    std::optional<Beat> beat{};  ///< Cicada's
};

/// A spawn message has come.
struct Spawning {};

/// The users are as the last spawn message wanted them.
struct SpawningComplete {
    ClassCounts user_classes_count{};
    std::int64_t user_count = 0;
};

/// What a worker has measured since its last one. Nobody acknowledges it, so it may be lost.
struct LocustStats {
    /// `taken` is not set: whoever receives it does so. Times are by the worker's clock.
    stats::Delta delta{};
    base::WallTime since{};  ///< when the worker's entries began to count this
    ClassCounts user_classes_count{};
    std::int64_t user_count = 0;
};

/// A task has thrown.
struct ExceptionRaised {
    std::string message{};
    std::string traceback{};
};

/// All log lines a worker keeps: takes the place of those it sent before.
struct Logs {
    std::string worker_id{};
    std::vector<std::string> lines{};
};

/// Its users have stopped.
struct ClientStopped {};

/// It ends.
struct Quit {};

/// send_message() of a test.
struct Custom {
    std::string type{};
    std::string json{};  ///< the data, as JSON
};

/// Cicada's: what a worker is and holds, when it has found that its master is one too, or that the
/// master has begun a new reign.
struct Hello {
    std::uint64_t incarnation = 0;        ///< drawn when its process started; never 0
    std::uint64_t reign = 0;              ///< that it last heard; 0: none
    std::uint64_t last_acknowledged = 0;  ///< of its reports, by that reign
    std::uint64_t last_command = 0;       ///< of that reign, applied
    std::uint32_t protocol = kProtocol;   ///< the highest it speaks
    std::string version{};                ///< of the program
    std::uint32_t processors = 1;         ///< it may use
    std::string test_hash{};              ///< of the test it has loaded; empty: none
    std::string test_complaint{};         ///< why it could not load one
    std::vector<std::string> classes{};   ///< of users, in the order `status` counts them in
    run::EngineReport status{};           ///< `delta` is empty
};

/// Cicada's: how far the engine is, and what it has measured; number after number.
struct Report {
    std::uint64_t incarnation = 0;
    std::uint64_t number = 0;  ///< from 1
    run::EngineReport report{};
};

/// Cicada's: all commands up to this one have been applied.
struct CommandsDone {
    std::uint64_t reign = 0;
    std::uint64_t number = 0;
};

/// Cicada's: part of a file of the test that was offered.
struct AskForPart {
    std::string digest{};  ///< of the file
    std::uint64_t offset = 0;
};

/// Cicada's: the test cannot be loaded there.
struct TestMisfit {
    std::string why{};
};

/// Cicada's: log lines, each once; those that do not fit into the sender's queue are left out.
struct WorkerLog {
    std::uint64_t first = 0;  ///< number of the first line, from 1
    std::vector<std::string> lines{};
};

}  // namespace from_worker

using FromWorker = std::variant<from_worker::ClientReady,
                                from_worker::AskForTest,
                                from_worker::Heartbeat,
                                from_worker::Spawning,
                                from_worker::SpawningComplete,
                                from_worker::LocustStats,
                                from_worker::ExceptionRaised,
                                from_worker::Logs,
                                from_worker::ClientStopped,
                                from_worker::Quit,
                                from_worker::Custom,
                                from_worker::Hello,
                                from_worker::Report,
                                from_worker::CommandsDone,
                                from_worker::WorkerLog,
                                from_worker::AskForPart,
                                from_worker::TestMisfit>;

/// What a Cicada master asks of a Cicada worker: the calls of run::EngineLink, and what else has to
/// arrive once and in order.
namespace command {

struct BeginTest {
    run::TestBegin begin{};
};
struct TakeStep {
    run::SpawnStep step{};
};
struct Pause {};
struct Resume {};
struct AnnounceSpawned {
    std::int64_t users = 0;  ///< of all workers
};
struct EndTest {};
struct ResetStatistics {
    std::uint64_t epoch = 0;
};
struct Tell {
    run::RunNews news{};
};
struct Leave {};

/// No user begins this task any more; who is in it is not disturbed.
struct DisableTask {
    std::string name{};  ///< "Shopper.checkout"
};

/// send_message() of a test, from whatever node.
struct Deliver {
    std::string type{};
    std::string json{};
    std::string from{};  ///< id of the node
};

// Of what is lent (run/lease.hpp). A time in a grant is the master's: base::TimePoint there stands
// for nanoseconds since 1970, and the worker makes it one of its own clock.
struct Grant {
    run::LeaseGrant grant{};
};
struct Recall {
    run::LeaseKey key{};
    std::int64_t most = 0;
};
struct Close {
    run::LeaseKey key{};
};

}  // namespace command

using Command = std::variant<command::BeginTest,
                             command::TakeStep,
                             command::Pause,
                             command::Resume,
                             command::AnnounceSpawned,
                             command::EndTest,
                             command::ResetStatistics,
                             command::Tell,
                             command::Leave,
                             command::DisableTask,
                             command::Deliver,
                             command::Grant,
                             command::Recall,
                             command::Close>;

namespace from_master {

/// The answer to ClientReady.
struct Ack {
    std::optional<std::int64_t> index{};      ///< of the worker, from 0; old masters do not tell
    std::optional<std::uint32_t> protocol{};  ///< Cicada's, the highest it speaks; nothing: Locust
};

/// So many users of each class there shall be: absolute counts.
struct Spawn {
    double timestamp = 0;  ///< s since the epoch; one that is not later than the last is ignored
    ClassCounts user_classes_count{};
    std::optional<std::string> host{};
    double stop_timeout_s = 0;
    std::string parsed_options_json = "{}";
};

/// All workers have their users.
struct SpawningComplete {
    std::int64_t user_count = 0;  ///< of all workers
};

struct Stop {};
struct Quit {};

/// The answer to a heartbeat.
struct Heartbeat {
    std::optional<Beat> beat{};  ///< Cicada's
};

/// Close the socket and open it again, with the same id.
struct Reconnect {};

/// Attributes of a class have been changed on the page.
struct UpdateUserClass {
    std::string json = "{}";  ///< `user_class_name` and the attributes
};

/// Part of a test made for Locust.
struct TestFile {
    std::string filename{};
    std::string contents{};
};

/// The files asked for: a text and its name, or the address of one.
struct TestFiles {
    std::vector<std::variant<TestFile, std::string>> files{};
};

/// There are none to be had.
struct TestRefused {
    std::string why{};
};

struct Custom {
    std::string type{};
    std::string json{};
};

/// Cicada's: the answer to Hello. Both streams begin, or go on with the reign they had.
struct Welcome {
    std::uint64_t reign = 0;        ///< drawn when the master started; never 0
    std::uint64_t incarnation = 0;  ///< of the worker it welcomes
    std::uint64_t last_report = 0;  ///< of this incarnation, that the master has; 0: none
    base::WallTime master_time{};
    std::uint64_t seed = 0;  ///< of all random choices
    std::int64_t worker_index = 0;
    std::int64_t worker_count = 1;
    /// Options of the command line that the workers take from their master: ("stop-timeout", "5").
    std::vector<std::pair<std::string, std::string>> settings{};
};

/// Cicada's: the worker is not taken, e.g. because another one that lives has its id. It ends.
struct Refused {
    std::uint64_t incarnation = 0;  ///< of the worker that is meant; others with its id stay
    std::string why{};              ///< a sentence for the person
};

/// Cicada's: commands `first`, `first` + 1, ...
struct Commands {
    std::uint64_t reign = 0;
    std::uint64_t first = 1;
    std::vector<Command> commands{};
};

/// Cicada's: the answer to AskForTest: a scenario::ParcelList as text.
struct TestOffer {
    std::string list{};
};

/// Cicada's: bytes of a file of the test; as many as one message takes.
struct TestPart {
    std::string digest{};
    std::uint64_t offset = 0;
    Bytes bytes{};
};

/// Cicada's: all reports up to this one are merged, and need not be kept.
struct ReportDone {
    std::uint64_t incarnation = 0;
    std::uint64_t number = 0;
};

}  // namespace from_master

using FromMaster = std::variant<from_master::Ack,
                                from_master::Spawn,
                                from_master::SpawningComplete,
                                from_master::Stop,
                                from_master::Quit,
                                from_master::Heartbeat,
                                from_master::Reconnect,
                                from_master::UpdateUserClass,
                                from_master::TestFiles,
                                from_master::TestRefused,
                                from_master::Custom,
                                from_master::Welcome,
                                from_master::Refused,
                                from_master::Commands,
                                from_master::ReportDone,
                                from_master::TestOffer,
                                from_master::TestPart>;

/// Whether a custom message may not have this type, because it is one of the protocol's own.
[[nodiscard]] bool is_reserved(std::string_view type);

/// The type on the wire: "heartbeat", "cicada_report"; of a custom message its own.
[[nodiscard]] std::string_view type_of(const FromWorker& message);
[[nodiscard]] std::string_view type_of(const FromMaster& message);

/// A message and the worker's id, which goes with it in both directions.
template <class Message>
struct Envelope {
    Message message{};
    std::string node_id{};
};

}  // namespace cicada::cluster
