#include "rpc/server.hpp"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "base/ids.hpp"
#include "carillon/rpctest/v1/rpctest.pb.h"
#include "carillon/type/v1/audit.pb.h"
#include "crypto/token.hpp"
#include "obs/log.hpp"
#include "rpc/auth.hpp"
#include "rpc/headers.hpp"
#include "rpc/later.hpp"
#include "rpc/peer.hpp"

namespace carillon::rpc {
namespace {

using namespace std::chrono_literals;
using rpctest::v1::Thing;

constexpr const char* kService = "carillon.rpctest.v1.TestService";

struct Deps {
  std::mutex mutex;
  std::shared_ptr<Feed<Thing>> feed;
  std::atomic<int> ran{0};
  std::atomic<int> opened{0};
  std::atomic<bool> reader_left{false};
  std::vector<type::v1::AuditEntry> audited;          // kept by the server itself, under `mutex`
  std::shared_ptr<const type::v1::AuditEntry> write;  // what the last Change carried
  bool audit_down = false;
  std::vector<Answer> owed;  // under `mutex`
};

Result<Thing> Open(Call&, Deps& deps, const Thing& in) {
  ++deps.opened;
  if (in.free() != "cookie") return in;
  AddAnswerHeader("set-cookie", "seen=" + RequestCookie("b"));
  return Unauthenticated("COOKIE_SEEN", "An error carries headers too.");
}

Result<Thing> Change(Call& call, Deps& deps, const Thing& in) {
  ++deps.ran;
  {
    const std::lock_guard lock(deps.mutex);
    deps.write = call.audit;
  }
  if (in.free() == "later") {
    auto answer = AnswerLater([](LateAnswer late) -> LateAnswer {
      if (!late && late.error().reason == "THING_AWAY")
        return std::shared_ptr<const google::protobuf::Message>(std::make_shared<Thing>());
      return late;
    });
    const std::lock_guard lock(deps.mutex);
    deps.owed.push_back(std::move(answer));
    return PermissionDenied("NOBODY_SEES_THIS", "What the handler returns is for nobody.");
  }
  if (in.free() == "forbidden") return PermissionDenied("THING_OUT_OF_SCOPE", "Not yours.");
  if (in.delay_ms() > 0) std::this_thread::sleep_for(std::chrono::milliseconds(in.delay_ms()));
  if (in.free() == "missing")
    return NotFound("THING_UNKNOWN", "There is no such thing.", {{"name", "things/1"}});
  if (in.free() == "broken") return Internal("password=hunter2");
  Thing out = in;
  out.set_tenant(call.principal.tenant);
  out.set_free(call.request_id + "|" + std::to_string(call.request_hash.size()));
  return out;
}

Result<Thing> Inside(Call& call, Deps&, const Thing& in) {
  Thing out = in;
  out.set_tenant(call.principal.tenant);
  return out;
}

Result<std::shared_ptr<Feed<Thing>>> Watch(Call&, Deps& deps, const Thing& in) {
  auto feed = std::make_shared<Feed<Thing>>();
  Thing first = in;
  first.set_free("full state");
  feed->Put("state", first);
  feed->OnClosed([&deps] { deps.reader_left = true; });
  const std::lock_guard lock(deps.mutex);
  deps.feed = feed;
  return feed;
}

/// A server with every method bound, and a key that signs tokens for it.
class Rig {
 public:
  explicit Rig(int threads = 4, int queue = 64)
      : key_(crypto::SigningKey::Generate(crypto::Provider::kIntl, "k1")),
        clock_(MakeSystemClock()),
        checker_("carillon", "carillon", [this] { return crypto::KeySet::FromJwks({key_.PublicJwk()}); }),
        server_({.address = "127.0.0.1:0",
                 .tls = {},
                 .threads = threads,
                 .queue_limit = queue,
                 .replay_key = "k",
                 .audit = [this](const Call&, const type::v1::AuditEntry& entry) -> Result<void> {
                   const std::lock_guard lock(deps.mutex);
                   if (deps.audit_down) return Unavailable("DATABASE_UNAVAILABLE", "down");
                   deps.audited.push_back(entry);
                   return Ok();
                 }},
                *clock_, [this](const std::string& token) { return checker_.Check(token); }) {
    Binder<Deps> bind(server_, kService, deps);
    bind.Unary("Open", Open);
    bind.Unary("Change", Change);
    bind.Unary("Inside", Inside);
    bind.Stream("Watch", Watch);
    server_.Start();
    server_.SetServing(true);
  }

