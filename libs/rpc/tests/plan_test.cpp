#include "rpc/plan.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <tuple>

#include "carillon/options/v1/options.pb.h"
#include "carillon/rpctest/v1/rpctest.pb.h"

namespace carillon::rpc {
namespace {

using options::v1::Sensitivity;
using rpctest::v1::Thing;

Thing Good() {
  Thing thing;
  thing.set_title("five5");
  return thing;
}

std::string Fields(const Thing& thing) {
  std::string out;
  for (const auto& violation : Check(thing)) out += violation.field + ";";
  return out;
}

TEST_CASE("a good request breaks no rule, empty optional fields included", "[rpc]") {
  CHECK(Fields(Good()).empty());
}

TEST_CASE("each rule names the field it was broken at", "[rpc]") {
  auto thing = Good();
  SECTION("required") {
    thing.clear_title();
    CHECK(Fields(thing) == "title;");
  }
  SECTION("length counts characters, not bytes") {
    thing.set_title("五个字的名");
    CHECK(Fields(thing).empty());
    thing.set_title("六个字的名字");
    CHECK(Fields(thing) == "title;");
  }
  SECTION("formats") {
    thing.set_name("things/1");
    thing.set_phone("138");
    thing.set_request_id("nope");
    thing.set_email("a@b");
    CHECK(Fields(thing) == "name;phone;request_id;email;");
    thing.set_name("things/017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    thing.set_phone("+8613800138000");
    thing.set_request_id("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    thing.set_email("li.xiuying@example.com");
    CHECK(Fields(thing).empty());
  }
  SECTION("numbers") {
    thing.set_count(11);
    CHECK(Fields(thing) == "count;");
    thing.set_count(-1);
    CHECK(Fields(thing) == "count;");
    thing.set_count(10);
    CHECK(Fields(thing).empty());
  }
  SECTION("lists, their items and their uniqueness") {
    thing.add_tags("a");
    thing.add_tags("B");
    thing.add_tags("a");
    CHECK(Fields(thing) == "tags[1];tags[2];");
    thing.add_tags("d");
    CHECK(Fields(thing) == "tags;");
  }
  SECTION("nested messages, with the whole path") {
    *thing.add_parts() = Good();
    thing.add_parts()->add_parts();
    CHECK(Fields(thing) == "parts[1].title;parts[1].parts[0].title;");
  }
  SECTION("enums hold only what the proto names") {
    thing.set_kind(static_cast<Thing::Kind>(7));
    CHECK(Fields(thing) == "kind;");
  }
  SECTION("what nobody limited is limited all the same") {
    thing.set_free(std::string(1025, 'x'));
    CHECK(Fields(thing) == "free;");
    thing.set_free(std::string(1024, 'x'));
    CHECK(Fields(thing).empty());
    for (int i = 0; i < 1001; ++i) (*thing.mutable_fields()->mutable_fields())["k" + std::to_string(i)];
    CHECK(Fields(thing) == "fields.fields;");
  }
}

TEST_CASE("sensitive values are masked for those who may not see them, secrets for all", "[rpc]") {
  auto thing = Good();
  thing.set_phone("+8613800138000");
  thing.set_secret("1234");
  *thing.add_parts() = thing;
  Principal stranger;
  auto shown = thing;
  Mask(shown, stranger);
  CHECK(shown.phone() == "+86138****8000");
  CHECK(shown.secret() == "***");
  CHECK(shown.parts(0).phone() == "+86138****8000");
  Principal trusted;
  trusted.permissions = {"customer.unmask"};
  shown = thing;
  Mask(shown, trusted);
  CHECK(shown.parts(0).phone() == "+8613800138000");
  CHECK(shown.secret() == "***");
  shown = thing;
  MaskAll(shown);
  CHECK(shown.phone() == "+86138****8000");
}

TEST_CASE("what stays in clear by a permission is told: fields and whose they are, never for a service",
          "[rpc]") {
  auto thing = Good();
  thing.set_name("things/1");
  thing.set_phone("+8613800138000");
  thing.set_secret("1234");
  auto& part = *thing.add_parts();
  part.set_name("things/2");
  part.set_phone("+8613800138001");
  thing.add_parts()->set_name("things/3");  // shows nothing
  Principal trusted;
  trusted.permissions = {"customer.unmask"};
  auto shown = thing;
  CHECK(Mask(shown, trusted) == Shown{{"phone", "parts.phone"}, {"things/1", "things/2"}});
  shown = thing;
  CHECK(Mask(shown, Principal{}) == Shown{});
  Principal service;
  service.service = true;
  shown = thing;
  CHECK(Mask(shown, service) == Shown{});
  CHECK(shown.phone() == "+8613800138000");
}

TEST_CASE("the resources a request is about are found by what they look like, and no text passes for one",
          "[rpc]") {
  const std::string id = "0193a000-0000-7000-8000-000000000001";
  rpctest::v1::Thing thing;
  thing.set_name("things/1");
  thing.set_free("workOrders/" + id);
  thing.set_phone("customers/" + id);  // sensitive, whatever it looks like
  thing.set_title("a/b");
  thing.add_tags("queues/" + id + "/agents/7");
  thing.add_tags("queues/" + id + "7");
  thing.add_parts()->set_name("things/2");
  CHECK(ResourceNames(thing) ==
        std::vector<std::string>{"things/1", "queues/" + id + "/agents/7", "things/2", "workOrders/" + id});
  for (const auto* text : {"", "/", "things/", "/things", "张三/13800138000", "things/1 2", "+86/1"}) {
    rpctest::v1::Thing other;
    other.set_name(text);
    INFO(text);
    CHECK(ResourceNames(other).empty());
  }
}

TEST_CASE("a value outside the range of its type is refused, whatever holds it", "[rpc]") {
  auto thing = Good();
  SECTION("a zero byte, which no database takes") {
    thing.set_free(std::string("a\0b", 3));
    (*thing.mutable_fields()->mutable_fields())["k"].set_string_value(std::string(1, '\0'));
    CHECK(Fields(thing) == "free;fields.fields[0].value.string_value;");
  }
  SECTION("times") {
    thing.mutable_at()->set_seconds(253'402'300'799);
    CHECK(Fields(thing).empty());
    thing.mutable_at()->set_seconds(253'402'300'800);
    CHECK(Fields(thing) == "at;");
    thing.mutable_at()->set_seconds(0);
    thing.mutable_at()->set_nanos(-1);
    CHECK(Fields(thing) == "at;");
  }
  SECTION("lengths") {
    thing.mutable_length()->set_seconds(-315'576'000'000);
    CHECK(Fields(thing).empty());
    thing.mutable_length()->set_nanos(1);
    CHECK(Fields(thing) == "length;");
    thing.mutable_length()->set_seconds(315'576'000'001);
    CHECK(Fields(thing) == "length;");
  }
  SECTION("dates, of which a part may be missing") {
    for (const auto& [year, month, day, good] : {std::tuple{2024, 2, 29, true},
                                                 {2026, 2, 29, false},
                                                 {0, 2, 29, true},
                                                 {2026, 0, 0, true},
                                                 {2026, 13, 1, false},
                                                 {-1, 1, 1, false},
                                                 {2026, 4, 31, false}}) {
      thing.mutable_day()->set_year(year);
      thing.mutable_day()->set_month(month);
      thing.mutable_day()->set_day(day);
      INFO(year << "-" << month << "-" << day);
      CHECK(Fields(thing) == (good ? "" : "day;"));
    }
  }
  SECTION("money") {
    thing.mutable_price()->set_units(-1);
    thing.mutable_price()->set_nanos(500'000'000);
    CHECK(Fields(thing) == "price;");
  }
  SECTION("numbers of a list, and what is none") {
    thing.add_scores(1);
    thing.add_scores(-1);
    thing.add_scores(std::numeric_limits<double>::quiet_NaN());
    CHECK(Fields(thing) == "scores[1];scores[2];");
  }
}

TEST_CASE("masks keep what people recognise a value by", "[rpc]") {
  CHECK(Masked("李秀英", Sensitivity::MASK_NAME) == "李**");
  CHECK(Masked("110101198503074524", Sensitivity::MASK_ID_NUMBER) == "110101********4524");
  CHECK(Masked("6225880100000098", Sensitivity::MASK_ACCOUNT) == "6225********0098");
  CHECK(Masked("li@example.com", Sensitivity::MASK_EMAIL) == "l***@example.com");
  CHECK(Masked("广州市天河区体育西路191号", Sensitivity::MASK_ADDRESS) == "广州市天河区***");
  CHECK(Masked("110", Sensitivity::MASK_PHONE) == "***");
  CHECK(Masked("x", Sensitivity::MASK_UNSPECIFIED) == "***");
}

}  // namespace
}  // namespace carillon::rpc
