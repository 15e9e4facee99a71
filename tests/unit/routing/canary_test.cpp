#include "routing/domain/canary.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "base/proto_time.hpp"
#include "floor.hpp"

using namespace std::chrono_literals;
using carillon::FromProto;
using carillon::ToProto;
using carillon::routing::testing::Call;
using carillon::routing::testing::Floor;
using carillon::routing::testing::Id;
namespace domain = carillon::routing::domain;
namespace pb = carillon::routing::v1;

namespace {

const std::string kUid = "trial";

/// A queue "business" with two agents of which one is the expert, and a canary on half of its work.
struct Trial {
  Floor floor;
  std::set<std::string> used;

  explicit Trial(const std::function<void(pb::Queue&)>& queue = {}) {
    floor.Skill("expert");
    floor.Queue("business", {}, queue);
    floor.Profile("all", {"business"});
    floor.Agent("1001", "all");
    floor.Agent("1002", "all", {{"expert", 5}});
  }

  domain::Applied Start(const std::function<void(pb::Canary&)>& how) {
    pb::Command command;
    auto& canary = *command.mutable_start_canary();
    canary.set_uid(kUid);
    canary.mutable_policy()->set_name("queues/business");
    canary.set_share(50);
    canary.set_min_sample(2);
    canary.set_service_level_margin(10);
    canary.set_abandonment_margin(10);
    *canary.mutable_wait_margin() = ToProto(carillon::Duration{10s});
    how(canary);
    command.set_actor("users/boss");
    return floor.Do(command);
  }
  domain::Applied End() {
    pb::Command command;
    command.mutable_end_canary()->set_queue("business");
    command.mutable_end_canary()->set_reason("enough");
    command.set_actor("users/boss");
    return floor.Do(command);
  }
  domain::Applied Promote() {
    pb::Command command;
    command.mutable_promote_canary()->set_queue("business");
    command.mutable_promote_canary()->set_etag("2");
    return floor.Do(command);
  }
  /// A name whose lot is under the tried rules, or is not.
  std::string Name(bool tries) {
    for (int i = 0;; ++i) {
      auto name = "call " + std::to_string(i);
      if ((domain::CanaryLotOf(kUid, Id(name)) < 50) == tries && used.insert(name).second) return name;
    }
  }
  std::string Ring(bool tries) {
    const auto name = Name(tries);
    REQUIRE_FALSE(floor.Ring(name).error);
    return name;
  }
  const pb::Canary& canary() { return *floor.engine().FindCanary("business"); }
  const pb::CanaryLot& LotOf(const std::string& name) { return floor.LastRecord(name).canary(); }
  void Serve(const std::string& name) {
    REQUIRE_FALSE(floor.Accept(name).error);
    REQUIRE_FALSE(floor.HangUp(name).error);
    REQUIRE_FALSE(floor.Complete(name).error);
  }
};

void AskForExpert(pb::Canary& canary) {
  auto& need = *canary.mutable_policy()->add_required_skills();
  need.set_skill("skills/expert");
  need.set_min_level(1);
}

pb::Canary Counted(std::int64_t in_time, std::int64_t left, std::int64_t judged) {
  pb::Canary out;
  out.set_min_sample(100);
  out.set_service_level_margin(5);
  out.set_abandonment_margin(3);
  *out.mutable_wait_margin() = ToProto(carillon::Duration{10s});
  out.mutable_control()->set_judged(1000);
  out.mutable_control()->set_answered(900);
  out.mutable_control()->set_answered_in_time(800);
  out.mutable_control()->set_abandoned(100);
  *out.mutable_control()->mutable_wait() = ToProto(carillon::Duration{10s} * 900);
  out.mutable_canary()->set_judged(judged);
  out.mutable_canary()->set_answered(judged - left);
  out.mutable_canary()->set_answered_in_time(in_time);
  out.mutable_canary()->set_abandoned(left);
  *out.mutable_canary()->mutable_wait() = ToProto(carillon::Duration{10s} * (judged - left));
  domain::Reckon(*out.mutable_control());
  domain::Reckon(*out.mutable_canary());
  return out;
}

}  // namespace