  std::string TokenFor(std::vector<std::string> permissions, bool service = false,
                       std::chrono::seconds life = 60s) {
    crypto::Claims claims;
    claims.issuer = claims.audience = "carillon";
    claims.subject = service ? "services/test" : testing_id_;
    claims.tenant = service ? "" : tenant;
    claims.permissions = std::move(permissions);
    claims.service = service;
    claims.issued = RealNow();
    claims.expires = RealNow() + life;
    claims.id = NewId(RealNow());
    return key_.Sign(claims);
  }

  std::unique_ptr<Peer> PeerWith(std::string token) {
    return std::make_unique<Peer>(
        "127.0.0.1:" + std::to_string(server_.port()), Tls{},
        [token](std::chrono::steady_clock::time_point) -> Result<std::string> { return token; });
  }

  Result<Thing> Ask(const std::string& token, const std::string& method, const Thing& in,
                    std::chrono::milliseconds timeout = 5s, const std::string& as_tenant = "") {
    Call call;
    call.principal.tenant = as_tenant;
    call.deadline = std::chrono::steady_clock::now() + 10s;
    return PeerWith(token)->Ask<Thing>(call, std::string(kService) + "/" + method, in, timeout);
  }

  Deps deps;
  const std::string tenant = NewId(RealNow());
  Server& server() { return server_; }

 private:
  const std::string testing_id_ = NewId(RealNow());
  crypto::SigningKey key_;
  std::unique_ptr<Clock> clock_;
  TokenChecker checker_;
  Server server_;
};

Thing Titled() {
  Thing thing;
  thing.set_title("title");
  return thing;
}

TEST_CASE("a call gets in with the permission its method names, and not without", "[rpc]") {
  Rig rig;
  CHECK(rig.Ask("", "Open", Titled()));
  const auto allowed = rig.Ask(rig.TokenFor({"thing.change"}), "Change", Titled());
  REQUIRE(allowed);
  CHECK(allowed->tenant() == rig.tenant);
  CHECK(rig.Ask("", "Change", Titled()).error().reason == "TOKEN_MISSING");
  const auto denied = rig.Ask(rig.TokenFor({"thing.watch"}), "Change", Titled());
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Code::kPermissionDenied);
  CHECK(denied.error().metadata.at("permission") == "thing.change");
  CHECK(rig.Ask(rig.TokenFor({"thing.change"}), "Inside", Titled()).error().reason == "SERVICE_ONLY");
  CHECK(rig.deps.ran == 1);
}

TEST_CASE("calls go in turn to every process that a name stands for, and on when one has gone", "[rpc]") {
  auto first = std::make_unique<Rig>();
  Rig second;
  Peer peer("ipv4:127.0.0.1:" + std::to_string(first->server().port()) +
                ",127.0.0.1:" + std::to_string(second.server().port()),
            {}, nullptr);
  Call call;
  call.deadline = std::chrono::steady_clock::now() + 60s;
  const auto open = [&] {
    return peer.Ask<Thing>(call, std::string(kService) + "/Open", Titled(), 10s).has_value();
  };
  while (first->deps.opened == 0 || second.deps.opened == 0) REQUIRE(open());  // both are connected
  const int before = first->deps.opened - second.deps.opened;
  for (int i = 0; i < 20; ++i) REQUIRE(open());
  CHECK(first->deps.opened - second.deps.opened == before);
  first.reset();
  for (int i = 0; i < 20; ++i) CHECK(open());
}

TEST_CASE("a handler reads a cookie and sends one, with an error too; outside of a call there is none",
          "[rpc]") {
  Rig rig;
  const auto channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(rig.server().port()),
                                           grpc::InsecureChannelCredentials());
  const auto path = std::string("/") + kService + "/Open";
  const grpc::internal::RpcMethod method(path.c_str(), nullptr, grpc::internal::RpcMethod::NORMAL_RPC,
                                         channel);
  grpc::ClientContext context;
  context.AddMetadata("cookie", "ab=no; b=yes; c=no");
  auto in = Titled();
  in.set_free("cookie");
  Thing out;
  const auto status =
      grpc::internal::BlockingUnaryCall<Thing, Thing>(channel.get(), method, &context, in, &out);
  CHECK(status.error_code() == grpc::StatusCode::UNAUTHENTICATED);
  const auto& headers = context.GetServerInitialMetadata();
  REQUIRE(headers.contains("set-cookie"));
  CHECK(headers.find("set-cookie")->second == "seen=yes");
  AddAnswerHeader("x", "nowhere");
  CHECK(RequestCookie("b").empty());
}

