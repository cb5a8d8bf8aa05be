// SPDX-License-Identifier: Apache-2.0
#include "cluster/test_store.hpp"

#include <algorithm>
#include <utility>

namespace cicada::cluster {

TestStore::TestStore(scenario::Parcel parcel)
    : parcel_(std::move(parcel)), list_(parcel_.list.text()), digest_(parcel_.list.digest()) {}

TestStore TestStore::refusing(std::string why) {
    return TestStore(std::move(why));
}

FromMaster TestStore::answer(const from_worker::AskForTest& ask) const {
    if (!ask.protocol) {
        return from_master::TestRefused{
            "this master's test is made of C++, for Cicada; start Locust workers with a locustfile "
            "of their own (-f) that has user classes of the same names"};
    }
    if (refusal_) return from_master::TestRefused{*refusal_};
    return from_master::TestOffer{list_};
}

FromMaster TestStore::answer(const from_worker::AskForPart& ask) const {
    const auto content = parcel_.contents.find(ask.digest);
    if (refusal_ || content == parcel_.contents.end() || ask.offset > content->second.size()) {
        return from_master::TestRefused{
            refusal_.value_or("the master has no such part of the test: it may have been started "
                              "again with another one")};
    }
    const auto offset = static_cast<std::size_t>(ask.offset);
    return from_master::TestPart{
        ask.digest, ask.offset, {content->second.substr(offset, kPartBytes)}};
}

}  // namespace cicada::cluster
