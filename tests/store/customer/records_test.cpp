#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <functional>

#include "bench.hpp"
#include "customer/api/steward.hpp"
#include "customer/events/on_record_received.hpp"

namespace carillon::customer {
namespace {

using google::protobuf::util::MessageDifferencer;

Call Fresh(const Call& as) {
  Call call = as;
  call.deadline = std::chrono::steady_clock::now() + 10s;
  return call;
}

void Know(const Call& call, const std::string& code, int rank) {
  REQUIRE(Ask<pb::SourceSystem, pb::PutSourceSystemRequest>(call, api::PutSourceSystem, [&](auto& in) {
    in.mutable_source_system()->set_name("sourceSystems/" + code);
    in.mutable_source_system()->set_trust_rank(rank);
  }));
}

pb::RawRecord ARecord(const std::string& key, pb::Customer values) {
  pb::RawRecord record;
  record.set_key(key);
  *record.mutable_values() = std::move(values);
  return record;
}

pb::IngestResult Ingest(const Call& call, const std::string& system, const pb::RawRecord& record) {
  const auto done =
      Ask<pb::IngestRecordsResponse, pb::IngestRecordsRequest>(call, api::IngestRecords, [&](auto& in) {
        in.set_source_system("sourceSystems/" + system);
        *in.add_records() = record;
      });
  if (!done) FAIL(Told(done.error()));
  return done->results(0);
}

Result<pb::Customer> Merge(const Call& call, const std::string& a, const std::string& b) {
  return Ask<pb::Customer, pb::MergeCustomersRequest>(call, api::MergeCustomers, [&](auto& in) {
    in.add_customers(a);
    in.add_customers(b);
    in.set_reason("same person");
  });
}

Result<pb::Customer> Unmerge(const Call& call, const std::string& name) {
  return Ask<pb::Customer, pb::UnmergeCustomerRequest>(call, api::UnmergeCustomer,
                                                       [&](auto& in) { in.set_name(name); });
}

std::vector<pb::RawRecord> RecordsOf(const Call& call, const std::string& name) {
  const auto found = Ask<pb::ListRawRecordsResponse, pb::ListRawRecordsRequest>(
      call, api::ListRawRecords, [&](auto& in) { in.set_parent(name); });
  REQUIRE(found);
  return {found->records().begin(), found->records().end()};
}

std::string Mobiles(const pb::Customer& customer) {
  std::string out;
  for (const auto& medium : customer.contacts()) out += medium.number() + " ";
  return out;
}

/// All but what every write moves on.
pb::Customer Lasting(pb::Customer customer) {
  customer.clear_etag();
  customer.clear_update_time();
  return customer;
}

TEST_CASE(
    "a source's rows make, change and leave alone customers; a bad row is told and the others go in (A4)",
    "[customer][store][records]") {
  const Call call = ServiceCall(testing::SomeId());
  Know(call, "edw", 10);
  const std::string old_mobile = ANumber(), new_mobile = ANumber(), id = AnIdNumber();
  auto zhang = APerson("张伟", old_mobile);
  auto& identifier = *zhang.add_identifiers();
  identifier.set_type(pb::Identifier::RESIDENT_ID);
  identifier.set_number(id);
  const auto first = Ingest(call, "edw", ARecord("K1", zhang));
  CHECK(first.outcome() == pb::IngestResult::CREATED);
  CHECK(Ingest(call, "edw", ARecord("K1", zhang)).outcome() == pb::IngestResult::UNCHANGED);
  zhang.mutable_contacts(0)->set_number(new_mobile);
  auto bad = APerson("坏", ANumber());
  bad.add_identifiers()->set_type(pb::Identifier::RESIDENT_ID);
  bad.mutable_identifiers(0)->set_number("110101198503074525");
  const auto delta =
      Ask<pb::IngestRecordsResponse, pb::IngestRecordsRequest>(call, api::IngestRecords, [&](auto& in) {
        in.set_source_system("sourceSystems/edw");
        *in.add_records() = ARecord("K2", APerson("新客", ANumber()));
        *in.add_records() = ARecord("K1", zhang);
        *in.add_records() = ARecord("K3", bad);
      });
  REQUIRE(delta);
  CHECK(delta->results(0).outcome() == pb::IngestResult::CREATED);
  CHECK(delta->results(1).outcome() == pb::IngestResult::UPDATED);
  CHECK(delta->results(1).customer() == first.customer());
  CHECK(delta->results(2).outcome() == pb::IngestResult::REJECTED);
  CHECK(delta->results(2).reason() == "CUSTOMER_INVALID");
  CHECK(Mobiles(*Get(call, first.customer())) == new_mobile + " ");
  CHECK(LookUp(call, old_mobile)->result() == pb::LookUpCallerResponse::NONE);
  CHECK(LookUp(call, new_mobile)->cards(0).name() == first.customer());
  // An older word of the same source does not come back.
  auto old = ARecord("K1", APerson("张伟", old_mobile));
  *old.mutable_observe_time() = ToProto(call.now - 1h);
  CHECK(Ingest(call, "edw", old).outcome() == pb::IngestResult::UNCHANGED);
  const auto systems = Ask<pb::ListSourceSystemsResponse, pb::ListSourceSystemsRequest>(
      call, api::ListSourceSystems, [](auto&) {});
  REQUIRE(systems);
  CHECK(FromProto(systems->source_systems(0).watermark()) == call.now);
  const auto unknown =
      Ask<pb::IngestRecordsResponse, pb::IngestRecordsRequest>(call, api::IngestRecords, [&](auto& in) {
        in.set_source_system("sourceSystems/nobody");
        *in.add_records() = ARecord("K", APerson("谁", ANumber()));
      });
  CHECK(unknown.error().reason == "SOURCE_SYSTEM_UNKNOWN");
}

TEST_CASE("another source's record goes to the customer a rule finds, and each value keeps its source",
          "[customer][store][records]") {
  const Call call = ServiceCall(testing::SomeId());
  Know(call, "edw", 10);
  Know(call, "web", 20);
  const std::string number = AnIdNumber();
  const auto with_id = [&](pb::Customer draft) {
    auto& identifier = *draft.add_identifiers();
    identifier.set_type(pb::Identifier::RESIDENT_ID);
    identifier.set_number(number);
    return draft;
  };
  const auto from_edw = Ingest(call, "edw", ARecord("E1", with_id(APerson("刘洋", ANumber()))));
  auto web = with_id(APerson("Liu Yang", ANumber()));
  web.mutable_person()->set_occupation("教师");
  const auto from_web = Ingest(call, "web", ARecord("W1", web));
  CHECK(from_web.outcome() == pb::IngestResult::UPDATED);
  CHECK(from_web.customer() == from_edw.customer());
  CHECK(from_web.match_level() == 1);
  const auto both = Get(call, from_edw.customer());
  REQUIRE(both);
  CHECK(both->person().full_name() == "刘洋");
  CHECK(both->person().occupation() == "教师");
  CHECK(both->contacts_size() == 2);
  const auto provenance = Ask<pb::Provenance, pb::GetProvenanceRequest>(
      call, api::GetProvenance, [&](auto& in) { in.set_name(both->name()); });
  REQUIRE(provenance);
  std::map<std::string, std::string> from;
  for (const auto& value : provenance->values()) from[value.path()] = value.system();
  CHECK(from["person.full_name"] == "edw");
  CHECK(from["person.occupation"] == "web");
  CHECK(from["contacts[1]"] == "web");
  // What people write ranks first, and stays when the source speaks again.
  auto patch = *both;
  patch.mutable_person()->set_occupation("医生");
  patch.mutable_contacts()->DeleteSubrange(1, 1);
  const auto edited = Update(call, patch, {"person.occupation", "contacts"});
  REQUIRE(edited);
  CHECK(edited->person().occupation() == "医生");
  web.mutable_person()->set_education("本科");
  CHECK(Ingest(call, "web", ARecord("W1", web)).outcome() == pb::IngestResult::UPDATED);
  const auto after = Get(call, both->name());
  CHECK(after->person().occupation() == "医生");
  CHECK(after->person().education() == "本科");
  CHECK(after->contacts_size() == 1);
}

TEST_CASE("merged, both are one under the older id; unmerged, both are what they were (A5)",
          "[customer][store][records]") {
  Call call = ServiceCall(testing::SomeId());
  auto draft = APerson("刘洋", ANumber());
  draft.set_brand("web");
  const auto web = Create(call, draft);
  REQUIRE(web);
  call.now += 1h;
  auto second = APerson("刘洋", ANumber());
  second.set_home_branch("深圳福田支行");
  auto& identifier = *second.add_identifiers();
  identifier.set_type(pb::Identifier::RESIDENT_ID);
  identifier.set_number(AnIdNumber());
  const auto called = Create(call, second);
  REQUIRE(called);
  pb::RaiseAlertRequest raise;
  raise.set_parent(called->name());
  raise.mutable_alert()->set_code("OVERDUE");
  raise.mutable_alert()->set_severity(pb::Alert::WARN);
  Call own = Fresh(call);
  REQUIRE(api::RaiseAlert(own, TheDeps(), raise));
  own = Fresh(call);
  REQUIRE(events::OnInteractionCompleted(own, TheDeps(),
                                         Completed(called->name(), "agents/" + testing::SomeId()),
                                         {testing::SomeId(), "t", "x", own.now}));
  const auto web_before = *Get(call, web->name()), called_before = *Get(call, called->name());

  const auto one = Merge(call, called->name(), web->name());
  if (!one) FAIL(Told(one.error()));
  CHECK(one->name() == web->name());
  CHECK(one->contacts_size() == 2);
  CHECK(one->identifiers_size() == 1);
  CHECK(one->brand() == "web");
  CHECK(one->home_branch() == "深圳福田支行");
  CHECK(one->alerts_size() == 1);
  const auto gone = Get(call, called->name());
  CHECK(gone->state() == pb::Customer::MERGED);
  CHECK(gone->merged_into() == web->name());
  CHECK(gone->contacts_size() == 0);
  const auto redirected = Ask<pb::Customer, pb::GetCustomerRequest>(call, api::GetCustomer, [&](auto& in) {
    in.set_name(called->name());
    in.set_redirect(true);
  });
  CHECK(redirected->name() == web->name());
  // Calls from either number find the survivor, and only it; its last contact is the other's.
  for (const auto& number : {web->contacts(0).number(), called->contacts(0).number()}) {
    const auto answer = LookUp(call, number);
    REQUIRE(answer->cards_size() == 1);
    CHECK(answer->cards(0).name() == web->name());
    CHECK(answer->cards(0).last_contacts_size() == 1);
  }
  CHECK(Merge(call, called->name(), web->name()).error().reason == "CUSTOMER_MERGED");
  CHECK(Merge(call, web->name(), web->name()).error().reason == "MERGE_IMPOSSIBLE");
  const auto records = RecordsOf(call, web->name());
  REQUIRE(records.size() == 2);
  // Written after the merge: a record of its own.
  auto patch = *one;
  patch.set_brand("call");
  REQUIRE(Update(call, patch, {"brand"}));
  CHECK(RecordsOf(call, web->name()).size() == 3);

  call.now += std::chrono::days{29};
  const auto back = Unmerge(call, called->name());
  if (!back) FAIL(Told(back.error()));
  CHECK(MessageDifferencer::Equals(Lasting(*back), Lasting(called_before)));
  auto web_after = *Get(call, web->name());
  CHECK(web_after.brand() == "call");
  web_after.set_brand("web");
  CHECK(MessageDifferencer::Equals(Lasting(web_after), Lasting(web_before)));
  std::vector<std::string> bytes, bytes_after;
  for (const auto& record : records) bytes.push_back(record.SerializeAsString());
  for (const auto& name : {web->name(), called->name()}) {
    for (const auto& record : RecordsOf(call, name)) {
      if (std::find(bytes.begin(), bytes.end(), record.SerializeAsString()) != bytes.end()) {
        bytes_after.push_back(record.SerializeAsString());
      }
    }
  }
  CHECK(bytes_after.size() == bytes.size());
  CHECK(LookUp(call, called->contacts(0).number())->cards(0).name() == called->name());
  CHECK(Unmerge(call, called->name()).error().reason == "NOT_MERGED");
  // A month later nobody takes it apart any more.
  REQUIRE(Merge(call, called->name(), web->name()));
  call.now += std::chrono::days{31};
  CHECK(Unmerge(call, called->name()).error().reason == "UNMERGE_TOO_LATE");
}

TEST_CASE("chains of merges come apart in any order", "[customer][store][records]") {
  Call call = ServiceCall(testing::SomeId());
  std::vector<pb::Customer> before;
  for (int i = 0; i < 4; ++i) {
    call.now += 1min;
    auto draft = APerson("王" + std::to_string(i), ANumber());
    auto& identifier = *draft.add_identifiers();
    identifier.set_type(pb::Identifier::PASSPORT);
    identifier.set_number("E" + ANumber().substr(3));
    before.push_back(*Create(call, draft));
  }
  for (const std::vector<int>& order :
       std::vector<std::vector<int>>{{1, 2, 3}, {3, 2, 1}, {2, 3, 1}, {2, 1, 3}}) {
    REQUIRE(Merge(call, before[2].name(), before[3].name()));
    REQUIRE(Merge(call, before[1].name(), before[2].name()));
    const auto all = Merge(call, before[0].name(), before[1].name());
    REQUIRE(all);
    CHECK(all->contacts_size() == 4);
    CHECK(all->identifiers_size() == 4);
    for (const int n : order) {
      const auto back = Unmerge(call, before[static_cast<std::size_t>(n)].name());
      if (!back) FAIL(Told(back.error()));
    }
    for (const auto& one : before) {
      REQUIRE(MessageDifferencer::Equals(Lasting(*Get(call, one.name())), Lasting(one)));
    }
  }
}

TEST_CASE("a clerk decides about pairs that rules only suggest", "[customer][store][records]") {
  const Call call = ServiceCall(testing::SomeId());
  Know(call, "web", 20);
  const std::string shared = ANumber();
  const auto made = Create(call, APerson("王芳", shared));
  REQUIRE(made);
  Call later = call;  // the older of the two stays
  later.now += 1min;
  const auto found = Ingest(later, "web", ARecord("W1", APerson("Wang Fang", shared)));
  CHECK(found.outcome() == pb::IngestResult::CREATED);
  const auto list = [&](pb::MergeCase::State state) {
    return *Ask<pb::ListMergeCasesResponse, pb::ListMergeCasesRequest>(
        call, api::ListMergeCases, [&](auto& in) { in.set_state(state); });
  };
  const auto open = list(pb::MergeCase::OPEN);
  REQUIRE(open.merge_cases_size() == 1);
  CHECK(open.merge_cases(0).level() == 5);
  CHECK(open.merge_cases(0).customers(0) == made->name());
  CHECK(open.merge_cases(0).customers(1) == found.customer());
  const auto duplicates = Ask<pb::FindDuplicatesResponse, pb::FindDuplicatesRequest>(
      call, api::FindDuplicates, [&](auto& in) { in.set_name(made->name()); });
  REQUIRE(duplicates);
  REQUIRE(duplicates->candidates_size() == 1);
  CHECK(duplicates->candidates(0).customer() == found.customer());
  const auto decide = [&](pb::MergeCase::State decision) {
    return Ask<pb::MergeCase, pb::DecideMergeCaseRequest>(call, api::DecideMergeCase, [&](auto& in) {
      in.set_name(open.merge_cases(0).name());
      in.set_decision(decision);
    });
  };
  const auto decided = decide(pb::MergeCase::MERGED);
  if (!decided) FAIL(Told(decided.error()));
  CHECK(decided->decided_by() == "services/test");
  CHECK(Get(call, found.customer())->merged_into() == made->name());
  CHECK(decide(pb::MergeCase::APART).error().reason == "CASE_DECIDED");
  CHECK(list(pb::MergeCase::OPEN).merge_cases_size() == 0);
  CHECK(list(pb::MergeCase::MERGED).merge_cases_size() == 1);
  // The tenant's own rules take the place of the service's.
  auto policy = *Ask<pb::MatchPolicy, pb::GetMatchPolicyRequest>(call, api::GetMatchPolicy, [](auto&) {});
  CHECK(policy.rules_size() == 8);
  policy.set_merge_up_to(5);
  REQUIRE(Ask<pb::MatchPolicy, pb::UpdateMatchPolicyRequest>(
      call, api::UpdateMatchPolicy, [&](auto& in) { *in.mutable_policy() = policy; }));
  CHECK(Ingest(call, "web", ARecord("W2", APerson("王方", shared))).match_level() == 5);
}

TEST_CASE("a file goes in piece by piece, again from where it broke off, with a word on every row",
          "[customer][store][records]") {
  const Call call = ServiceCall(testing::SomeId());
  Know(call, "edw", 10);
  std::string file = "key,full_name,mobile,grade\n";
  for (int i = 0; i < 450; ++i) {
    file += "R" + std::to_string(i) + ",客户" + std::to_string(i) + "," + (i % 100 == 7 ? "12" : ANumber()) +
            ",GOLD\n";
  }
  const auto job = Ask<pb::SyncJob, pb::StartSyncRequest>(call, api::StartSync, [](auto& in) {
    in.set_source_system("sourceSystems/edw");
    in.set_file_name("delta.csv");
  });
  REQUIRE(job);
  const auto upload = [&](std::int64_t offset, std::size_t length) {
    return Ask<pb::SyncJob, pb::UploadSyncPieceRequest>(call, api::UploadSyncPiece, [&](auto& in) {
      in.set_name(job->name());
      in.set_offset(offset);
      in.set_data(file.substr(static_cast<std::size_t>(offset), length));
      in.set_last(static_cast<std::size_t>(offset) + length >= file.size());
    });
  };
  CHECK(upload(100, 50).error().reason == "OFFSET_AHEAD");
  CHECK(upload(0, 5).error().reason == "ROW_TOO_LONG");
  std::int64_t offset = 0;
  int pieces = 0;
  for (pb::SyncJob now = *job; now.state() != pb::SyncJob::DONE; ++pieces) {
    REQUIRE(pieces < 40);
    const auto sent = upload(offset, 6000);
    if (!sent) FAIL(Told(sent.error()));
    // The answer was lost: the same piece again changes nothing.
    if (pieces == 1) {
      const auto again = upload(offset, static_cast<std::size_t>(sent->offset() - offset));
      REQUIRE(again);
      CHECK(again->rows() == sent->rows());
    }
    now = *sent;
    offset = now.offset();
  }
  CHECK(pieces > 2);
  const auto done = Ask<pb::SyncJob, pb::GetSyncJobRequest>(call, api::GetSyncJob,
                                                            [&](auto& in) { in.set_name(job->name()); });
  REQUIRE(done);
  CHECK(done->rows() == 450);
  CHECK(done->created() == 445);
  CHECK(done->rejected() == 5);
  CHECK(done->offset() == static_cast<std::int64_t>(file.size()));
  std::string token;
  int rows = 0, refused = 0;
  do {
    const auto page = Ask<pb::ListSyncResultsResponse, pb::ListSyncResultsRequest>(
        call, api::ListSyncResults, [&](auto& in) {
          in.set_parent(job->name());
          in.set_page_size(200);
          in.set_page_token(token);
        });
    REQUIRE(page);
    for (const auto& result : page->results()) {
      CHECK(result.key() == "R" + std::to_string(rows));
      refused += result.outcome() == pb::IngestResult::REJECTED ? 1 : 0;
      ++rows;
    }
    token = page->next_page_token();
  } while (!token.empty());
  CHECK(rows == 450);
  CHECK(refused == 5);
}

TEST_CASE("a record from the topic is taken once; one that can not be is a dead letter",
          "[customer][store][records]") {
  Call call = ServiceCall(testing::SomeId());
  Know(call, "web", 20);
  pb::RecordReceived event;
  event.set_system("web");
  const std::string number = ANumber();
  *event.mutable_record() = ARecord("T1", APerson("李秀英", number));
  const pg::EventId id{testing::SomeId(), "t", "x", call.now};
  call = Fresh(call);
  REQUIRE(events::OnRecordReceived(call, TheDeps(), event, id));
  REQUIRE(events::OnRecordReceived(call, TheDeps(), event, id));
  CHECK(LookUp(call, number)->result() == pb::LookUpCallerResponse::ONE);
  event.mutable_record()->mutable_values()->mutable_person()->clear_full_name();
  const auto refused =
      events::OnRecordReceived(call, TheDeps(), event, {testing::SomeId(), "t", "x", call.now});
  REQUIRE_FALSE(refused);
  CHECK_FALSE(IsTransient(refused.error()));
}

TEST_CASE("what sources said is sealed, and one client's records are not another's",
          "[customer][store][records]") {
  const Call call = ServiceCall(testing::SomeId());
  Know(call, "edw", 10);
  const std::string number = ANumber();
  const auto made = Ingest(call, "edw", ARecord("S1", APerson("欧阳锋", number)));
  CHECK(Peek("SELECT count(*) FROM source_records WHERE tenant_id = '" + call.principal.tenant +
             "' AND (sealed LIKE '%欧阳锋%' OR sealed LIKE '%" + number.substr(3) + "%')") == "0");
  CHECK(Peek("SELECT count(*) FROM source_records WHERE tenant_id = '" + call.principal.tenant + "'") == "1");
  const Call other = ServiceCall(testing::SomeId());
  CHECK(Get(other, made.customer()).error().reason == "CUSTOMER_UNKNOWN");
  CHECK(Unmerge(other, made.customer()).error().reason == "CUSTOMER_UNKNOWN");
}

}  // namespace
}  // namespace carillon::customer
