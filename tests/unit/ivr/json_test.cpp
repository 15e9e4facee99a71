#include "ivr/domain/json.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace carillon::ivr {
namespace {

using google::protobuf::Value;

TEST_CASE("what the script engine writes is read", "[ivr][unit]") {
  Value value;
  REQUIRE(
      ReadJson(R"({"text":[{"zh-CN":"您好","en":"a\"b\\\n\u00e9\u4f60\ud83d\ude00"}],"n":-1.5e2,"t":true,)"
               R"("f":false,"o":{},"l":[],"z":null, "s" : 3 })",
               value));
  const auto& fields = value.struct_value().fields();
  const auto& said = fields.at("text").list_value().values(0).struct_value().fields();
  CHECK(said.at("zh-CN").string_value() == "您好");
  CHECK(said.at("en").string_value() == "a\"b\\\né你😀");
  CHECK(fields.at("n").number_value() == -150);
  CHECK(fields.at("t").bool_value());
  CHECK(fields.at("f").kind_case() == Value::kBoolValue);
  CHECK(fields.at("o").struct_value().fields().empty());
  CHECK(fields.at("l").list_value().values().empty());
  CHECK(fields.at("z").kind_case() == Value::kNullValue);
  CHECK(fields.at("s").number_value() == 3);
  REQUIRE(ReadJson(R"({"a":1,"a":"last"})", value));
  CHECK(value.struct_value().fields().at("a").string_value() == "last");
  REQUIRE(ReadJson(R"("\ud800 \ud800\u0041 \udc00")", value));
  CHECK(value.string_value() == "\ufffd \ufffdA \ufffd");
  CHECK(ReadJson("", value));
}

TEST_CASE("what is no JSON is refused", "[ivr][unit]") {
  Value value;
  for (const char* const text :
       {"{",       "}",      "[1,]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "tru",     "nul",
        "+1",      "inf",    "nan",  "0x",      "\"",         "\"\\",  "\"\\u12", "\"\\u12g4\"",
        "\"\\x\"", "\"\n\"", "1 2",  "[1 2]",   "'a'",        "-",     "."})
    CHECK_FALSE(ReadJson(text, value));
  CHECK(ReadJson(std::string(60, '[') + std::string(60, ']'), value));
  CHECK_FALSE(ReadJson(std::string(100'000, '['), value));
}

}  // namespace
}  // namespace carillon::ivr