TEST_CASE("a lot is the same for the same interaction, and one in so many is below the share") {
  int below = 0;
  for (int i = 0; i < 10000; ++i) {
    const auto id = Id(std::to_string(i));
    const int lot = domain::CanaryLotOf("one", id);
    REQUIRE((lot >= 0 && lot < 100));
    REQUIRE(lot == domain::CanaryLotOf("one", id));
    below += lot < 10 ? 1 : 0;
  }
  CHECK(below > 850);
  CHECK(below < 1150);
  CHECK(domain::CanaryLotOf("trial", "00000000-0000-4000-8000-000000000000") == 12);  // for ever
}

TEST_CASE("every field of a queue is on trial or is not") {
  const std::set<std::string> kept{"name",
                                   "etag",
                                   "code",
                                   "display_name",
                                   "client",
                                   "channels",
                                   "max_length",
                                   "closed",
                                   "hours",
                                   "full_target",
                                   "create_time",
                                   "update_time",
                                   "bonus_seconds",
                                   "waiting_texts",
                                   "closed_target",
                                   "default_priority",
                                   "service_level_time",
                                   "min_working",
                                   "briefing_required"};
  const auto* type = pb::Queue::descriptor();
  std::set<std::string> tried;
  for (int i = 0; i < type->field_count(); ++i) {
    pb::Queue with;
    const auto* field = type->field(i);
    const auto* how = with.GetReflection();
    if (field->is_map())
      (*with.mutable_bonus_seconds())["GOLD"] = 1;
    else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE)
      field->is_repeated() ? (void)how->AddMessage(&with, field) : (void)how->MutableMessage(&with, field);
    else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING)
      field->is_repeated() ? how->AddString(&with, field, "x") : how->SetString(&with, field, "x");
    else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_ENUM)
      field->is_repeated() ? how->AddEnumValue(&with, field, 1) : how->SetEnumValue(&with, field, 1);
    else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_BOOL)
      how->SetBool(&with, field, true);
    else
      how->SetInt32(&with, field, 1);
    INFO(field->name());
    const bool on_trial = domain::Tried({}, with).ByteSizeLong() > 0;
    CHECK(on_trial != kept.contains(field->name()));
    CHECK(domain::SameOnTrial({}, with) != on_trial);
    CHECK((domain::Tried(with, {}).ByteSizeLong() > 0) !=
          on_trial);  // what the policy does not set is not set
  }
  CHECK(type->field_count() == 39);
}

TEST_CASE("a canary is worse by more than a margin, and only with enough of both") {
  CHECK(domain::WorseBy(Counted(80, 10, 100)).empty());
  CHECK(domain::WorseBy(Counted(75, 10, 100)).empty());
  CHECK(domain::WorseBy(Counted(74, 10, 100)) == "SERVICE_LEVEL");
  CHECK(domain::WorseBy(Counted(73, 10, 99)).empty());
  CHECK(domain::WorseBy(Counted(80, 13, 100)).empty());
  CHECK(domain::WorseBy(Counted(80, 14, 100)) == "ABANDONMENT");
  auto slow = Counted(80, 10, 100);
  *slow.mutable_canary()->mutable_wait() = ToProto(carillon::Duration{20s} * 90);
  domain::Reckon(*slow.mutable_canary());
  CHECK(domain::WorseBy(slow).empty());
  *slow.mutable_canary()->mutable_wait() = ToProto(carillon::Duration{20s} * 90 + carillon::Duration{90us});
  domain::Reckon(*slow.mutable_canary());
  CHECK(domain::WorseBy(slow) == "WAIT");
  auto few = Counted(0, 100, 100);
  few.mutable_control()->set_judged(99);
  CHECK(domain::WorseBy(few).empty());
  CHECK(domain::WorseBy(Counted(100, 0, 100)).empty());  // better is never worse
}

