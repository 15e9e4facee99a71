#include "rpc/page.hpp"

#include <catch2/catch.hpp>

#include "carillon/rpctest/v1/rpctest.pb.h"

namespace carillon::rpc {
namespace {

using rpctest::v1::Thing;

TEST_CASE("a page token leads on only under the filter it was made for", "[rpc]") {
  const auto token = PageToken("key/1", "state=OPEN");
  CHECK(PageKey(token, "state=OPEN").value() == "key/1");
  CHECK(PageKey("", "anything").value().empty());
  for (const auto& bad :
       {token + "0", std::string("x"), std::string("1zzzzzzzz"), PageToken("key/1", "state=SHUT")}) {
    const auto refused = PageKey(bad, "state=OPEN");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().violations.at(0).field == "page_token");
  }
  CHECK(PageSize(0) == 50);
  CHECK(PageSize(7) == 7);
  CHECK(PageSize(100000) == 200);
}

TEST_CASE("only the etag that is current may write", "[rpc]") {
  CHECK(RequireFresh("2", ""));
  CHECK(RequireFresh("2", "2"));
  CHECK(RequireFresh("2", "1").error().code == Code::kAborted);
}

TEST_CASE("an update touches what its mask names and nothing else", "[rpc]") {
  Thing before;
  before.set_title("old");
  before.set_count(3);
  before.add_tags("a");
  Thing patch;
  patch.set_title("new");
  patch.add_tags("b");
  google::protobuf::FieldMask mask;
  SECTION("no mask: the fields that are set") {
    REQUIRE(ApplyMask(mask, patch, before));
    CHECK(before.title() == "new");
    CHECK(before.count() == 3);
    CHECK(before.tags_size() == 1);
    CHECK(before.tags(0) == "b");
  }
  SECTION("a named field that is empty is cleared") {
    mask.add_paths("count");
    REQUIRE(ApplyMask(mask, patch, before));
    CHECK(before.count() == 0);
    CHECK(before.title() == "old");
  }
  SECTION("a star is everything") {
    mask.add_paths("*");
    REQUIRE(ApplyMask(mask, patch, before));
    CHECK(before.count() == 0);
    CHECK(before.title() == "new");
  }
  SECTION("a field that does not exist is refused") {
    mask.add_paths("colour");
    CHECK(ApplyMask(mask, patch, before).error().reason == "UPDATE_MASK_INVALID");
  }
}

}  // namespace
}  // namespace carillon::rpc
