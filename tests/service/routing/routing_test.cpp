#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <set>
#include <thread>

#include "platform.hpp"

namespace carillon::routing {
namespace {

Platform& ThePlatform() {
  static Platform platform;
  return platform;
}

/// Signs in, goes ready and serves what is offered until told to stop and nothing waits.
void Work(Platform& platform, Person& person, const std::atomic<bool>& closing,
          std::set<std::string>& completed, std::mutex& mutex) {
  DeskStream desk(person);
  pb::SignInRequest sign_in;
  sign_in.set_seat(person.id.substr(24));
  sign_in.set_extension("8001");
  Must(platform.As<pb::AgentSession>(person, "SignIn", sign_in));
  pb::SetStatusRequest ready;
  ready.set_status(pb::READY);
  Must(platform.As<pb::AgentSession>(person, "SetStatus", ready));
  for (;;) {
    const auto now = desk.Await(
        [](const pb::Desk& d) {
          return d.offers_size() > 0 || d.interactions_size() > 0 ||
                 d.session().state() == pb::AgentSession::NOT_READY;
        },
        500ms);
    if (!now) {
      if (closing) return;
      continue;
    }
    if (now->session().state() == pb::AgentSession::NOT_READY) {
      Must(platform.As<pb::AgentSession>(person, "SetStatus", ready));
    } else if (now->offers_size() > 0) {
      pb::AcceptReservationRequest accept;
      accept.set_name(now->offers(0).reservation().name());
      accept.set_version(now->offers(0).reservation().version());
      accept.set_request_id(testing::SomeId());
      (void)platform.As<pb::Interaction>(person, "AcceptReservation",
                                         accept);  // it may be gone: the desk tells
      desk.Await([](const pb::Desk& d) { return d.offers_size() == 0; }, 2s);
    } else if (now->interactions(0).state() == pb::Interaction::ASSIGNED) {
      (void)platform.End(now->interactions(0).name());
      desk.Await([](const pb::Desk& d) { return d.session().state() != pb::AgentSession::BUSY; }, 2s);
    } else {
      pb::CompleteInteractionRequest complete;
      complete.set_name(now->interactions(0).name());
      complete.set_disposition("RESOLVED");
      complete.set_request_id(testing::SomeId());
      if (const auto done = platform.As<pb::Interaction>(person, "CompleteInteraction", complete)) {
        const std::lock_guard lock(mutex);
        completed.insert(done->name());
      }
      desk.Await(
          [&](const pb::Desk& d) {
            return d.interactions_size() == 0 || d.interactions(0).name() != complete.name();
          },
          2s);
    }
  }
}

}  // namespace

TEST_CASE("rules are made, read, changed and taken back over gRPC, with versions", "[routing][service]") {
  auto& platform = ThePlatform();
  pb::CreateSkillRequest make;
  make.mutable_skill()->set_code("cantonese");
  const auto made =
      platform.boss->Ask<pb::Skill>(AnyCall(), std::string(kRules) + "CreateSkill", make, 15s).value();
  const auto twice = platform.boss->Ask<pb::Skill>(AnyCall(), std::string(kRules) + "CreateSkill", make, 15s);
  REQUIRE_FALSE(twice);
  CHECK(twice.error().reason == "CODE_TAKEN");
  pb::GetSkillRequest get;
  get.set_name("skills/cantonese");
  CHECK(platform.boss->Ask<pb::Skill>(AnyCall(), std::string(kRules) + "GetSkill", get, 15s).value().name() ==
        made.name());
  pb::UpdateSkillRequest change;
  change.mutable_skill()->set_name(made.name());
  change.mutable_skill()->set_display_name("粤语");
  change.mutable_skill()->set_etag(made.etag());
  change.mutable_update_mask()->add_paths("display_name");
  const auto changed =
      platform.boss->Ask<pb::Skill>(AnyCall(), std::string(kRules) + "UpdateSkill", change, 15s).value();
  CHECK(changed.display_name() == "粤语");
  CHECK(changed.code() == "cantonese");
  const auto stale =
      platform.boss->Ask<pb::Skill>(AnyCall(), std::string(kRules) + "UpdateSkill", change, 15s);
  REQUIRE_FALSE(stale);
  CHECK(stale.error().reason == "ETAG_STALE");
  pb::DeleteSkillRequest remove;
  remove.set_name(made.name());
  CHECK(platform.boss->Ask<google::protobuf::Empty>(AnyCall(), std::string(kRules) + "DeleteSkill", remove,
                                                    15s));
  CHECK(platform.boss->Ask<pb::Skill>(AnyCall(), std::string(kRules) + "GetSkill", get, 15s).error().reason ==
        "SKILL_UNKNOWN");
}

TEST_CASE("waiting work is explained and becomes a callback; desks have rules", "[routing][service]") {
  auto& platform = ThePlatform();
  auto& person = platform.people[3];
  pb::UpdateDeskRulesRequest rules;
  rules.mutable_desk_rules()->add_reasons()->set_code("REST");
  const auto ruled =
      platform.boss->Ask<pb::DeskRules>(AnyCall(), std::string(kRules) + "UpdateDeskRules", rules, 15s);
  REQUIRE(ruled);
  rules.mutable_desk_rules()->set_etag("an older one");
  const auto stale =
      platform.boss->Ask<pb::DeskRules>(AnyCall(), std::string(kRules) + "UpdateDeskRules", rules, 15s);
  REQUIRE_FALSE(stale);
  CHECK(stale.error().reason == "ETAG_STALE");
  CHECK(platform.boss
            ->Ask<pb::DeskRules>(AnyCall(), std::string(kRules) + "GetDeskRules", pb::GetDeskRulesRequest(),
                                 15s)
            .value()
            .etag() == ruled->etag());

  pb::SignInRequest sign_in;
  sign_in.set_seat("seat of rules");
  sign_in.set_extension("8009");
  REQUIRE(platform.As<pb::AgentSession>(person, "SignIn", sign_in));
  pb::SetStatusRequest rest;
  rest.set_status(pb::NOT_READY);
  rest.set_reason("SHOPPING");
  const auto unknown = platform.As<pb::AgentSession>(person, "SetStatus", rest);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().reason == "REASON_UNKNOWN");
  rest.set_reason("REST");
  CHECK(platform.As<pb::AgentSession>(person, "SetStatus", rest));

