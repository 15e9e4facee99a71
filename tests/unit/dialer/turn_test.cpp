#include "campaign/dialer/domain/turn.hpp"

#include <catch2/catch.hpp>

namespace carillon::dialer {
namespace {

using namespace std::chrono_literals;
using domain::pb::Campaign;

domain::pb::ListDialWorkResponse Listed(const std::vector<std::array<std::string, 3>>& rows) {
  domain::pb::ListDialWorkResponse out;
  for (const auto& [tenant, campaign, queue] : rows) {
    auto& work = *out.add_work();
    work.set_tenant("tenants/" + tenant);
    work.set_campaign("campaigns/" + campaign);
    work.set_queue("queues/" + queue);
  }
  return out;
}

TEST_CASE("campaigns that share a queue share its agents, in the order campaign gave", "[dialer]") {
  const auto listed = Listed(
      {{"t1", "renewal", "q1"}, {"t1", "survey", "q2"}, {"t1", "care", "q1"}, {"t2", "renewal2", "q1"}});
  const auto queues = domain::ByQueue(listed, "", "");
  REQUIRE(queues.size() == 3);
  CHECK(queues[0].tenant == "t1");
  CHECK(queues[0].queue == "queues/q1");
  CHECK(queues[0].campaigns == std::vector<std::string>{"campaigns/renewal", "campaigns/care"});
  CHECK(queues[1].campaigns == std::vector<std::string>{"campaigns/survey"});
  CHECK(queues[2].tenant == "t2");  // the same queue's name in another tenant is another queue
}

TEST_CASE("a dialer that is kept to a tenant or a campaign sees nothing else", "[dialer]") {
  const auto listed = Listed({{"t1", "a", "q1"}, {"t1", "b", "q1"}, {"t2", "c", "q1"}});
  CHECK(domain::ByQueue(listed, "t2", "").size() == 1);
  const auto only = domain::ByQueue(listed, "t1", "b");
  REQUIRE(only.size() == 1);
  CHECK(only[0].campaigns == std::vector<std::string>{"campaigns/b"});
  CHECK(domain::ByQueue(listed, "t2", "b").empty());
}

TEST_CASE("never more targets are asked for than agents are left", "[dialer]") {
  CHECK(domain::MostTargets(5, 0, 50) == 5);
  CHECK(domain::MostTargets(5, 3, 50) == 2);
  CHECK(domain::MostTargets(5, 5, 50) == 0);
  CHECK(domain::MostTargets(3, 5, 50) == 0);
  CHECK(domain::MostTargets(80, 0, 50) == 50);
  CHECK(domain::MostTargets(0, 0, 50) == 0);
}

TEST_CASE("the looks for work grow rare while there is none, and are quick again with the first",
          "[dialer]") {
  CHECK(domain::NextWait(100ms, true, 100ms, 800ms) == 100ms);
  CHECK(domain::NextWait(100ms, false, 100ms, 800ms) == 200ms);
  CHECK(domain::NextWait(400ms, false, 100ms, 800ms) == 800ms);
  CHECK(domain::NextWait(800ms, false, 100ms, 800ms) == 800ms);
  CHECK(domain::NextWait(800ms, true, 100ms, 800ms) == 100ms);
  CHECK(domain::NextWait(100ms, false, 100ms, 50ms) == 100ms);  // idle below poll is poll
}

TEST_CASE("a campaign is over when nothing is left to be dialled, promised calls included", "[dialer]") {
  for (const auto state : {Campaign::DRAFT, Campaign::SUBMITTED, Campaign::APPROVED, Campaign::SCHEDULED,
                           Campaign::RUNNING, Campaign::PAUSED, Campaign::REFUSED}) {
    CHECK_FALSE(domain::IsOver(state, false));
    CHECK_FALSE(domain::IsOver(state, true));
  }
  for (const auto state : {Campaign::FOLLOW_UP, Campaign::SUMMARISED}) {
    CHECK(domain::IsOver(state, false));
    CHECK_FALSE(domain::IsOver(state, true));
  }
  for (const auto state : {Campaign::CLOSED, Campaign::CANCELLED}) CHECK(domain::IsOver(state, true));
}

}  // namespace
}  // namespace carillon::dialer
