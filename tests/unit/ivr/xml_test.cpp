#include "ivr/domain/xml.hpp"

#include <catch2/catch.hpp>

namespace carillon::ivr {

TEST_CASE("text that is no XML is found with its place", "[ivr][xml]") {
  struct Bad {
    std::string text;
    std::size_t offset;
  };
  const std::vector<Bad> all{
      {"", 0},
      {"words", 0},
      {"<a></b>", 3},
      {"<a>", 3},
      {"<a/><b/>", 4},
      {"<a/>words", 4},
      {"<a x=1/>", 5},
      {"<a x='1' x='2'/>", 9},
      {"<a x='<'/>", 6},
      {"<a x='1'y='2'/>", 8},
      {"<a>&mine;</a>", 3},
      {"<a>&#0;</a>", 3},
      {"<a>&#xD800;</a>", 3},
      {"<a>& </a>", 3},
      {"<a>]]></a>", 3},
      {"<a><!-- -- --></a>", 8},
      {"<a><!-- </a>", 3},
      {"<a><?xml version='1.0'?></a>", 3},
      {"<a><![CDATA[ </a>", 3},
      {"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", 0},
      {"<a>\x01</a>", 3},
      {"<a>\xC0\xAF</a>", 3},
      {"<a>\xED\xA0\x80</a>", 3},
      {"<a>\xFF</a>", 3},
      {"<p:a/>", 0},
      {"<a p:x='1'/>", 3},
      {"<a:b:c xmlns:a='u'/>", 0},
      {"<1/>", 0},
      {"< a/>", 0},
      {"<?xml version='1.0' encoding='GBK'?><a/>", 0},
      {"<a><b><c><d/></c></b></a>", 9},
  };
  for (const Bad& bad : all) {
    INFO(bad.text);
    const auto fault = FaultOf(bad.text, 3);
    REQUIRE(fault);
    CHECK(fault->offset == bad.offset);
    CHECK_FALSE(fault->what.empty());
  }
}

TEST_CASE("XML of every kind passes", "[ivr][xml]") {
  for (const std::string text : {
           "<a/>",
           "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- c -->\n<?go on?><a x='&lt;' "
           "y=\"'\">\n</a>\n<!-- -->",
           "<a>&amp;&#65;&#x738B;王<![CDATA[<b> ]] > &x;]]></a>",
           "<p:a xmlns:p='u'><p:b q:x='1' xmlns:q='v'/></p:a >",
           "<a xml:lang='zh'/>",
       }) {
    INFO(text);
    const auto fault = FaultOf(text, 3);
    INFO((fault ? fault->what : ""));
    CHECK_FALSE(fault);
  }
}

TEST_CASE("a text cut anywhere is never taken for whole", "[ivr][xml]") {
  const std::string text = "<a x='1'><!-- c --><b>&amp;</b><![CDATA[x]]></a>";
  REQUIRE_FALSE(FaultOf(text, 9));
  for (std::size_t size = 0; size < text.size(); ++size) {
    INFO(text.substr(0, size));
    CHECK(FaultOf(std::string_view(text).substr(0, size), 9));
  }
}

}  // namespace carillon::ivr
