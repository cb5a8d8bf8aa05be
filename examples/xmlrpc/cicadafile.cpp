// A protocol of one's own: XML-RPC over HTTP. The calls are rows of their own type in the report, and a
// fault is a failure with the server's words. A server to try it with stands in server.py beside this file.
//   python3 examples/xmlrpc/server.py 8877 &
//   cicada -f examples/xmlrpc/cicadafile.cpp --host http://127.0.0.1:8877 -u 5 -r 5 -t 10s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

// What stands between two marks; empty: they are not there.
static std::string between_marks(std::string_view text, std::string_view begin, std::string_view end) {
    const auto from = text.find(begin);
    if (from == text.npos) return "";
    const auto to = text.find(end, from + begin.size());
    if (to == text.npos) return "";
    return std::string(text.substr(from + begin.size(), to - from - begin.size()));
}

class XmlRpcUser : public HttpUser {
protected:
    // Calls a method with whole numbers; returns the text of its answer.
    std::string call(std::string_view method, std::initializer_list<std::int64_t> arguments) {
        std::string answer;
        measure("xmlrpc", method, [&](Measurement& measured) {
            const auto page = client.post("/RPC2", Body(request_of(method, arguments), "text/xml"));
            measured.size = page.size();
            answer = between_marks(page.text(), "<value><", "></value>");
            answer = between_marks(answer, ">", "</");
            if (page.status() != 200) measured.failure = page.error();
            if (page.text().find("<fault>") != page.text().npos) {
                measured.failure = between_marks(page.text(), "<string>", "</string>");
            }
        });
        return answer;
    }

private:
    static std::string request_of(std::string_view method, std::initializer_list<std::int64_t> arguments) {
        std::string xml = "<?xml version=\"1.0\"?><methodCall><methodName>" + std::string(method) + "</methodName><params>";
        for (const auto argument : arguments) {
            xml += "<param><value><int>" + std::to_string(argument) + "</int></value></param>";
        }
        return xml + "</params></methodCall>";
    }
};

class Calculator : public XmlRpcUser {
public:
    void add() {
        const auto a = random_int(1, 100);
        const auto b = random_int(1, 100);
        if (call("add", {a, b}) != std::to_string(a + b)) throw std::runtime_error("the server cannot add");
    }
    void divide_by_zero() { call("divide", {1, 0}); }
};

static const auto calculators = users<Calculator>()
    .wait_time(constant(0.1s))
    .task<&Calculator::add>({.weight = 4})
    .task<&Calculator::divide_by_zero>();
