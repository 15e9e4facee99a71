#include "ivr/domain/document.hpp"

#include <catch2/catch.hpp>

namespace carillon::ivr {
namespace {
std::string Wrap(const std::string& body) {
  return "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\" datamodel=\"ecmascript\">\n" +
         body + "</scxml>";
}
}  // namespace

TEST_CASE("a malformed document is refused with the place", "[ivr][document]") {
  const auto bad = ReadDocument(Wrap("<state id=\"a\">\n  <onentry><fly/></onentry></state>"));
  REQUIRE_FALSE(bad);
  CHECK(bad.error().reason == "FLOW_MALFORMED");
  CHECK(bad.error().metadata.at("line") == "3");
  CHECK(bad.error().metadata.at("column") == "13");
}

TEST_CASE("what a strict reader refuses", "[ivr][document]") {
  const std::vector<std::string> bodies{
      "<state id='a'/><state id='a'/>",
      "<state id='a'><transition event='e' target='nowhere'/></state>",
      "<state id='a'><transition/></state>",
      "<state id='a' colour='red'/>",
      "<state id='a'>words</state>",
      "<state id='a'><onentry><send event='e' eventexpr='1'/></onentry></state>",
      "<state id='a'><onentry><if><log/></if></onentry></state>",
      "<state id='a'><initial><transition target='b'/></initial><state id='c'/></state><state id='b'/>",
      "<state id='a' id='b'/>",
      "<state id='a b'/>",
      "<state id=''/>",
      "<state id='a' initial='a'/>",
      "<state id='a'><transition event='e' target=''/></state>",
      "<state id='a'><transition event='e' target='b c'/></state><state id='b'/><state id='c'/>",
      "<state id='a'><transition event='e' type='inner'/></state>",
      "<state id='a'><history type='wide'/><state id='b'/></state>",
      "<state id='a'><datamodel/><datamodel/></state>",
      "<datamodel><data id='x' expr='1'>2</data></datamodel><state id='a'/>",
      "<state id='a'><onentry><assign location='x' expr='1'>2</assign></onentry></state>",
      "<state id='a'><onentry><send event='e'><content>1</content><param name='p' "
      "expr='1'/></send></onentry></state>",
      "<state id='a'><onentry><if cond='1'><else/><elseif cond='1'/></if></onentry></state>",
      "<state id='a'><invoke src='x'><content>1</content></invoke></state>",
      "<state id='a'><invoke autoforward='yes'/></state>",
      "<state id='a'><onentry><cancel/></onentry></state>",
      "<final id='a'><donedata><content>1</content><param name='p'/></donedata></final>",
      "<state id='a'><p:b/></state>",
      "",
  };
  for (const auto& body : bodies) {
    INFO(body);
    const auto read = ReadDocument(Wrap(body));
    REQUIRE_FALSE(read);
    CHECK(read.error().reason == "FLOW_MALFORMED");
    CHECK(read.error().metadata.contains("line"));
  }
  CHECK_FALSE(ReadDocument("<!DOCTYPE scxml [<!ENTITY a 'b'>]>" + Wrap("<state id='a'/>")));
  CHECK_FALSE(ReadDocument("<html/>"));
  CHECK_FALSE(ReadDocument("<scxml xmlns='urn:other'><state id='a'/></scxml>"));
  CHECK_FALSE(ReadDocument("not xml"));
  CHECK_FALSE(ReadDocument(Wrap("<state id='a'>")));
}

TEST_CASE("size, depth and number of states are bounded before anything is built", "[ivr][document]") {
  CHECK_FALSE(ReadDocument(Wrap("<!--" + std::string(kMaxDocumentBytes, 'x') + "--><state id='a'/>")));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<state>";
  for (int i = 0; i < 100; ++i) deep += "</state>";
  CHECK_FALSE(ReadDocument(Wrap(deep)));
  std::string wide;
  for (int i = 0; i < kMaxStates + 1; ++i) wide += "<state/>";
  CHECK_FALSE(ReadDocument(Wrap(wide)));
}

TEST_CASE("the null data model has states only", "[ivr][document]") {
  const auto read = [](const std::string& body) {
    return ReadDocument("<scxml xmlns='http://www.w3.org/2005/07/scxml' version='1.0' datamodel='null'>" +
                        body + "</scxml>")
        .has_value();
  };
  CHECK(read("<state id='a'><transition cond=\" In ( 'a' ) \" event='e'/></state>"));
  CHECK_FALSE(read("<state id='a'><transition cond='true'/></state>"));
  CHECK_FALSE(read("<state id='a'><transition cond=\"In('a') || f('b')\"/></state>"));
  CHECK_FALSE(read("<datamodel><data id='x'/></datamodel><state id='a'/>"));
  CHECK_FALSE(read("<script>1</script><state id='a'/>"));
  CHECK_FALSE(read("<state id='a'><onentry><log expr='1'/></onentry></state>"));
  CHECK_FALSE(ReadDocument(
      "<scxml xmlns='http://www.w3.org/2005/07/scxml' version='1.0' datamodel='xpath'><state/></scxml>"));
}

TEST_CASE("the place of an error counts characters, inside an <if> too", "[ivr][document]") {
  const auto bad = ReadDocument(Wrap("<state id='王'><onentry><if cond='1'><fly/></if></onentry></state>"));
  REQUIRE_FALSE(bad);
  CHECK(bad.error().metadata.at("line") == "2");
  CHECK(bad.error().metadata.at("column") == "38");
  const auto read = ReadDocument(Wrap(
      "<state id='a'><onentry>\n<if cond='1'>\n<log/>\n<else/>\n<raise event='e'/></if></onentry></state>"));
  REQUIRE(read);
  CHECK((*read)->At(1).on_entry[0][0].branches[1].actions[0].line == 6);
}

TEST_CASE("elements of other namespaces are skipped", "[ivr][document]") {
  const auto read = ReadDocument(Wrap("<state id='a'><ed:place x='1' xmlns:ed='urn:editor'/></state>"));
  REQUIRE(read);
  CHECK((*read)->Find("a") == 1);
}

}  // namespace carillon::ivr
