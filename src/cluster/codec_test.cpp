// SPDX-License-Identifier: Apache-2.0
#include "cluster/codec.hpp"

#include <doctest/doctest.h>

#include <variant>

#include "cluster/packer.hpp"
#include "cluster/test_hex.hpp"

namespace cicada::cluster {
namespace {

// The message after a journey from a worker to its master; what went wrong fails the test.
template <class Message>
Message by_worker(std::string_view bytes) {
    Decoder decoder;
    const auto read = decoder.from_worker(bytes);
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error()));
    REQUIRE(std::holds_alternative<Message>(read->message));
    CHECK(read->node_id == "h_1");
    return std::get<Message>(read->message);
}

template <class Message>
Message by_master(std::string_view bytes) {
    Decoder decoder;
    const auto read = decoder.from_master(bytes);
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error()));
    REQUIRE(std::holds_alternative<Message>(read->message));
    CHECK(read->node_id == "h_1");
    return std::get<Message>(read->message);
}

std::string complaint_of_worker(std::string_view bytes) {
    Decoder decoder;
    const auto read = decoder.from_worker(bytes);
    return read ? "" : read.error();
}

std::string complaint_of_master(std::string_view bytes) {
    Decoder decoder;
    const auto read = decoder.from_master(bytes);
    return read ? "" : read.error();
}

// ["type", data, "h_1"], of a type and of JSON.
std::string message(std::string_view type, std::string_view json) {
    Packer packer;
    packer.array(3);
    packer.text(type);
    packer.json(json);
    packer.text("h_1");
    return packer.take();
}

}  // namespace

// Goal of the next two: byte for byte what Locust sends, so that its nodes understand ours and ours
// theirs. Method: messages recorded from Locust 2.46.3, written and read.

TEST_CASE("messages to a master are those of Locust") {
    const auto hex = [](const FromWorker& message) { return to_hex(encode(message, "h_1")); };
    using namespace from_worker;

    CHECK(hex(ClientReady{.version = "2.46.3"}) ==
          "93ac636c69656e745f7265616479a6322e34362e33a3685f31");
    CHECK(hex(ClientReady{.unchecked = true}) == "93ac636c69656e745f7265616479ffa3685f31");
    const std::string heartbeat =
        "93a968656172746265617483a57374617465a57265616479b163757272656e745f6370755f7573616765cb0000"
        "000000000000b463757272656e745f6d656d6f72795f757361676500a3685f31";
    CHECK(hex(Heartbeat{.state = run::State::Ready, .memory_bytes = 0}) == heartbeat);
    CHECK(hex(Spawning{}) == "93a8737061776e696e67c0a3685f31");
    CHECK(hex(ClientStopped{}) == "93ae636c69656e745f73746f70706564c0a3685f31");
    CHECK(hex(from_worker::Quit{}) == "93a471756974c0a3685f31");
    const std::string complete =
        "93b1737061776e696e675f636f6d706c65746582b2757365725f636c61737365735f636f756e7481a555736572"
        "3101aa757365725f636f756e7401a3685f31";
    CHECK(hex(from_worker::SpawningComplete{{{"User1", 1}}, 1}) == complete);
    const std::string exception =
        "93a9657863657074696f6e82a36d7367a4626f6f6da974726163656261636ba27462a3685f31";
    CHECK(hex(ExceptionRaised{"boom", "tb"}) == exception);

    CHECK(by_worker<ClientReady>(encode(ClientReady{.version = "2.46.3"}, "h_1")).version ==
          "2.46.3");
    CHECK(by_worker<ClientReady>(from_hex("93ac636c69656e745f7265616479ffa3685f31")).unchecked);
    const auto beat = by_worker<Heartbeat>(from_hex(heartbeat));
    CHECK(beat.state == run::State::Ready);
    CHECK(beat.memory_bytes == 0);
    CHECK_FALSE(beat.beat.has_value());
    const auto spawned = by_worker<from_worker::SpawningComplete>(from_hex(complete));
    CHECK(spawned.user_classes_count == ClassCounts{{"User1", 1}});
    CHECK(spawned.user_count == 1);
    CHECK(by_worker<ExceptionRaised>(from_hex(exception)).traceback == "tb");
}

