#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "../../unit/customer/values.hpp"
#include "bench.hpp"
#include "customer/api/privacy.hpp"
#include "customer/api/profile.hpp"
#include "customer/api/steward.hpp"
#include "customer/domain/records.hpp"

namespace carillon::customer {
namespace {

using google::protobuf::util::MessageDifferencer;

/// What a source said last of whom, as the service took it over.
struct Said {
  std::string system, key, number;
  int home = -1;
  pb::RawRecord record;
};

/// What the service must know of a customer, said as simply as can be.
struct Modelled {
  std::string name, state = "PROSPECT", before, brand;
  std::set<std::string> numbers;
  int into = -1;      ///< whom it went into
  bool alone = true;  ///< no source and no merge ever touched it, so its values are its own
  std::vector<std::pair<TimePoint, pb::Customer>> was;  ///< as it was seen after each change
};

class Program {
 public:
  explicit Program(std::uint64_t seed) : random_(seed) {
    for (const auto& [code, rank] : {std::pair("edw", 2), {"web", 3}}) {
      REQUIRE(Ask<pb::SourceSystem, pb::PutSourceSystemRequest>(call_, api::PutSourceSystem, [&](auto& in) {
        in.mutable_source_system()->set_name(std::string("sourceSystems/") + code);
        in.mutable_source_system()->set_trust_rank(rank);
      }));
    }
  }

  void Step() {
    call_.now += 1min;
    const int who = all_.empty() ? -1 : Any();
    switch (all_.size() < 3 ? 0 : random_() % 12) {
      case 0:
        if (all_.size() < 10) New();
        break;
      case 1:
      case 2:
        Edit(At(who));
        break;
      case 3:
        Move<pb::SuspendCustomerRequest>(At(who), api::SuspendCustomer, "SUSPENDED",
                                         {"PROSPECT", "SUSPENDED"});
        break;
      case 4:
        Move<pb::ResumeCustomerRequest>(At(who), api::ResumeCustomer, "PROSPECT", {"PROSPECT", "SUSPENDED"});
        break;
      case 5:
        if (random_() % 4 == 0)
          Move<pb::DeleteCustomerRequest>(At(who), api::DeleteCustomer, "CLOSED", {"PROSPECT", "SUSPENDED"});
        break;
      case 6:
        Merge(who, Any());
        break;
      case 7:
        Unmerge(who);
        break;
      case 8:
      case 9:
      case 10:
        Ingest();
        break;
      default:
        if (random_() % 4 == 0) Erase(who);
    }
    Compare();
  }

  /// Every past moment is told as it was seen then.
  int CheckPast() {
    int checked = 0;
    for (const auto& one : all_) {
      for (std::size_t n = 0; n < one.was.size(); ++n) {
        const auto& [from, seen] = one.was[n];
        const auto then =
            Ask<pb::Customer, pb::GetCustomerAtRequest>(call_, api::GetCustomerAt, [&](auto& in) {
              in.set_name(one.name);
              *in.mutable_time() = ToProto(n + 1 < one.was.size() ? one.was[n + 1].first - 1s : from + 1s);
            });
        REQUIRE(then);
        if (!MessageDifferencer::Equals(*then, seen)) {
          FAIL(then->ShortDebugString() << " is not " << seen.ShortDebugString());
        }
        ++checked;
      }
      checked += Replayed(one);
    }
    return checked;
  }

  /// All merges undone in any order: each is what its own records say, and nothing else.
  void ComeApart() {
    for (std::vector<int> merged;; merged.clear()) {
      for (int n = 0; n < static_cast<int>(all_.size()); ++n) {
        if (At(n).state == "MERGED" && Open(At(Root(n)))) merged.push_back(n);
      }
      if (merged.empty()) break;
      call_.now += 1min;
      Unmerge(merged[random_() % merged.size()]);
      Compare();
    }
    for (int n = 0; n < static_cast<int>(all_.size()); ++n) {
      const auto& one = At(n);
      if (one.alone || !Open(one)) continue;
      const auto now = Get(call_, one.name);
      REQUIRE(now);
      const auto own = RecordsOf(one.name);
      for (const auto& record : own) CHECK(record.name().starts_with(one.name + "/"));
      const auto composed = domain::Recomposed(*now, domain::Compose(*now, own, kRanks).customer, call_.now);
      REQUIRE(composed);
      if (!MessageDifferencer::Equals(*composed, *now))
        FAIL_CHECK(composed->ShortDebugString() << " is not " << now->ShortDebugString());
    }
  }