  const auto made = platform.Ring(testing::SomeId());
  REQUIRE(made);
  pb::ExplainInteractionRequest why;
  why.set_name(made->name());
  const auto explained = platform.boss->Ask<pb::ExplainInteractionResponse>(
      AnyCall(), std::string(kWork) + "ExplainInteraction", why, 15s);
  REQUIRE(explained);
  CHECK(explained->key().sequence() > 0);
  REQUIRE(explained->verdicts_size() == 1);
  CHECK(explained->verdicts(0).bar() == pb::Verdict::NOT_READY);
  CHECK(explained->verdicts(0).reason() == "REST");
  pb::ExplainAgentRequest idle;
  idle.set_agent("agents/" + person.id);
  const auto side =
      platform.boss->Ask<pb::ExplainAgentResponse>(AnyCall(), std::string(kDesk) + "ExplainAgent", idle, 15s);
  REQUIRE(side);
  REQUIRE(side->verdicts_size() == 1);
  CHECK(side->verdicts(0).interaction() == made->name());

  pb::RequestCallbackRequest callback;
  callback.set_name(made->name());
  callback.set_phone_number("13800138000");
  callback.set_request_id(testing::SomeId());
  const auto booked = platform.ivr->Ask<pb::Interaction>(
      platform.AsService(), std::string(kWork) + "RequestCallback", callback, 15s);
  REQUIRE(booked);
  CHECK(booked->channel() == type::v1::CALLBACK);
  CHECK(booked->position() == 1);
  CHECK(platform.End(made->name()).value().state() == pb::Interaction::QUEUED);
  pb::CancelInteractionRequest cancel;
  cancel.set_name(made->name());
  cancel.set_reason("TEST");
  CHECK(
      platform.ivr
          ->Ask<pb::Interaction>(platform.AsService(), std::string(kWork) + "CancelInteraction", cancel, 15s)
          .value()
          .state() == pb::Interaction::CANCELED);
  CHECK(platform.As<pb::AgentSession>(person, "SignOut", pb::SignOutRequest()));
  rules.mutable_desk_rules()->Clear();
  CHECK(platform.boss->Ask<pb::DeskRules>(AnyCall(), std::string(kRules) + "UpdateDeskRules", rules, 15s));
}