TEST_CASE("messages to a worker are those of Locust") {
    const auto hex = [](const FromMaster& message) { return to_hex(encode(message, "h_1")); };
    using namespace from_master;

    CHECK(hex(Ack{.index = 0}) == "93a361636b81a5696e64657800a3685f31");
    CHECK(hex(Heartbeat{}) == "93a9686561727462656174c0a3685f31");
    CHECK(hex(Stop{}) == "93a473746f70c0a3685f31");
    const std::string spawn =
        "93a5737061776e85a974696d657374616d70cb41d7eca4c6200000b2757365725f636c61737365735f636f756e"
        "7481a5557365723101a4686f7374c0ac73746f705f74696d656f7574cb0000000000000000ae7061727365645f"
        "6f7074696f6e7380a3685f31";
    CHECK(hex(Spawn{.timestamp = 1605538584.5, .user_classes_count = {{"User1", 1}}}) == spawn);

    CHECK(by_master<Ack>(from_hex("93a361636b81a5696e64657800a3685f31")).index == 0);
    CHECK_FALSE(by_master<Ack>(from_hex("93a361636bc0a3685f31")).index.has_value());
    const auto read = by_master<Spawn>(from_hex(spawn));
    CHECK(read.timestamp == 1605538584.5);
    CHECK(read.user_classes_count == ClassCounts{{"User1", 1}});
    CHECK_FALSE(read.host.has_value());
    CHECK(read.parsed_options_json == "{}");
}

TEST_CASE("Locust's other messages come back as they were sent") {
    // Goal: no field is lost or mixed up. Method: there and back, with a value in each field.
    using cluster::from_master::Heartbeat;
    const Beat beat{.life = 0xFFFF'FFFF'FFFF'FFFE,
                    .sent_at = std::chrono::nanoseconds(1'700'000'000'123'456'789),
                    .echo_of = std::chrono::nanoseconds(-5),
                    .echo_held = std::chrono::nanoseconds(7),
                    .started = 11,
                    .finished = 10};
    const auto asked = by_worker<from_worker::Heartbeat>(encode(
        from_worker::Heartbeat{
            .state = run::State::Running, .cpu_percent = 12.5, .memory_bytes = 99, .beat = beat},
        "h_1"));
    CHECK(asked.state == run::State::Running);
    CHECK(asked.cpu_percent == 12.5);
    CHECK(asked.memory_bytes == 99);
    CHECK(asked.beat == beat);
    CHECK(by_master<Heartbeat>(encode(Heartbeat{.beat = beat}, "h_1")).beat == beat);

    const auto ack =
        by_master<from_master::Ack>(encode(from_master::Ack{.index = 3, .protocol = 1}, "h_1"));
    CHECK(ack.index == 3);
    CHECK(ack.protocol == 1);

    const auto logs = by_worker<from_worker::Logs>(
        encode(from_worker::Logs{.worker_id = "h_1", .lines = {"one", "two"}}, "h_1"));
    CHECK(logs.worker_id == "h_1");
    CHECK(logs.lines == std::vector<std::string>{"one", "two"});

    CHECK(by_worker<from_worker::AskForTest>(
              encode(from_worker::AskForTest{.version = "2.46.3"}, "h_1"))
              .version == "2.46.3");

    const auto files = by_master<from_master::TestFiles>(
        encode(from_master::TestFiles{{from_master::TestFile{"a.py", "import locust"},
                                       std::string("http://host/b.py")}},
               "h_1"));
    REQUIRE(files.files.size() == 2);
    CHECK(std::get<from_master::TestFile>(files.files[0]).contents == "import locust");
    CHECK(std::get<std::string>(files.files[1]) == "http://host/b.py");
    CHECK(by_master<from_master::TestRefused>(encode(from_master::TestRefused{.why = "no"}, "h_1"))
              .why == "no");
    CHECK(by_master<from_master::SpawningComplete>(
              encode(from_master::SpawningComplete{.user_count = 12}, "h_1"))
              .user_count == 12);
    CHECK(by_master<from_master::UpdateUserClass>(
              encode(from_master::UpdateUserClass{R"({"user_class_name":"U","weight":2})"}, "h_1"))
              .json == R"({"user_class_name":"U","weight":2})");
}

TEST_CASE("custom messages carry any data as JSON") {
    const std::string json =
        R"({"a":[1,-2,2.5,true,null,"x"],"b":{"c":18446744073709551615},"d":"\u00e9"})";
    const auto sent = encode(from_worker::Custom{.type = "mine", .json = json}, "h_1");
    const auto read = by_worker<from_worker::Custom>(sent);
    CHECK(read.type == "mine");
    CHECK(read.json == R"({"a":[1,-2,2.5,true,null,"x"],"b":{"c":18446744073709551615},"d":"é"})");
    CHECK(by_master<from_master::Custom>(
              encode(from_master::Custom{.type = "mine", .json = "no JSON"}, "h_1"))
              .json == "null");

    // What JSON does not have: keys that are no text, bytes, text that is no UTF-8, no number.
    Packer packer;
    packer.array(3);
    packer.text("mine");
    packer.map(2);
    packer.integer(7);
    packer.binary("\x01\xff");
    packer.boolean(true);
    packer.number(1.0 / 0.0);
    packer.text("h_1");
    CHECK(by_worker<from_worker::Custom>(packer.take()).json == R"({"7":[1,255],"true":null})");
    const auto bad = from_hex("93a46d696e65a2ff41a3685f31");  // "mine", "\xffA"
    CHECK(by_worker<from_worker::Custom>(bad).json == R"("?A")");
}