  int merges = 0, unmerges = 0, erasures = 0, refusals = 0, ingested = 0, values = 0;

 private:
  inline static const domain::TrustRanks kRanks{{"carillon", 1}, {"edw", 2}, {"web", 3}};

  Modelled& At(int who) { return all_[static_cast<std::size_t>(who)]; }
  int Any() { return static_cast<int>(random_() % all_.size()); }
  int Root(int who) {
    while (At(who).into >= 0) who = At(who).into;
    return who;
  }
  bool Open(const Modelled& one) const { return one.state == "PROSPECT" || one.state == "SUSPENDED"; }
  void Refused(const Error& error) {
    CHECK((error.code == Code::kFailedPrecondition || error.code == Code::kInvalidArgument));
    ++refusals;
  }

  void New() {
    Modelled one;
    const std::string number = ANumber();
    one.name = Create(call_, APerson("客户" + std::to_string(all_.size()), number))->name();
    one.numbers.insert(number);
    all_.push_back(std::move(one));
  }

  std::vector<pb::RawRecord> RecordsOf(const std::string& name) {
    const auto found = Ask<pb::ListRawRecordsResponse, pb::ListRawRecordsRequest>(
        call_, api::ListRawRecords, [&](auto& in) { in.set_parent(name); });
    REQUIRE(found);
    return {found->records().begin(), found->records().end()};
  }

  /// A source says something new: of somebody it spoke of before, or of a person nobody knows.
  void Ingest() {
    const bool known = !said_.empty() && random_() % 3 != 0;
    if (!known && all_.size() >= 10) return;
    Said one = known ? said_[random_() % said_.size()] : Said();
    if (!known) {
      one.system = random_() % 2 == 0 ? "edw" : "web";
      one.key = "K" + std::to_string(++keys_);
      one.number = ANumber();
    }
    pb::RawRecord record;
    record.set_key(one.key);
    *record.mutable_values() = APerson("来源" + one.key, one.number);
    if (known)
      record.mutable_values()->mutable_person()->set_full_name("改名" + std::to_string(random_() % 3));
    if (random_() % 2 == 0) record.mutable_values()->set_brand("s" + std::to_string(random_() % 5));
    if (random_() % 2 == 0)
      record.mutable_values()->mutable_person()->set_employer("公司" + std::to_string(random_() % 5));
    const auto done =
        Ask<pb::IngestRecordsResponse, pb::IngestRecordsRequest>(call_, api::IngestRecords, [&](auto& in) {
          in.set_source_system("sourceSystems/" + one.system);
          *in.add_records() = record;
        });
    if (!done) FAIL(Told(done.error()));
    const auto& result = done->results(0);
    INFO(result.ShortDebugString());
    if (known && !Open(At(Root(one.home)))) {
      REQUIRE((result.outcome() == pb::IngestResult::REJECTED ||
               result.outcome() == pb::IngestResult::UNCHANGED));
      ++refusals;
      return;
    }
    ++ingested;
    if (!known) {
      REQUIRE(result.outcome() == pb::IngestResult::CREATED);
      Modelled made;
      made.name = result.customer();
      made.alone = false;
      made.numbers.insert(one.number);
      one.home = static_cast<int>(all_.size());
      all_.push_back(std::move(made));
    } else {
      REQUIRE(result.customer() == At(Root(one.home)).name);
    }
    for (auto& kept : RecordsOf(result.customer())) {
      if (kept.system() == one.system && kept.key() == one.key) one.record = std::move(kept);
    }
    CHECK(one.record.values().brand() == record.values().brand());
    CHECK(one.record.values().person().employer() == record.values().person().employer());
    std::erase_if(said_, [&](const Said& old) { return old.system == one.system && old.key == one.key; });
    said_.push_back(std::move(one));
  }

