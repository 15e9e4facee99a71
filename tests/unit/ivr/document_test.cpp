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

TEST_CASE("elements of other namespaces are skipped", "[ivr][document]") {
  const auto read = ReadDocument(Wrap("<state id='a'><ed:place x='1' xmlns:ed='urn:editor'/></state>"));
  REQUIRE(read);
  CHECK((*read)->Find("a") == 1);
}

}  // namespace carillon::ivr