TEST_CASE("what is no message is refused by what is wrong with it") {
    CHECK(complaint_of_worker("") ==
          "a message is not understood: it is cut off, or no MessagePack");
    CHECK(complaint_of_worker(from_hex("93a471756974c0a3685f")) ==
          "a message is not understood: it is cut off, or no MessagePack");
    CHECK(complaint_of_worker(from_hex("c1")) ==
          "a message is not understood: it is cut off, or no MessagePack");
    CHECK(complaint_of_worker(from_hex("93a471756974c0a3685f31c0")) ==
          "a message is not understood: 1 bytes follow it");
    CHECK(complaint_of_worker(from_hex("92a471756974c0")) ==
          "a message is not understood: it is no array of type, data and node id");
    CHECK(complaint_of_worker(from_hex("9301c0a3685f31")) ==
          "a message is not understood: its type is no text of at most 255 bytes");
    CHECK(complaint_of_worker(from_hex("93a471756974c001")) ==
          "quit: the node id is no text of at most 255 bytes");
    CHECK(complaint_of_worker(encode(from_worker::Quit{}, std::string(256, 'x'))) ==
          "quit: the node id is no text of at most 255 bytes");
    const std::string deep(Decoder::kDeepest + 1, '\x91');
    CHECK(complaint_of_worker(deep) ==
          "a message is not understood: it is deeper than 32 arrays and maps");
    CHECK(complaint_of_worker(std::string(Decoder::kMostBytes + 1, '\xc0')) ==
          "a message is not understood: it has 67108865 bytes; 67108864 are allowed");
    std::string many = from_hex("dd00ffffff");
    many.append(Decoder::kMostValues + 1, '\xc0');
    CHECK(complaint_of_worker(many) ==
          "a message is not understood: it holds more than 4000000 values");
}

TEST_CASE("a wrong field is named with what it is") {
    CHECK(complaint_of_worker(message("heartbeat", R"({"state": 1})")) ==
          "heartbeat: state is a number, not text");
    CHECK(complaint_of_worker(message("heartbeat", "7")) == "heartbeat: is a number, not a map");
    CHECK(complaint_of_worker(message("heartbeat", "{}")) == "heartbeat: has no \"state\"");
    CHECK(complaint_of_worker(
              message("heartbeat", R"({"state": "ready", "current_memory_usage": -1})")) ==
          "heartbeat: current_memory_usage is -1, not from 0 to 9007199254740992");
    CHECK(complaint_of_worker(message("heartbeat", R"({"state": "ready", "cicada": ["x"]})")) ==
          "heartbeat: value 1 of beat is text, not a count");
    CHECK(complaint_of_worker(message("locustfile", R"("2.46.3")")) ==
          "locustfile: is text, not a map");
    CHECK(complaint_of_worker(message("client_ready", "[]")) ==
          "client_ready: is an array, not text");
    CHECK(complaint_of_worker(message("spawning_complete",
                                      R"({"user_classes_count": {"U": "x"}, "user_count": 1})")) ==
          "spawning_complete: user_classes_count is text, not an integer");
    CHECK(complaint_of_worker(message("cicada_news", "[]")) ==
          "cicada_news: is not known here; the sender may be of another version");
    CHECK(complaint_of_master(message("spawn", R"({"timestamp": 1.5})")) ==
          "spawn: has no \"user_classes_count\"");
    CHECK(complaint_of_master(message("ack", R"({"index": 0, "cicada": {"protocol": -1}})")) ==
          "ack: protocol is -1, not a count");
    CHECK(complaint_of_master(message("locustfile", "{}")) == "locustfile: has no \"locustfiles\"");
    CHECK(complaint_of_master(message("cicada_commands", R"([1, 1, [["fly", []]]])")) ==
          "cicada_commands: value 3 of data asks for \"fly\", which is not known here");
    CHECK(complaint_of_master(message("cicada_commands", R"([1, 1, [["take_step", [[[["x"]]]]]]])"))
              .starts_with("cicada_commands: value 1 of "));
}

TEST_CASE("a state that Locust does not have is nothing, and heartbeats of old workers are short") {
    const auto beat = by_worker<from_worker::Heartbeat>(
        message("heartbeat", R"({"state": "quitting", "current_cpu_usage": 3})"));
    CHECK_FALSE(beat.state.has_value());
    CHECK(beat.cpu_percent == 3);
    CHECK_FALSE(beat.memory_bytes.has_value());
}

TEST_CASE("text that is no UTF-8 is never sent, because Locust's reader gives up on it") {
    const auto sent =
        encode(from_worker::ExceptionRaised{"a\xff\xc3\xa9\xe2\x82", "\xed\xa0\x80"}, "h_1");
    const auto read = by_worker<from_worker::ExceptionRaised>(sent);
    CHECK(read.message == "a?\xc3\xa9??");
    CHECK(read.traceback == "???");
}

}  // namespace cicada::cluster