TEST_CASE("a forged, foreign or expired token is unauthenticated", "[rpc]") {
  Rig rig;
  Rig other;
  auto forged = rig.TokenFor({"thing.change"});
  forged[forged.find('.') + 10] = forged[forged.find('.') + 10] == 'A' ? 'B' : 'A';
  for (const auto& token : {forged, other.TokenFor({"thing.change"}),
                            rig.TokenFor({"thing.change"}, false, -5s), std::string("x")}) {
    const auto refused = rig.Ask(token, "Change", Titled());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::kUnauthenticated);
  }
  CHECK(rig.deps.ran == 0);
}

TEST_CASE("only a service acts for the tenant it names; a user stays in its own", "[rpc]") {
  Rig rig;
  const auto elsewhere = NewId(RealNow());
  CHECK(rig.Ask(rig.TokenFor({}, true), "Inside", Titled(), 5s, elsewhere)->tenant() == elsewhere);
  CHECK(rig.Ask(rig.TokenFor({"thing.change"}), "Change", Titled(), 5s, elsewhere)->tenant() == rig.tenant);
}

TEST_CASE("a bad field never reaches the handler, and its path comes back", "[rpc]") {
  Rig rig;
  auto bad = Titled();
  bad.add_parts()->set_count(11);
  const auto refused = rig.Ask(rig.TokenFor({"thing.change"}), "Change", bad);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kInvalidArgument);
  CHECK(refused.error().violations.at(0).field == "parts[0].title");
  CHECK(refused.error().violations.at(1).field == "parts[0].count");
  CHECK(rig.deps.ran == 0);
}

TEST_CASE("replies are masked for the caller, requests arrive clear", "[rpc]") {
  Rig rig;
  auto thing = Titled();
  thing.set_phone("+8613800138000");
  CHECK(rig.Ask(rig.TokenFor({"thing.change"}), "Change", thing)->phone() == "+86138****8000");
  CHECK(rig.Ask(rig.TokenFor({"thing.change", "customer.unmask"}), "Change", thing)->phone() ==
        "+8613800138000");
  CHECK(rig.Ask(rig.TokenFor({}, true), "Inside", thing)->phone() == "+8613800138000");
}

TEST_CASE("a request's id and hash are there for the replay", "[rpc]") {
  Rig rig;
  auto thing = Titled();
  thing.set_request_id(NewId(RealNow()));
  CHECK(rig.Ask(rig.TokenFor({"thing.change"}), "Change", thing)->free() == thing.request_id() + "|32");
}

TEST_CASE("errors keep code, reason and metadata; an internal one gives away an incident id only", "[rpc]") {
  Rig rig;
  auto thing = Titled();
  thing.set_free("missing");
  const auto missing = rig.Ask(rig.TokenFor({"thing.change"}), "Change", thing);
  CHECK(missing.error().code == Code::kNotFound);
  CHECK(missing.error().reason == "THING_UNKNOWN");
  CHECK(missing.error().metadata.at("name") == "things/1");
  thing.set_free("broken");
  const auto broken = rig.Ask(rig.TokenFor({"thing.change"}), "Change", thing);
  CHECK(broken.error().code == Code::kInternal);
  CHECK_THAT(broken.error().message, !Catch::Contains("hunter2"));
  CHECK(IsUuid(broken.error().metadata.at("incident")));
}

