// SPDX-License-Identifier: Apache-2.0
#include <cicada/cicada.hpp>

#include "travels/pages.hpp"

using namespace cicada;

static const auto items = csv_feeder("travels/items.csv", Feed::Circular);
static const auto letter = asset("travels/letter.txt");

class Traveller : public HttpUser {
public:
    void look() { client.get(kItemPage + items.next()["item"]); }
    void write() { client.post("/login", file(letter.path())); }
};
static const auto travellers =
    users<Traveller>().wait_time(constant(20ms)).task<&Traveller::look>().task<&Traveller::write>();