TEST_CASE("a share of new work goes by the tried rules, the rest by the queue's, and each says why") {
  Trial trial;
  trial.floor.Ready("1001");  // idle for longer
  trial.floor.Pass(1s);
  trial.floor.Ready("1002");
  const auto version = trial.floor.engine().rule_version();
  REQUIRE_FALSE(trial.Start(AskForExpert).error);
  CHECK(trial.floor.engine().rule_version() == version + 1);
  CHECK(trial.canary().state() == pb::Canary::RUNNING);
  CHECK(trial.canary().starter() == "users/boss");
  CHECK(trial.canary().policy().required_skills(0).skill() == "skills/" + Id("skill expert"));
  CHECK(trial.floor.EventsOf<pb::CanaryStarted>().size() == 1);

  const auto tried = trial.Ring(true);
  CHECK(trial.floor.RebuildsAndReplays());  // with one part still empty
  CHECK(trial.floor.AgentOf(tried) == "1002");
  CHECK(trial.LotOf(tried).tries());
  CHECK(trial.LotOf(tried).share() == 50);
  CHECK(trial.LotOf(tried).lot() == domain::CanaryLotOf(kUid, Id(tried)));
  trial.Serve(tried);
  const auto own = trial.Ring(false);
  CHECK(trial.floor.AgentOf(own) == "1001");
  CHECK_FALSE(trial.LotOf(own).tries());
  CHECK(trial.LotOf(own).canary() == kUid);
  trial.Serve(own);
  CHECK(trial.canary().canary().came() == 1);
  CHECK(trial.canary().canary().answered_in_time() == 1);
  CHECK(trial.canary().canary().service_level() == 1.0);
  CHECK(trial.canary().control().came() == 1);
  CHECK(trial.canary().control().judged() == 1);

  // A callback takes no part.
  Call call;
  call.more = [](pb::Interaction& in) {
    in.set_channel(carillon::type::v1::CALLBACK);
    in.set_direction(pb::Interaction::OUTBOUND);
  };
  const auto callback = trial.Name(true);
  trial.floor.Ring(callback, call);
  CHECK_FALSE(trial.floor.LastRecord(callback).has_canary());
  CHECK(trial.floor.RebuildsAndReplays());
}

TEST_CASE("a canary that nobody can serve takes itself back when enough have waited too long") {
  Trial trial;
  trial.floor.Ready("1001");
  REQUIRE_FALSE(trial.Start(AskForExpert).error);  // and the expert is not at work
  trial.Serve(trial.Ring(false));
  trial.Serve(trial.Ring(false));
  const auto first = trial.Ring(true);
  trial.floor.Pass(5s);
  const auto second = trial.Ring(true);
  CHECK(trial.floor.See(first).state() == pb::Interaction::QUEUED);
  CHECK(trial.floor.RebuildsAndReplays());
  trial.floor.Pass(19s);
  CHECK(trial.canary().canary().judged() == 1);
  CHECK(trial.canary().state() == pb::Canary::RUNNING);
  trial.floor.Pass(1s);
  CHECK(trial.canary().state() == pb::Canary::ROLLED_BACK);
  CHECK(trial.canary().end_reason() == "SERVICE_LEVEL");
  CHECK(trial.canary().ender() == "system");
  CHECK(FromProto(trial.canary().end_time()) == FromProto(trial.floor.See(second).queue_time()) + 20s);
  const auto ended = trial.floor.EventsOf<pb::CanaryEnded>();
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].canary().canary().judged() == 2);
  CHECK(ended[0].canary().control().answered_in_time() == 2);
  // Who waited goes on by the queue's rules at once.
  CHECK(trial.floor.AgentOf(first) == "1001");
  CHECK(trial.LotOf(first).tries());
  const auto after = trial.Ring(true);
  CHECK_FALSE(trial.floor.LastRecord(after).has_canary());
  CHECK(trial.floor.engine().FindQueue("business")->required_skills().empty());
  CHECK(trial.floor.RebuildsAndReplays());
  // Over is over: nothing is counted any more, and another may be started.
  trial.floor.HangUp(second);
  CHECK(trial.canary().canary().abandoned() == 0);
  CHECK_FALSE(trial.Start(AskForExpert).error);
  CHECK(trial.canary().canary().came() == 0);
}