TEST_CASE("more work than threads and queue hold is shed, and nothing past its deadline is started",
          "[rpc]") {
  Rig rig(1, 1);
  const auto token = rig.TokenFor({"thing.change"});
  auto slow = Titled();
  slow.set_delay_ms(400);
  std::vector<std::future<Result<Thing>>> calls;
  for (int i = 0; i < 8; ++i)
    calls.push_back(std::async(std::launch::async, [&] { return rig.Ask(token, "Change", slow, 300ms); }));
  int shed = 0;
  for (auto& each : calls) {
    const auto result = each.get();
    REQUIRE_FALSE(result);
    shed += result.error().reason == "OVERLOADED" ? 1 : 0;
  }
  CHECK(shed >= 5);
  CHECK(rig.deps.ran <= 2);
  bool answered = false;  // as soon as the queue has room again
  for (int i = 0; i < 500 && !answered; ++i) {
    answered = rig.Ask(token, "Change", Titled()).has_value();
    if (!answered) std::this_thread::sleep_for(10ms);
  }
  CHECK(answered);
}

TEST_CASE("an answer comes later than its handler, and no thread waits for it", "[rpc]") {
  CHECK_FALSE(AnswerLater());
  Rig rig(1, 64);
  const auto token = rig.TokenFor({"thing.change"});
  auto later = Titled();
  later.set_free("later");
  std::vector<std::future<Result<Thing>>> calls;
  for (int i = 0; i < 3; ++i)
    calls.push_back(std::async(std::launch::async, [&] { return rig.Ask(token, "Change", later); }));
  std::vector<Answer> owed;
  while (owed.size() < 3) {
    {
      const std::lock_guard lock(rig.deps.mutex);
      owed = rig.deps.owed;
    }
    std::this_thread::yield();
  }
  CHECK(rig.Ask(token, "Change", Titled()));  // the one thread is free
  for (auto& each : calls) CHECK(each.wait_for(0s) == std::future_status::timeout);
  auto answer = std::make_shared<Thing>(Titled());
  answer->set_tenant("later");
  answer->set_phone("+8613800138000");
  owed[0](std::shared_ptr<const google::protobuf::Message>(answer));
  owed[1](NotFound("THING_UNKNOWN", "There is no such thing."));
  owed[2](NotFound("THING_AWAY", "The last word is another."));
  int answered = 0, unknown = 0, last_word = 0;
  for (auto& each : calls) {
    const auto result = each.get();
    if (!result) {
      CHECK(result.error().reason == "THING_UNKNOWN");
      ++unknown;
    } else if (result->tenant() == "later") {
      CHECK(result->phone() == "+86138****8000");
      ++answered;
    } else {
      CHECK(result->title().empty());
      ++last_word;
    }
  }
  CHECK((answered == 1 && unknown == 1 && last_word == 1));
}

TEST_CASE("a stream starts with the full state; a slow reader gets the latest, not a queue", "[rpc]") {
  Rig rig;
  auto peer = rig.PeerWith(rig.TokenFor({"thing.watch"}));
  Call call;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Thing> seen;
  bool slow = true;
  std::optional<Error> ended;
  bool over = false;
  auto stream = peer->Watch<Thing>(
      call, std::string(kService) + "/Watch", Titled(),
      [&](const Thing& thing) {
        std::unique_lock lock(mutex);
        seen.push_back(thing);
        changed.notify_all();
        changed.wait(lock, [&] { return !slow || seen.size() > 1; });
      },
      [&](std::optional<Error> error) {
        const std::lock_guard lock(mutex);
        ended = std::move(error);
        over = true;
        changed.notify_all();
      });
  std::unique_lock lock(mutex);
  REQUIRE(changed.wait_for(lock, 10s, [&] { return !seen.empty(); }));
  CHECK(seen[0].free() == "full state");
  lock.unlock();
  std::shared_ptr<Feed<Thing>> feed;
  {
    const std::lock_guard guard(rig.deps.mutex);
    feed = rig.deps.feed;
  }
  constexpr int kPuts = 20000;
  for (int i = 1; i <= kPuts; ++i) {
    auto thing = Titled();
    thing.set_delay_ms(i);
    thing.set_email(std::string(200, 'x'));
    feed->Put("state", thing);
  }
  lock.lock();
  slow = false;
  changed.notify_all();
  REQUIRE(changed.wait_for(lock, 10s, [&] { return seen.back().delay_ms() == kPuts; }));
  CHECK(seen.size() < kPuts);
  for (std::size_t i = 1; i < seen.size(); ++i) CHECK(seen[i - 1].delay_ms() < seen[i].delay_ms());
  lock.unlock();
  feed->Close(Unavailable("GOING_AWAY", "going away"));
  lock.lock();
  REQUIRE(changed.wait_for(lock, 10s, [&] { return over; }));
  CHECK(ended->reason == "GOING_AWAY");
}

