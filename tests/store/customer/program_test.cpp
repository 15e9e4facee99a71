#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "bench.hpp"
#include "customer/api/privacy.hpp"
#include "customer/api/profile.hpp"
#include "customer/api/steward.hpp"

namespace carillon::customer {
namespace {

/// What the service must know of a customer, said as simply as can be.
struct Modelled {
  std::string name, state = "PROSPECT", before, brand;
  std::set<std::string> numbers;
  int into = -1;      ///< whom it went into
  bool alone = true;  ///< was never part of a merge, so its values are its own
  std::vector<std::pair<TimePoint, pb::Customer>> was;  ///< as it was seen after each change
};

class Program {
 public:
  explicit Program(unsigned seed) : random_(seed) {}

  void Step() {
    call_.now += 1min;
    const int who = all_.empty() ? -1 : Any();
    switch (all_.size() < 3 ? 0 : random_() % 9) {
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
        if (!google::protobuf::util::MessageDifferencer::Equals(*then, seen)) {
          FAIL(then->ShortDebugString() << " is not " << seen.ShortDebugString());
        }
        ++checked;
      }
    }
    return checked;
  }

  int merges = 0, unmerges = 0, erasures = 0, refusals = 0;

 private:
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

  std::mt19937 random_;
  Call call_ = ServiceCall(testing::SomeId());
  std::vector<Modelled> all_;
};

TEST_CASE("any program of operations does what a simple model does, and every past moment is told as it was",
          "[customer][store][program]") {
  int merges = 0, unmerges = 0, erasures = 0, refusals = 0, past = 0;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    INFO("seed " << seed);
    Program program(seed);
    for (int step = 0; step < 60; ++step) program.Step();
    past += program.CheckPast();
    merges += program.merges;
    unmerges += program.unmerges;
    erasures += program.erasures;
    refusals += program.refusals;
  }
  CHECK(merges > 8);
  CHECK(unmerges > 2);
  CHECK(erasures > 2);
  CHECK(refusals > 20);
  CHECK(past > 60);
}

}  // namespace
}  // namespace carillon::customer