TEST_CASE("only services bring work, only agents answer, and a missing field is named",
          "[routing][service]") {
  auto& platform = ThePlatform();
  pb::CreateInteractionRequest ring;
  ring.mutable_interaction()->set_queue("queues/business");
  CHECK(platform.people[0]
            .line->Ask<pb::Interaction>(AnyCall(), std::string(kWork) + "CreateInteraction", ring, 15s)
            .error()
            .code == Code::kPermissionDenied);
  ring.mutable_interaction()->clear_queue();
  const auto refused = platform.ivr->Ask<pb::Interaction>(
      platform.AsService(), std::string(kWork) + "CreateInteraction", ring, 15s);
  REQUIRE(refused.error().code == Code::kInvalidArgument);
  CHECK(refused.error().violations.at(0).field == "interaction.queue");
  pb::CreateSkillRequest make;
  make.mutable_skill()->set_code("x");
  CHECK(platform.people[0]
            .line->Ask<pb::Skill>(AnyCall(), std::string(kRules) + "CreateSkill", make, 15s)
            .error()
            .code == Code::kPermissionDenied);
}

TEST_CASE("either of two instances takes calls and streams, whichever writes the shard",
          "[routing][service]") {
  auto& platform = ThePlatform();
  testing::ServiceProcess second("routing", platform.db,
                                 {{"PEERS", "access=" + platform.access.target() + ",telephony=127.0.0.1:" +
                                                std::to_string(testing::FreePort())},
                                  {"AUTH_SECRET", kSecret},
                                  {"INSTANCE", "routing-2"}});
  const auto& first = platform.people[0];
  Person there{
      first.id, first.token,
      std::make_unique<rpc::Peer>(second.target(), rpc::Tls{},
                                  [token = first.token](auto) -> Result<std::string> { return token; })};
  // Handed on: what the writer refuses comes back as it said it, what it does is done once.
  const auto nobody = platform.As<pb::AgentSession>(there, "SetStatus", [] {
    pb::SetStatusRequest request;
    request.set_status(pb::READY);
    return request;
  }());
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().reason == platform
                                     .As<pb::AgentSession>(platform.people[0], "SetStatus",
                                                           [] {
                                                             pb::SetStatusRequest request;
                                                             request.set_status(pb::READY);
                                                             return request;
                                                           }())
                                     .error()
                                     .reason);
  DeskStream desk(there);
  pb::SignInRequest sign_in;
  sign_in.set_seat("far");
  sign_in.set_extension("8009");
  REQUIRE(platform.As<pb::AgentSession>(there, "SignIn", sign_in));
  CHECK(desk.Await(
      [](const pb::Desk& d) { return d.session().seat() == "far" && d.session().desk_connected(); }, 10s));
  CHECK(platform.Look("SELECT count(*) FROM shards WHERE holder LIKE 'routing-2@%'") == "0");
  // The writer is killed: whoever has the shard then goes on with what there is, and the stream opens again.
  const auto made = platform.Ring(testing::SomeId());
  REQUIRE(made);
  platform.routing.CrashAndRestart();
  CHECK(platform.Look("SELECT count(*) FROM interactions WHERE interaction_id = '" + IdOf(made->name()) +
                      "'") == "1");
  pb::CancelInteractionRequest cancel;
  cancel.set_name(made->name());
  cancel.set_request_id(testing::SomeId());
  rpc::Peer ivr(second.target(), {}, [&](auto) -> Result<std::string> { return platform.ServiceToken(); });
  CHECK(ivr.Ask<pb::Interaction>(platform.AsService(), std::string(kWork) + "CancelInteraction", cancel, 20s)
            .value()
            .state() == pb::Interaction::CANCELED);
  CHECK(desk.Await([](const pb::Desk& d) { return d.session().desk_connected(); }, 10s));
  CHECK(platform.As<pb::AgentSession>(there, "SignOut", pb::SignOutRequest()));
}