  /// What every source said last is there, word for word, and every value is of the record it is said to be
  /// of.
  void CompareRecords(int who, const pb::Customer& now) {
    std::map<std::string, pb::RawRecord> records;
    for (auto& record : RecordsOf(now.name())) records[record.name()] = std::move(record);
    std::size_t of_sources = 0;
    for (const auto& [name, record] : records) of_sources += record.system() != domain::kOwnSystem;
    for (const auto& one : said_) {
      if (Root(one.home) != who) continue;
      --of_sources;
      REQUIRE(records.contains(one.record.name()));
      CHECK(records[one.record.name()].SerializeAsString() == one.record.SerializeAsString());
    }
    CHECK(of_sources == 0);
    const auto provenance = Ask<pb::Provenance, pb::GetProvenanceRequest>(
        call_, api::GetProvenance, [&](auto& in) { in.set_name(now.name()); });
    REQUIRE(provenance);
    pb::Customer told = now;
    told.clear_grade();  // STANDARD until somebody says otherwise, and nobody does here
    CHECK(domain::AttributeKeys(told).size() == static_cast<std::size_t>(provenance->values_size()));
    for (const auto& source : provenance->values()) {
      INFO(source.ShortDebugString());
      REQUIRE(records.contains(source.record()));
      const auto& record = records[source.record()];
      CHECK(record.system() == source.system());
      const auto keys = domain::AttributeKeys(ValueAt(now, source.path()));
      REQUIRE(keys.size() == 1);
      const auto of_record = domain::AttributeKeys(record.values());
      CHECK(std::find(of_record.begin(), of_record.end(), keys[0]) != of_record.end());
      if (source.path() == "brand") CHECK(record.values().brand() == now.brand());
      if (source.path() == "person.full_name")
        CHECK(record.values().person().full_name() == now.person().full_name());
      if (source.path() == "person.employer")
        CHECK(record.values().person().employer() == now.person().employer());
      ++values;
    }
  }

  /// The list of changes, replayed from the first on: each step changes just what it says, and leads to what
  /// is told of its moment.
  int Replayed(const Modelled& one) {
    const auto listed = Ask<pb::ListCustomerChangesResponse, pb::ListCustomerChangesRequest>(
        call_, api::ListCustomerChanges, [&](auto& in) {
          in.set_parent(one.name);
          in.set_page_size(200);
        });
    REQUIRE(listed);
    REQUIRE(listed->next_page_token().empty());
    std::vector<pb::Customer> states;
    for (int n = listed->changes_size() - 1; n >= 0; --n) {
      const auto& change = listed->changes(n);
      // Of several within a moment the last one is told.
      if (n > 0 && MessageDifferencer::Equals(change.change_time(), listed->changes(n - 1).change_time()))
        continue;
      const auto then = Ask<pb::Customer, pb::GetCustomerAtRequest>(call_, api::GetCustomerAt, [&](auto& in) {
        in.set_name(one.name);
        *in.mutable_time() = change.change_time();
      });
      REQUIRE(then);
      CHECK(then->etag() == change.etag());
      if (!states.empty()) {
        const auto changed = domain::ChangedFields(states.back(), *then);
        for (const auto& field : change.changed_fields())
          CHECK((std::find(changed.begin(), changed.end(), field) != changed.end()));
      }
      states.push_back(*then);
    }
    if (!states.empty()) {
      const auto now = Get(call_, one.name);
      REQUIRE(now);
      CHECK(states.back().etag() == now->etag());
    }
    return static_cast<int>(states.size());
  }

  void Edit(Modelled& one) {
    pb::Customer patch;
    patch.set_name(one.name);
    patch.set_brand("b" + std::to_string(random_() % 5));
    const auto done = Update(call_, patch, {"brand"});
    REQUIRE(done.has_value() == Open(one));
    if (!done) return Refused(done.error());
    one.brand = patch.brand();
  }

  template <class In>
  void Move(Modelled& one, Result<pb::Customer> (*method)(Call&, Deps&, const In&), const std::string& to,
            const std::set<std::string>& from) {
    const auto done = Ask<pb::Customer, In>(call_, method, [&](auto& in) { in.set_name(one.name); });
    REQUIRE(done.has_value() == from.contains(one.state));
    if (!done) return Refused(done.error());
    one.state = to;
  }

  void Merge(int a, int b) {
    const bool can = a != b && Open(At(a)) && Open(At(b));
    const auto done = Ask<pb::Customer, pb::MergeCustomersRequest>(call_, api::MergeCustomers, [&](auto& in) {
      in.add_customers(At(a).name);
      in.add_customers(At(b).name);
    });
    REQUIRE(done.has_value() == can);
    if (!done) return Refused(done.error());
    auto &stays = At(std::min(a, b)), &goes = At(std::max(a, b));
    REQUIRE(done->name() == stays.name);
    goes.before = goes.state;
    goes.state = "MERGED";
    goes.into = std::min(a, b);
    stays.alone = goes.alone = false;
    ++merges;
  }

