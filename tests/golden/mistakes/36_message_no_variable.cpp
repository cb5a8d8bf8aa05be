#include <cicada/cicada.hpp>
using namespace cicada;
on_message("hello", [](const NodeMessage&) {});