TEST_CASE("a canary is started, explained, outlives a killed process and takes itself back, audited",
          "[routing][service]") {
  auto& platform = ThePlatform();
  const auto ask = [&](rpc::Peer& who, const std::string& method, const google::protobuf::Message& request) {
    return who.Ask<pb::Canary>(AnyCall(), std::string(kRules) + method, request, 20s);
  };
  const auto audited = [&](const std::string& action) {
    return std::stoi(
        platform.Look("SELECT count(*) FROM outbox WHERE topic = 'carillon.routing.audit.v1' AND position('" +
                      action + "'::bytea in payload) > 0"));
  };
  pb::CreateQueueRequest queue;  // that nobody serves
  queue.mutable_queue()->set_code("trial");
  queue.mutable_queue()->set_client(platform.client);
  queue.mutable_queue()->mutable_service_level_time()->set_seconds(1);
  const auto made =
      platform.boss->Ask<pb::Queue>(AnyCall(), std::string(kRules) + "CreateQueue", queue, 15s).value();
  pb::GetCanaryRequest get;
  get.set_queue("queues/trial");
  CHECK(ask(*platform.boss, "GetCanary", get).error().reason == "CANARY_UNKNOWN");
  pb::StartCanaryRequest start;
  start.set_queue("queues/trial");
  auto& canary = *start.mutable_canary();
  *canary.mutable_policy() = made;
  canary.mutable_policy()->set_strategy(pb::Queue::TOP_DOWN);
  canary.set_share(50);
  canary.set_min_sample(2);
  canary.set_service_level_margin(100);
  canary.set_abandonment_margin(10);
  canary.mutable_wait_margin()->set_seconds(60);
  start.set_request_id(testing::SomeId());
  CHECK(ask(*platform.people[0].line, "StartCanary", start).error().code == Code::kPermissionDenied);
  const int started = audited("StartCanary");
  REQUIRE(ask(*platform.boss, "StartCanary", start));
  CHECK(audited("StartCanary") == started + 1);

  std::vector<std::string> tried, rest;
  while (tried.size() < 2 || rest.size() < 2) {
    pb::CreateInteractionRequest request;
    request.mutable_interaction()->set_queue("queues/trial");
    request.mutable_interaction()->set_channel(carillon::type::v1::CHAT);
    request.set_request_id(testing::SomeId());
    const auto work = platform.ivr->Ask<pb::Interaction>(
        platform.AsService(), std::string(kWork) + "CreateInteraction", request, 20s);
    REQUIRE(work);
    pb::ExplainInteractionRequest why;
    why.set_name(work->name());
    const auto told = platform.boss->Ask<pb::ExplainInteractionResponse>(
        AnyCall(), std::string(kWork) + "ExplainInteraction", why, 20s);
    REQUIRE(told);
    CHECK(told->canary().share() == 50);
    CHECK(told->canary().tries() == (told->canary().lot() < 50));
    (told->canary().tries() ? tried : rest).push_back(work->name());
  }
  platform.routing.CrashAndRestart();
  const auto after = ask(*platform.boss, "GetCanary", get);
  REQUIRE(after);
  CHECK(after->state() == pb::Canary::RUNNING);
  CHECK(after->canary().came() == static_cast<std::int64_t>(tried.size()));
  CHECK(after->control().came() == static_cast<std::int64_t>(rest.size()));

  // Customers under the tried rules leave, the others wait on.
  for (const auto& name : tried) REQUIRE(platform.End(name));
  const auto until = std::chrono::steady_clock::now() + 20s;
  auto over = ask(*platform.boss, "GetCanary", get).value();
  while (over.state() == pb::Canary::RUNNING && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(20ms);
    over = ask(*platform.boss, "GetCanary", get).value();
  }
  CHECK(over.state() == pb::Canary::ROLLED_BACK);
  CHECK(over.end_reason() == "ABANDONMENT");
  CHECK(over.ender() == "system");
  CHECK(over.canary().abandoned() >= 1);  // the others had waited too long already: it needs no more
  CHECK(audited("canary.roll_back") == 1);
  CHECK(
      platform.Look("SELECT count(*) FROM outbox WHERE type = 'carillon.routing.v1.CanaryEnded' AND key = '" +
                    IdOf(made.name()) + "'") == "1");
  for (const auto& name : rest) REQUIRE(platform.End(name));

  // By hand: what is promoted becomes the queue's.
  start.set_request_id(testing::SomeId());
  REQUIRE(ask(*platform.boss, "StartCanary", start));
  pb::PromoteCanaryRequest promote;
  promote.set_queue("queues/trial");
  promote.set_request_id(testing::SomeId());
  CHECK(ask(*platform.boss, "PromoteCanary", promote).value().state() == pb::Canary::PROMOTED);
  pb::GetQueueRequest look;
  look.set_name("queues/trial");
  const auto now = platform.boss->Ask<pb::Queue>(AnyCall(), std::string(kRules) + "GetQueue", look, 15s);
  REQUIRE(now);
  CHECK(now->strategy() == pb::Queue::TOP_DOWN);
  CHECK(now->etag() != made.etag());
  pb::EndCanaryRequest end;
  end.set_queue("queues/trial");
  end.set_request_id(testing::SomeId());
  CHECK(ask(*platform.boss, "EndCanary", end).error().reason == "CANARY_NOT_RUNNING");
}

