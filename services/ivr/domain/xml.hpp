#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Whether a text is XML, before the tree builder (which forgives much) sees it.
namespace carillon::ivr {

/// The first place where a text stops being well-formed.
struct XmlFault {
  std::size_t offset = 0;  ///< byte
  std::string what;
};

/// Looks for the first breach of XML 1.0 and of its namespaces: characters, UTF-8, names, attributes,
/// references, tags that do not match, undeclared prefixes, text outside of the one root. A document type
/// declaration is a breach too, so there is no entity but the five of XML and nothing outside is ever read.
/// More than `max_depth` nested elements are one as well. Takes constant stack whatever the text.
std::optional<XmlFault> FaultOf(std::string_view text, int max_depth);

}  // namespace carillon::ivr
