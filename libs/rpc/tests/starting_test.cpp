#include <catch2/catch.hpp>

#include "carillon/rpctest/v1/rpctest.pb.h"
#include "rpc/auth.hpp"
#include "rpc/closed_door.hpp"
#include "rpc/peer.hpp"

namespace carillon::rpc {
namespace {

using namespace std::chrono_literals;
using rpctest::v1::Thing;

TEST_CASE("a service that waits refuses every call for the time being, and leaves its address") {
  int port = 0;
  {
    const ClosedDoor door("127.0.0.1:0", {});
    port = door.port();
    Peer peer("127.0.0.1:" + std::to_string(port), {}, nullptr);
    Call call;
    call.deadline = std::chrono::steady_clock::now() + 5s;
    const auto refused = peer.Ask<Thing>(call, "carillon.rpctest.v1.TestService/Open", Thing(), 300ms);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::kUnavailable);
    CHECK(refused.error().reason == "SERVICE_STARTING");
  }
  const ClosedDoor next("127.0.0.1:" + std::to_string(port), {});
  CHECK(next.port() == port);
}

TEST_CASE("who cannot get a token in time is told so, and a good one serves while none is issued") {
  int issued = 0;
  TokenKeeper keeper([&](auto) -> Result<TokenKeeper::Issued> {
    if (++issued > 1) return Unavailable("PEER_DOWN", "down");
    return TokenKeeper::Issued{"soon over", RealNow() + 30s};
  });
  const auto deadline = std::chrono::steady_clock::now() + 1s;
  CHECK(keeper.Get(deadline).value() == "soon over");
  CHECK(keeper.Get(deadline).value() == "soon over");
  CHECK(issued == 2);
}

TEST_CASE("keys that cannot be had are asked for once a second, and are no reason to call a token wrong") {
  int asked = 0;
  TokenChecker checker("carillon", "carillon", [&]() -> Result<crypto::KeySet> {
    ++asked;
    return Unavailable("PEER_DOWN", "down");
  });
  for (int i = 0; i < 3; ++i) {
    const auto refused = checker.Check("a.b.c");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == "KEYS_UNAVAILABLE");
  }
  CHECK(asked == 1);
  CHECK_FALSE(checker.Ready());
}

}  // namespace
}  // namespace carillon::rpc