TEST_CASE(
    "killed in the middle of many commands: all that was acknowledged is there, once, and nobody is stuck",
    "[routing][service]") {
  auto& platform = ThePlatform();
  // What other scenes left.
  const auto before = std::stoul(platform.Look("SELECT count(*) FROM interactions"));
  const std::string completions =
      "FROM outbox WHERE type = 'carillon.routing.v1.InteractionCompleted' AND id > " +
      platform.Look("SELECT coalesce(max(id), 0) FROM outbox");
  std::mutex mutex;
  std::set<std::string> rung, completed;
  std::atomic<bool> closed = false, closing = false;
  std::vector<std::jthread> threads;
  std::vector<std::jthread> callers;
  for (auto& person : platform.people)
    threads.emplace_back([&] { Work(platform, person, closing, completed, mutex); });
  for (int i = 0; i < 3; ++i)
    callers.emplace_back([&] {
      while (!closed) {
        const auto made = platform.Ring(testing::SomeId());
        if (!made) continue;
        const std::lock_guard lock(mutex);
        rung.insert(made->name());
      }
    });
  const auto count = [&](const std::set<std::string>& of) {
    const std::lock_guard lock(mutex);
    return of.size();
  };
  for (std::size_t crash = 1; crash <= 3; ++crash) {
    const auto until = std::chrono::steady_clock::now() + 30s;
    while ((count(rung) < 60 * crash || count(completed) < 15 * crash) &&
           std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
    obs::Info("crash", {{"rung", count(rung)}, {"completed", count(completed)}});
    platform.routing.CrashAndRestart();
  }
  closed = true;
  callers.clear();
  // What waits is served to the end.
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (platform.Look("SELECT count(*) FROM interactions WHERE ended_at IS NULL") != "0" &&
         std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(20ms);
  closing = true;
  threads.clear();
  CHECK(platform.Look("SELECT count(*) FROM interactions WHERE ended_at IS NULL") == "0");
  CHECK(rung.size() >= 180);
  for (const auto& name : rung)
    REQUIRE(platform.Look("SELECT count(*) FROM interactions WHERE interaction_id = '" + IdOf(name) +
                          "' AND state = 'COMPLETED'") == "1");
  for (const auto& name : completed) REQUIRE(rung.contains(name));
  // Each acknowledged request made one interaction; only a request cut off unanswered at the close may add
  // one.
  CHECK(platform.Look("SELECT count(*) FROM interactions") == std::to_string(before + rung.size()));
  // No agent is in a state that needs work when there is none.
  CHECK(platform.Look("SELECT count(*) FROM agent_sessions WHERE ended_at IS NULL AND state NOT IN ('READY', "
                      "'NOT_READY')") == "0");
  CHECK(platform.Look("SELECT max(seq) = count(*) FROM journal") == "t");
  CHECK(platform.Look("SELECT count(*) " + completions) == std::to_string(rung.size()));
  CHECK(platform.Look("SELECT count(DISTINCT key) " + completions) == std::to_string(rung.size()));
  for (auto& person : platform.people)
    CHECK(platform.As<pb::AgentSession>(person, "SignOut", pb::SignOutRequest()));
}

}  // namespace carillon::routing