  void Unmerge(int who) {
    auto& one = At(who);
    const bool can = one.state == "MERGED" && Open(At(Root(who)));
    const auto done = Ask<pb::Customer, pb::UnmergeCustomerRequest>(call_, api::UnmergeCustomer,
                                                                    [&](auto& in) { in.set_name(one.name); });
    REQUIRE(done.has_value() == can);
    if (!done) return Refused(done.error());
    one.state = one.before;
    one.into = -1;
    ++unmerges;
  }

  void Erase(int who) {
    const bool can = At(who).state != "MERGED";
    const auto done = Ask<pb::Erasure, pb::EraseCustomerRequest>(call_, api::EraseCustomer, [&](auto& in) {
      in.set_name(At(who).name);
      in.set_reason("SUBJECT_REQUEST");
    });
    REQUIRE(done.has_value() == can);
    if (!done) return Refused(done.error());
    std::vector<int> family;
    for (int n = 0; n < static_cast<int>(all_.size()); ++n) {
      if (Root(n) == who) family.push_back(n);
    }
    for (const int n : family) {
      auto& one = At(n);
      if (one.state != "ERASED") one.was.clear();  // nobody can look there any more
      one.state = "ERASED";
      one.into = -1;
      one.numbers.clear();
      std::erase_if(said_, [&](const Said& old) { return old.home == n; });
    }
    ++erasures;
  }

  /// The service says of everybody what the model says.
  void Compare() {
    for (int n = 0; n < static_cast<int>(all_.size()); ++n) {
      auto& one = At(n);
      const auto now = Get(call_, one.name);
      REQUIRE(now);
      INFO(one.name);
      CHECK(pb::Customer::State_Name(now->state()) == one.state);
      CHECK(now->merged_into() == (one.into < 0 ? "" : At(one.into).name));
      std::set<std::string> numbers, expected;
      for (const auto& medium : now->contacts()) numbers.insert(medium.number());
      if (one.state != "MERGED") {
        for (int m = 0; m < static_cast<int>(all_.size()); ++m) {
          if (Root(m) == n) expected.insert(At(m).numbers.begin(), At(m).numbers.end());
        }
      }
      CHECK(numbers == expected);
      if (one.alone && one.state != "ERASED") CHECK(now->brand() == one.brand);
      if (!one.alone && Open(one)) CompareRecords(n, *now);
      for (const auto& number : one.numbers) {
        const auto& root = At(Root(n));
        const auto answer = LookUp(call_, number);
        REQUIRE(answer);
        if (Open(root)) {
          REQUIRE(answer->cards_size() == 1);
          CHECK(answer->cards(0).name() == root.name);
        } else {
          CHECK(answer->result() == pb::LookUpCallerResponse::NONE);
        }
      }
      if (one.was.empty() || one.was.back().second.etag() != now->etag())
        one.was.emplace_back(call_.now, *now);
    }
  }

  std::mt19937_64 random_;
  Call call_ = ServiceCall(testing::SomeId());
  std::vector<Modelled> all_;
  std::vector<Said> said_;
  int keys_ = 0;
};

TEST_CASE(
    "any program of operations does what a simple model does; sources, whence values are and the past stay "
    "true",
    "[customer][store][program]") {
  int merges = 0, unmerges = 0, erasures = 0, refusals = 0, past = 0, ingested = 0, values = 0;
  for (unsigned n = 0; n < 5; ++n) {
    const std::uint64_t seed = Catch::rngSeed() * 8 + n;
    INFO("program " << n << " of --rng-seed " << Catch::rngSeed());
    Program program(seed);
    for (int at = 0; at < 70; ++at) {
      INFO("step " << at);  // all is compared after each, so no shorter program shows it
      program.Step();
    }
    program.ComeApart();
    past += program.CheckPast();
    merges += program.merges;
    unmerges += program.unmerges;
    erasures += program.erasures;
    refusals += program.refusals;
    ingested += program.ingested;
    values += program.values;
  }
  WARN("seed " << Catch::rngSeed() << ": " << merges << " merges, " << unmerges << " undone, " << ingested
               << " records taken, " << erasures << " erasures, " << refusals << " refusals, " << values
               << " values traced, " << past << " moments told");
  CHECK(merges > 5);
  CHECK(unmerges > 2);
  CHECK(ingested > 15);
  CHECK(refusals > 15);
  CHECK(values > 300);
  CHECK(past > 60);
}

}  // namespace
}  // namespace carillon::customer