TEST_CASE("what becomes of the work is counted in its part, once") {
  Trial trial([](pb::Queue& queue) { *queue.mutable_max_wait() = ToProto(carillon::Duration{30s}); });
  REQUIRE_FALSE(trial
                    .Start([](pb::Canary& canary) {
                      canary.set_min_sample(100);
                      *canary.mutable_policy()->mutable_max_wait() = ToProto(carillon::Duration{10s});
                      canary.mutable_policy()->mutable_max_wait_target()->set_kind(
                          pb::Queue::Target::HANG_UP);
                    })
                    .error);
  const auto tried = [&]() -> const pb::Canary::Arm& { return trial.canary().canary(); };
  const auto left = trial.Ring(true);
  trial.floor.Pass(4s);
  trial.floor.HangUp(left);
  CHECK(tried().abandoned() == 1);
  CHECK(tried().judged() == 1);
  CHECK(tried().abandonment() == 1.0);
  const auto released = trial.Ring(true);
  const auto waits = trial.Ring(false);
  trial.floor.Pass(10s);
  CHECK(trial.floor.See(released).state() == pb::Interaction::CANCELED);
  CHECK(trial.floor.See(waits).state() == pb::Interaction::QUEUED);
  CHECK(tried().diverted() == 1);
  CHECK(tried().judged() == 2);
  // Booked as a callback: it goes on by its rules, and counts no more.
  const auto booked = trial.Ring(true);
  trial.floor.Callback(booked, "13900001111");
  CHECK(tried().diverted() == 2);
  trial.floor.Ready("1001");
  CHECK(trial.floor.AgentOf(waits) == "1001");
  trial.floor.Accept(waits);
  CHECK(trial.canary().control().answered_in_time() == 1);
  CHECK(FromProto(trial.canary().control().mean_wait()) == 10s);
  // A phone that fails makes the answer none; the next one counts.
  trial.floor.PhoneFailed(waits);
  CHECK(trial.canary().control().answered() == 0);
  CHECK(trial.canary().control().answered_in_time() == 0);
  CHECK_FALSE(trial.canary().control().has_mean_wait());
  trial.floor.Pass(30s);
  trial.floor.Ready("1002");
  trial.floor.Accept(waits);
  CHECK(trial.canary().control().answered() == 1);
  CHECK(trial.canary().control().answered_in_time() == 0);
  CHECK(trial.canary().control().judged() == 1);
  CHECK(tried().judged() == 3);
  CHECK(tried().answered() == 0);
  CHECK(trial.floor.RebuildsAndReplays());
}

TEST_CASE("a canary is promoted or ended by hand, and while it runs its queue changes only beside it") {
  Trial trial;
  CHECK(trial.End().error->reason == "CANARY_NOT_RUNNING");
  REQUIRE_FALSE(trial.Start(AskForExpert).error);
  CHECK(trial.Start(AskForExpert).error->reason == "CANARY_RUNNING");
  CHECK_FALSE(trial.floor.Queue("business", {}, [](pb::Queue& queue) { queue.set_closed(true); }).error);
  CHECK(trial.floor.engine().FindQueue("business")->closed());
  CHECK_FALSE(trial.floor.Queue("business").error);
  CHECK(trial.floor.Queue("business", {{"expert", 2}}).error->reason == "CANARY_RUNNING");
  pb::Command command;
  command.set_delete_skill(Id("skill expert"));
  CHECK(trial.floor.Do(command).error->reason == "SKILL_IN_USE");
  command.set_delete_queue(Id("queue business"));
  CHECK(trial.floor.Do(command).error->reason == "CANARY_RUNNING");

  trial.floor.Ready("1001");
  const auto waits = trial.Ring(true);
  CHECK(trial.floor.See(waits).state() == pb::Interaction::QUEUED);
  SECTION("ended") {
    const auto ended = trial.End();
    REQUIRE_FALSE(ended.error);
    CHECK(trial.canary().state() == pb::Canary::ENDED);
    CHECK(trial.canary().end_reason() == "enough");
    CHECK(trial.canary().ender() == "users/boss");
    CHECK(trial.floor.AgentOf(waits) == "1001");
  }
  SECTION("promoted") {
    REQUIRE_FALSE(trial.Promote().error);
    CHECK(trial.canary().state() == pb::Canary::PROMOTED);
    const auto& queue = *trial.floor.engine().FindQueue("business");
    CHECK(queue.required_skills_size() == 1);
    CHECK(queue.etag() == "2");
    CHECK(queue.client() == "clients/" + Id("client"));
    CHECK(trial.floor.See(waits).state() == pb::Interaction::QUEUED);
    CHECK(trial.floor.See(trial.Ring(false)).state() == pb::Interaction::QUEUED);
  }
  CHECK(trial.floor.EventsOf<pb::CanaryEnded>().size() == 1);
  CHECK(trial.floor.RebuildsAndReplays());
  CHECK(trial.Start([](pb::Canary& canary) { canary.clear_wait_margin(); }).error->reason == "CANARY_MARGIN");
}