TEST_CASE("a user's write carries its audit entry: who, what, on what, from where, and no value",
          "[rpc][audit]") {
  Rig rig;
  auto thing = Titled();
  thing.set_name("things/0193a000-0000-7000-8000-000000000001");
  thing.set_phone("+8613800138000");
  thing.set_request_id(NewId(RealNow()));
  REQUIRE(rig.Ask(rig.TokenFor({"thing.change"}), "Change", thing));
  const auto entry = *rig.deps.write;
  CHECK(IsUuid(entry.subject().substr(6)));
  CHECK(entry.subject().starts_with("users/"));
  CHECK(entry.action() == "/carillon.rpctest.v1.TestService/Change");
  CHECK(entry.resources_size() == 1);
  CHECK(entry.resources(0) == thing.name());
  CHECK(entry.request_id() == thing.request_id());
  CHECK(entry.address().find("127.0.0.1") != std::string::npos);
  CHECK(IsUuid(entry.token_id()));
  CHECK(entry.ShortDebugString().find("13800138000") == std::string::npos);
  thing.set_phone("+8613811118000");  // looks the same masked
  REQUIRE(rig.Ask(rig.TokenFor({"thing.change"}), "Change", thing));
  CHECK(rig.deps.write->request_hash() == entry.request_hash());
  thing.set_phone("+8613800139999");
  REQUIRE(rig.Ask(rig.TokenFor({"thing.change"}), "Change", thing));
  CHECK(rig.deps.write->request_hash() != entry.request_hash());

  REQUIRE(rig.Ask(rig.TokenFor({}, true), "Change", thing, 5s, rig.tenant));
  CHECK(rig.deps.write == nullptr);
  CHECK(rig.deps.audited.empty());
}

TEST_CASE("a value shown in clear by a permission is recorded before the answer leaves, a masked one is not",
          "[rpc][audit]") {
  Rig rig;
  auto thing = Titled();
  thing.set_name("things/0193a000-0000-7000-8000-000000000001");
  thing.set_phone("+8613800138000");
  REQUIRE(rig.Ask(rig.TokenFor({"thing.change"}), "Change", thing)->phone() == "+86138****8000");
  CHECK(rig.deps.audited.empty());
  REQUIRE(rig.Ask(rig.TokenFor({"thing.change", "customer.unmask"}), "Change", thing)->phone() ==
          "+8613800138000");
  REQUIRE(rig.deps.audited.size() == 1);
  CHECK(rig.deps.audited[0].shown_fields_size() == 1);
  CHECK(rig.deps.audited[0].shown_fields(0) == "phone");
  CHECK(rig.deps.audited[0].resources(0) == thing.name());
  CHECK(rig.deps.audited[0].ShortDebugString().find("13800138000") == std::string::npos);
  CHECK(rig.Ask(rig.TokenFor({}, true), "Change", thing, 5s, rig.tenant)->phone() == "+8613800138000");
  CHECK(rig.deps.audited.size() == 1);

  rig.deps.audit_down = true;
  const auto refused = rig.Ask(rig.TokenFor({"thing.change", "customer.unmask"}), "Change", thing);
  CHECK(refused.error().code == Code::kUnavailable);
  CHECK(refused.error().reason == "AUDIT_UNAVAILABLE");
  CHECK(rig.Ask(rig.TokenFor({"thing.change"}), "Change", thing));
}

TEST_CASE("the first refusal of a user at a method in a minute is recorded", "[rpc][audit]") {
  Rig rig;
  auto out_of_scope = Titled();
  out_of_scope.set_free("forbidden");
  for (int i = 0; i < 3; ++i) {
    CHECK(rig.Ask(rig.TokenFor({}), "Change", Titled()).error().reason == "PERMISSION_MISSING");
    CHECK(rig.Ask(rig.TokenFor({}), "Inside", Titled()).error().reason == "SERVICE_ONLY");
    CHECK(rig.Ask(rig.TokenFor({"thing.change"}), "Change", out_of_scope).error().reason ==
          "THING_OUT_OF_SCOPE");
  }
  const auto kept = rig.deps.audited.size();
  CHECK((kept >= 2 && kept <= 4));  // a minute may have passed between
  CHECK(rig.deps.audited[0].result() == "PERMISSION_MISSING");
  CHECK(rig.deps.audited[0].action() == "/carillon.rpctest.v1.TestService/Change");
  CHECK(rig.deps.audited[1].result() == "SERVICE_ONLY");
  rig.deps.audit_down = true;
  CHECK(rig.Ask(rig.TokenFor({}), "Change", Titled()).error().reason == "PERMISSION_MISSING");
}

