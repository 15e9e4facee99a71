#include <random>
#include <set>

#include "base/proto_time.hpp"
#include "customer/api/composing.hpp"
#include "customer/api/steward.hpp"
#include "customer/store/quality.hpp"

namespace carillon::customer::api {
namespace {

constexpr int kLearntAtOnce = 100;
constexpr std::chrono::seconds kLearnStep{30};
/// Each customer is compared with so many of those who came before, of whom so many are kept.
constexpr int kStrangersEach = 10;
constexpr std::size_t kStrangersKept = 500;
/// Records of one customer that are compared with each other at most.
constexpr int kRecordsEach = 5;

/// Customers of one kind whom the sweep has come by, each as likely as any other. In memory only: after a
/// restart others are.
struct Passers {
  struct One {
    std::string name, client;
    domain::Facets facets;
  };
  std::vector<One> kept;
  std::size_t passed = 0;
  std::mt19937_64 random{42};

  void Pass(One one) {
    ++passed;
    if (kept.size() < kStrangersKept) {
      kept.push_back(std::move(one));
    } else if (const auto place = random() % passed; place < kStrangersKept) {
      kept[place] = std::move(one);
    }
  }
};

domain::Pattern Compared(const domain::Facets& a, const domain::Facets& b) {
  static const pb::MatchPolicy kNoRules;
  return domain::PatternOf(domain::Matched(kNoRules, a, b));
}

/// Counts the customer's records, pairs among them, and pairs with those who share something rare and with
/// passers-by.
Result<void> Learn(pg::Tx& tx, const Deps& deps, const pb::Customer& customer,
                   const std::vector<pb::RawRecord>& records, domain::PairTally& tally, Passers& passers) {
  const auto facets = FacetsOf(customer);
  const int said = std::max(1, std::min(kRecordsEach, static_cast<int>(records.size())));
  tally.records[customer.client()] += said;
  std::vector<domain::Facets> by_record;
  for (int n = 0; said > 1 && n < said; ++n) {
    by_record.push_back(FacetsOf(records[static_cast<std::size_t>(n)].values()));
    for (int m = 0; m < n; ++m)
      ++tally.alike[Compared(by_record[static_cast<std::size_t>(m)], by_record.back())];
  }
  TRY(const auto alike, AlikeTo(tx, deps, customer));
  std::set<std::string> near;
  for (const auto& other : alike.customers) {
    near.insert(other.name());
    if (other.name() > customer.name()) ++tally.alike[Compared(facets, FacetsOf(other))];
  }
  for (int n = 0; n < kStrangersEach && !passers.kept.empty(); ++n) {
    const auto& other = passers.kept[passers.random() % passers.kept.size()];
    if (other.client != customer.client() || near.contains(other.name)) continue;
    ++tally.strangers[Compared(facets, other.facets)];
  }
  passers.Pass({customer.name(), customer.client(), facets});
  return Ok();
}

/// Asks about those who came after the customer, so about each pair once.
Result<void> AskAbout(pg::Tx& tx, const Deps& deps, const pb::Customer& customer,
                      const store::Judging& judging, pb::MatchModel& model) {
  TRY(const auto candidates, Duplicates(tx, deps, customer, judging));
  for (const auto& candidate : candidates) {
    if (candidate.customer() < customer.name()) continue;
    if (!domain::MergesAlone(judging.policy, candidate) && !domain::NeedsClerk(judging.policy, candidate))
      continue;
    if (Asked(tx, customer.name(), candidate.customer(), customer.client(), candidate))
      model.set_cases(model.cases() + 1);
  }
  return Ok();
}

/// The weights in force stay where too little was there to learn from.
void TakeOver(const domain::PairTally& tally, pb::MatchWeights& weights) {
  auto learnt = domain::LearntWeights(tally);
  if (learnt.records() > 0) weights = std::move(learnt);
}

void Advance(store::Sweep& sweep, TimePoint now) {
  auto& model = sweep.model;
  if (model.state() == pb::MatchModel::LEARNING) {
    TakeOver(sweep.people, *model.mutable_people());
    TakeOver(sweep.organisations, *model.mutable_organisations());
    model.set_state(pb::MatchModel::ASKING);
    model.set_customers(0);
    sweep = {model, "", {}, {}};
  } else {
    model.set_state(pb::MatchModel::DONE);
    *model.mutable_end_time() = ToProto(now);
  }
}

/// One step of the sweep; false when there is none any more.
Result<bool> Step(pg::Tx& tx, const Deps& deps, Passers& people, Passers& organisations) {
  auto sweep = store::LockSweep(tx);
  if (!sweep || sweep->model.state() == pb::MatchModel::DONE) return false;
  const bool learning = sweep->model.state() == pb::MatchModel::LEARNING;
  const auto judging = JudgingOf(tx);
  const auto ids = store::ToJudge(tx, sweep->after, kLearntAtOnce);
  TRY(const auto customers, store::LoadAll(tx, deps.vault, ids));
  TRY(auto records, learning ? store::RecordsOfAll(tx, deps.vault, ids)
                             : std::map<std::string, std::vector<pb::RawRecord>>());
  for (const auto& customer : customers) {
    if (learning) {
      const bool person = customer.has_person();
      TRY_VOID(Learn(tx, deps, customer, records[IdOf(customer.name())],
                     person ? sweep->people : sweep->organisations, person ? people : organisations));
    } else {
      TRY_VOID(AskAbout(tx, deps, customer, judging, sweep->model));
    }
  }
  sweep->model.set_customers(sweep->model.customers() + static_cast<std::int64_t>(customers.size()));
  if (!ids.empty()) sweep->after = ids.back();
  if (ids.size() < kLearntAtOnce) Advance(*sweep, tx.now());
  store::SaveSweep(tx, *sweep);
  return true;
}

}  // namespace

Result<pb::MatchModel> GetMatchModel(Call& call, Deps& deps, const pb::GetMatchModelRequest&) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<pb::MatchModel> { return JudgingOf(tx).model; });
}

Result<pb::MatchModel> LearnMatchModel(Call& call, Deps& deps, const pb::LearnMatchModelRequest&) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<pb::MatchModel> {
    auto sweep = store::LockSweep(tx).value_or(store::Sweep());
    auto& model = sweep.model;
    if (model.state() == pb::MatchModel::LEARNING || model.state() == pb::MatchModel::ASKING) return model;
    model.set_state(pb::MatchModel::LEARNING);
    *model.mutable_start_time() = ToProto(tx.now());
    model.clear_end_time();
    model.clear_customers();
    model.clear_cases();
    store::SaveSweep(tx, {model, "", {}, {}});
    pg::Enqueue(tx, kLearnWeights, call.principal.tenant, google::protobuf::StringValue());
    return model;
  });
}

Result<void> LearnWeights(Call& call, Deps& deps, const google::protobuf::StringValue&) {
  Passers people, organisations;
  for (bool more = true; more;) {
    call.deadline = std::chrono::steady_clock::now() + kLearnStep;
    TRY(more, deps.db.Write(call, [&](pg::Tx& tx) { return Step(tx, deps, people, organisations); }));
  }
  return Ok();
}

}  // namespace carillon::customer::api
