#include "customer/api/profile.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <functional>

#include "bench.hpp"
#include "customer/api/steward.hpp"

namespace carillon::customer {
namespace {

Result<pb::Relationship> Relate(const Call& call, const std::string& from, const std::string& type,
                                const std::string& to) {
  return Ask<pb::Relationship, pb::AddRelationshipRequest>(call, api::AddRelationship, [&](auto& in) {
    in.set_parent(from);
    in.mutable_relationship()->set_type(type);
    in.mutable_relationship()->set_other(to);
  });
}

std::vector<std::string> RelationshipsOf(const Call& call, const std::string& name,
                                         std::optional<TimePoint> at = {}) {
  const auto found = Ask<pb::ListRelationshipsResponse, pb::ListRelationshipsRequest>(
      call, api::ListRelationships, [&](auto& in) {
        in.set_parent(name);
        if (at) *in.mutable_at() = ToProto(*at);
      });
  REQUIRE(found);
  std::vector<std::string> out;
  for (const auto& one : found->relationships()) out.push_back(one.type() + " " + one.other());
  return out;
}

TEST_CASE("a relationship is read from both sides, each in its own words, while it holds",
          "[customer][store][profile]") {
  Call call = ServiceCall(testing::SomeId());
  const auto father = *Create(call, APerson("陈国强", ANumber())),
             son = *Create(call, APerson("陈小明", ANumber()));
  const auto kept = Relate(call, father.name(), "PARENT", son.name());
  REQUIRE(kept);
  CHECK(RelationshipsOf(call, father.name()) == std::vector<std::string>{"PARENT " + son.name()});
  CHECK(RelationshipsOf(call, son.name()) == std::vector<std::string>{"CHILD " + father.name()});
  CHECK(Relate(call, father.name(), "PARENT", son.name()).error().reason == "RELATIONSHIP_EXISTS");
  CHECK(Relate(call, father.name(), "PARENT", father.name()).error().reason == "RELATIONSHIP_INVALID");
  CHECK(Relate(call, father.name(), "BOSS", son.name()).error().reason == "CODE_UNKNOWN");
  const TimePoint before = call.now;
  call.now += 1h;
  const auto end = [&] {
    return Ask<pb::Relationship, pb::EndRelationshipRequest>(call, api::EndRelationship,
                                                             [&](auto& in) { in.set_name(kept->name()); });
  };
  REQUIRE(end());
  CHECK(FromProto(end()->end_time()) == call.now);
  CHECK(RelationshipsOf(call, son.name()).empty());
  CHECK(RelationshipsOf(call, son.name(), before) == std::vector<std::string>{"CHILD " + father.name()});
  REQUIRE(Relate(call, father.name(), "PARENT", son.name()));
}

TEST_CASE("an operator's own code is a code, and a retired one is none", "[customer][store][profile]") {
  const Call call = ServiceCall(testing::SomeId());
  const auto a = *Create(call, APerson("甲", ANumber())), b = *Create(call, APerson("乙", ANumber()));
  const auto put = [&](const std::string& code, const std::string& inverse, bool retired) {
    REQUIRE(Ask<pb::Code, pb::PutCodeRequest>(call, api::PutCode, [&](auto& in) {
      in.mutable_code()->set_name("codes/RELATIONSHIP." + code);
      in.mutable_code()->set_inverse(inverse);
      in.mutable_code()->set_retired(retired);
    }));
  };
  put("TEACHER", "PUPIL", false);
  REQUIRE(Relate(call, a.name(), "TEACHER", b.name()));
  CHECK(RelationshipsOf(call, b.name()) == std::vector<std::string>{"PUPIL " + a.name()});
  put("TEACHER", "PUPIL", true);
  CHECK(Relate(call, b.name(), "TEACHER", a.name()).error().reason == "CODE_UNKNOWN");
  const auto codes = Ask<pb::ListCodesResponse, pb::ListCodesRequest>(
      call, api::ListCodes, [](auto& in) { in.set_list("RELATIONSHIP"); });
  REQUIRE(codes);
  CHECK(codes->codes_size() == 28);
  CHECK(Ask<pb::ListCodesResponse, pb::ListCodesRequest>(call, api::ListCodes, [](auto& in) {
          in.set_list("ALERT");
        })->codes_size() == 13);
}

TEST_CASE("a manager is found by customer and manager; another manager is an empty answer (A3)",
          "[customer][store][profile]") {
  Call call = ServiceCall(testing::SomeId());
  const auto customer = *Create(call, APerson("王建国", ANumber()));
  const std::string zhao = "users/" + testing::SomeId(), other = "users/" + testing::SomeId();
  const auto assign = [&](const std::string& manager) {
    return Ask<pb::ManagerAssignment, pb::AssignManagerRequest>(call, api::AssignManager, [&](auto& in) {
      in.set_parent(customer.name());
      in.mutable_assignment()->set_manager(manager);
      in.mutable_assignment()->set_role(pb::ManagerAssignment::PRIMARY);
      in.mutable_assignment()->set_branch("深圳福田支行");
    });
  };
  const auto list = [&](const std::string& parent, const std::string& manager) {
    return Ask<pb::ListManagerAssignmentsResponse, pb::ListManagerAssignmentsRequest>(
        call, api::ListManagerAssignments, [&](auto& in) {
          in.set_parent(parent);
          in.set_manager(manager);
        });
  };
  REQUIRE(assign(zhao));
  REQUIRE(list(customer.name(), zhao)->assignments_size() == 1);
  CHECK(list(customer.name(), zhao)->assignments(0).branch() == "深圳福田支行");
  CHECK(list(customer.name(), other)->assignments_size() == 0);
  CHECK(list("customers/-", zhao)->assignments_size() == 1);
  CHECK(list("customers/-", "").error().reason == "MANAGER_REQUIRED");
  const auto next = assign(other);
  REQUIRE(next);
  CHECK(list("customers/-", zhao)->assignments_size() == 0);
  REQUIRE(list(customer.name(), "")->assignments_size() == 1);
  REQUIRE(Ask<pb::ManagerAssignment, pb::EndManagerAssignmentRequest>(
      call, api::EndManagerAssignment, [&](auto& in) { in.set_name(next->name()); }));
  CHECK(list(customer.name(), "")->assignments_size() == 0);
}

TEST_CASE("transactions and contacts come by page, newest first, also of who was merged in",
          "[customer][store][profile]") {
  Call call = ServiceCall(testing::SomeId());
  const auto one = *Create(call, APerson("黄志强", ANumber()));
  call.now += 1h;
  const auto two = *Create(call, APerson("黄志强", ANumber()));
  const auto append = [&](const std::string& name, int from, int to) {
    const auto kept = Ask<pb::AppendTransactionsResponse, pb::AppendTransactionsRequest>(
        call, api::AppendTransactions, [&](auto& in) {
          in.set_parent(name);
          for (int i = from; i < to; ++i) {
            auto& each = *in.add_transactions();
            each.set_key("T" + std::to_string(i));
            each.set_channel("ATM");
            each.set_account("6225****0098");
            *each.mutable_occur_time() = ToProto(call.now + std::chrono::minutes{i});
          }
        });
    REQUIRE(kept);
    return *kept;
  };
  append(one.name(), 0, 5);
  const auto again = append(one.name(), 3, 7);
  CHECK(again.transactions_size() == 4);
  append(two.name(), 7, 9);
  Call own = call;
  for (const auto& name : {one.name(), two.name()}) {
    own.deadline = std::chrono::steady_clock::now() + 10s;
    own.now += 1min;
    REQUIRE(events::OnInteractionCompleted(own, TheDeps(), Completed(name, "agents/" + testing::SomeId()),
                                           {testing::SomeId(), "t", "x", own.now}));
  }
  REQUIRE(Ask<pb::Customer, pb::MergeCustomersRequest>(call, api::MergeCustomers, [&](auto& in) {
    in.add_customers(one.name());
    in.add_customers(two.name());
  }));
  std::string keys, token;
  int pages = 0;
  do {
    const auto page = Ask<pb::ListTransactionsResponse, pb::ListTransactionsRequest>(
        call, api::ListTransactions, [&](auto& in) {
          in.set_parent(one.name());
          in.set_page_size(4);
          in.set_page_token(token);
        });
    REQUIRE(page);
    for (const auto& each : page->transactions()) keys += each.key() + " ";
    token = page->next_page_token();
    ++pages;
  } while (!token.empty());
  CHECK(keys == "T8 T7 T6 T5 T4 T3 T2 T1 T0 ");
  CHECK(pages == 3);
  const auto contacts = Ask<pb::ListInteractionsResponse, pb::ListInteractionsRequest>(
      call, api::ListInteractions, [&](auto& in) { in.set_parent(one.name()); });
  REQUIRE(contacts);
  CHECK(contacts->interactions_size() == 2);
  CHECK(contacts->interactions(0).reason() == "balance");
}

TEST_CASE("a contact at a counter is one as any other: listed, the last, and the silent are silent no more",
          "[customer][store][profile]") {
  Call call = ServiceCall(testing::SomeId());
  const auto made = *Create(call, APerson("周丽华", ANumber()));
  Peek("UPDATE customers SET state = 'DORMANT' WHERE customer_id = '" + made.name().substr(10) + "'");
  pb::PartyInteraction visit;
  visit.set_name("interactions/" + testing::SomeId());
  visit.set_place("COUNTER");
  visit.set_disposition("answered");
  visit.set_summary("换卡");
  visit.add_work_orders("workOrders/" + testing::SomeId());
  *visit.mutable_start_time() = ToProto(call.now - 20min);
  const auto append = [&](const pb::PartyInteraction& interaction) {
    return Ask<pb::PartyInteraction, pb::AppendInteractionRequest>(call, api::AppendInteraction,
                                                                   [&](auto& in) {
                                                                     in.set_parent(made.name());
                                                                     *in.mutable_interaction() = interaction;
                                                                   });
  };
  const auto kept = append(visit);
  if (!kept) FAIL(Told(kept.error()));
  CHECK(FromProto(kept->end_time()) == call.now);
  CHECK(Get(call, made.name())->state() == pb::Customer::ACTIVE);
  auto other = visit;
  other.set_summary("其他");
  CHECK(append(other)->SerializeAsString() == kept->SerializeAsString());  // its source says it again
  other.clear_name();
  other.set_outbound(true);
  other.clear_place();
  other.set_channel(carillon::type::v1::SMS);
  call.now += 1min;
  CHECK_FALSE(append(other)->name().empty());
  const auto list = Ask<pb::ListInteractionsResponse, pb::ListInteractionsRequest>(
      call, api::ListInteractions, [&](auto& in) { in.set_parent(made.name()); });
  REQUIRE(list->interactions_size() == 2);
  CHECK(list->interactions(0).channel() == carillon::type::v1::SMS);
  CHECK(list->interactions(1).SerializeAsString() == kept->SerializeAsString());
  const auto last = Ask<pb::LastContact, pb::GetLastContactRequest>(
      call, api::GetLastContact, [&](auto& in) { in.set_name(made.name() + "/lastContacts/inbound"); });
  REQUIRE(last);
  CHECK(last->reason() == "COUNTER");
  CHECK(last->interaction() == visit.name());
  CHECK(last->contacts_in_30_days() == 1);
  const auto refused = [&](const std::function<void(pb::PartyInteraction&)>& spoil) {
    auto bad = visit;
    bad.clear_name();
    spoil(bad);
    return append(bad).error().reason;
  };
  CHECK(refused([](auto& bad) { bad.clear_place(); }) == "INTERACTION_INVALID");
  CHECK(refused([&](auto& bad) { *bad.mutable_end_time() = ToProto(call.now + 1s); }) ==
        "INTERACTION_INVALID");
  CHECK(refused([&](auto& bad) { *bad.mutable_start_time() = ToProto(call.now + 1s); }) ==
        "INTERACTION_INVALID");
  CHECK(refused([](auto& bad) { bad.set_place("MOON"); }) == "CODE_UNKNOWN");
}

TEST_CASE("a customer is told as it was at any moment, and who changed what", "[customer][store][profile]") {
  Call call = ServiceCall(testing::SomeId());
  std::vector<std::pair<TimePoint, pb::Customer>> was;
  auto now = *Create(call, APerson("李秀英", ANumber()));
  was.emplace_back(call.now, now);
  for (const char* brand : {"青", "红", "蓝"}) {
    call.now += 1h;
    now.set_brand(brand);
    call.principal.user = std::string("services/") + (brand == std::string("红") ? "edw" : "desk");
    now = *Update(call, now, {"brand"});
    was.emplace_back(call.now, now);
  }
  call.now += 1h;
  pb::RaiseAlertRequest raise;
  raise.set_parent(now.name());
  raise.mutable_alert()->set_code("OVERDUE");
  raise.mutable_alert()->set_severity(pb::Alert::WARN);
  Call own = call;
  was.emplace_back(call.now, *api::RaiseAlert(own, TheDeps(), raise));
  const auto at = [&](TimePoint time) {
    return Ask<pb::Customer, pb::GetCustomerAtRequest>(call, api::GetCustomerAt, [&](auto& in) {
      in.set_name(now.name());
      *in.mutable_time() = ToProto(time);
    });
  };
  for (const auto& [time, customer] : was) {
    const auto then = at(time + 30min);
    REQUIRE(then);
    CHECK(google::protobuf::util::MessageDifferencer::Equals(*then, customer));
  }
  CHECK(at(was.front().first - 1s).error().reason == "VERSION_UNKNOWN");
  const auto changes = [&](int size, const std::string& token) {
    return *Ask<pb::ListCustomerChangesResponse, pb::ListCustomerChangesRequest>(
        call, api::ListCustomerChanges, [&](auto& in) {
          in.set_parent(now.name());
          in.set_page_size(size);
          in.set_page_token(token);
        });
  };
  const auto first = changes(3, "");
  REQUIRE(first.changes_size() == 3);
  CHECK(first.changes(0).changed_fields(0) == "alerts");
  CHECK(first.changes(1).changed_fields(0) == "brand");
  CHECK(first.changes(2).changed_by() == "services/edw");
  const auto rest = changes(3, first.next_page_token());
  REQUIRE(rest.changes_size() == 2);
  CHECK(rest.next_page_token().empty());
  CHECK(rest.changes(1).changed_fields_size() == 0);
  CHECK(Peek("SELECT count(*) FROM customer_versions WHERE sealed LIKE '%李秀英%'") == "0");
}

}  // namespace
}  // namespace carillon::customer
