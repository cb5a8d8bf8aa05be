#include <cicada/cicada.hpp>
using namespace cicada;
static const auto rows = csv_feeder("rows.csv", Feed::Unique, {.at_the_end = AtEnd::StopRun});