TEST_CASE("a stream records what it shows in clear before it is sent, once as long as it is the same",
          "[rpc][audit]") {
  Rig rig;
  auto peer = rig.PeerWith(rig.TokenFor({"thing.watch", "customer.unmask"}));
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::pair<Thing, std::size_t>> seen;  // and how many entries there were by then
  std::optional<Error> ended;
  auto first = Titled();
  first.set_name("things/0193a000-0000-7000-8000-000000000001");
  first.set_phone("+8613800138000");
  auto stream = peer->Watch<Thing>(
      Call{}, std::string(kService) + "/Watch", first,
      [&](const Thing& thing) {
        std::scoped_lock lock(mutex, rig.deps.mutex);
        seen.emplace_back(thing, rig.deps.audited.size());
        changed.notify_all();
      },
      [&](std::optional<Error> error) {
        const std::lock_guard lock(mutex);
        ended = std::move(error);
        changed.notify_all();
      });
  const auto put = [&](const Thing& thing) {
    std::shared_ptr<Feed<Thing>> feed;
    {
      const std::lock_guard lock(rig.deps.mutex);
      feed = rig.deps.feed;
    }
    feed->Put("state", thing);
  };
  const auto wait_for = [&](std::size_t messages) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 10s, [&] { return seen.size() >= messages; });
  };
  REQUIRE(wait_for(1));
  CHECK(seen[0].first.phone() == "+8613800138000");
  CHECK(seen[0].second == 1);
  auto next = first;
  next.set_count(2);
  put(next);
  REQUIRE(wait_for(2));
  CHECK(seen[1].second == 1);
  next.set_name("things/0193a000-0000-7000-8000-000000000002");
  put(next);
  REQUIRE(wait_for(3));
  CHECK(seen[2].second == 2);
  {
    const std::lock_guard lock(rig.deps.mutex);
    rig.deps.audit_down = true;
  }
  next.set_name("things/0193a000-0000-7000-8000-000000000003");
  put(next);
  std::unique_lock lock(mutex);
  REQUIRE(changed.wait_for(lock, 10s, [&] { return ended.has_value(); }));
  CHECK(ended->reason == "AUDIT_UNAVAILABLE");
  CHECK(seen.size() == 3);
}

TEST_CASE("the server learns that a reader has gone", "[rpc]") {
  Rig rig;
  auto peer = rig.PeerWith(rig.TokenFor({"thing.watch"}));
  std::promise<void> first;
  std::atomic<bool> once{false};
  auto stream = peer->Watch<Thing>(
      Call{}, std::string(kService) + "/Watch", Titled(),
      [&](const Thing&) {
        if (!once.exchange(true)) first.set_value();
      },
      [](const std::optional<Error>&) {});
  REQUIRE(first.get_future().wait_for(10s) == std::future_status::ready);
  stream.reset();
  for (int i = 0; i < 1000 && !rig.deps.reader_left; ++i) std::this_thread::sleep_for(10ms);
  CHECK(rig.deps.reader_left);
}

TEST_CASE("a method without permission or handler stops the process at start-up", "[rpc]") {
  const auto clock = MakeSystemClock();
  Deps deps;
  Server unguarded({.address = "127.0.0.1:0", .tls = {}}, *clock, nullptr);
  Binder<Deps>(unguarded, "carillon.rpctest.v1.UnguardedService", deps).Unary("Open", Open);
  CHECK_THROWS_WITH(unguarded.Start(), Catch::Contains("UnguardedService/Open has no permission"));
  Server half({.address = "127.0.0.1:0", .tls = {}}, *clock, nullptr);
  Binder<Deps>(half, kService, deps).Unary("Open", Open);
  CHECK_THROWS_WITH(half.Start(), Catch::Contains("TestService/Change has no handler"));
}

}  // namespace
}  // namespace carillon::rpc
