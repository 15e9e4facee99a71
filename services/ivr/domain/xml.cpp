#include "ivr/domain/xml.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace carillon::ivr {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool StartsName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool GoesOnInName(char c) { return StartsName(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

bool IsCharacter(std::uint32_t c) {
  return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
         (c >= 0x10000 && c <= 0x10FFFF);
}

class Scanner {
 public:
  Scanner(std::string_view text, int max_depth) : text_(text), max_depth_(max_depth) {}

  std::optional<XmlFault> Scan() {
    if (!Encoded()) return fault_;
    at_ = text_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    if (Ahead("<?xml") && at_ + 5 < text_.size() && IsSpace(text_[at_ + 5]) && !Declaration()) return fault_;
    while (!fault_ && at_ < text_.size()) Piece();
    if (!fault_ && !open_.empty()) Fault(at_, "<" + std::string(open_.back().name) + "> is not closed");
    if (!fault_ && !rooted_) Fault(at_, "there is no element");
    return fault_;
  }

 private:
  struct Open {
    std::string_view name;
    std::size_t prefixes;  ///< how many were declared outside of it
  };
  struct Attribute {
    std::string_view name;
    std::size_t at;
  };

  bool Fault(std::size_t offset, std::string what) {
    if (!fault_) fault_ = XmlFault{offset, std::move(what)};
    return false;
  }
  bool Ahead(std::string_view word) const { return text_.substr(at_).starts_with(word); }
  bool Space() {
    const auto from = at_;
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
    return at_ > from;
  }

  /// Every byte belongs to a character of XML.
  bool Encoded() {
    for (std::size_t i = 0; i < text_.size();) {
      const auto lead = static_cast<unsigned char>(text_[i]);
      const std::size_t length = lead < 0x80        ? 1
                                 : lead >> 5U == 6  ? 2
                                 : lead >> 4U == 14 ? 3
                                 : lead >> 3U == 30 ? 4
                                                    : 0;
      if (length == 0 || i + length > text_.size()) return Fault(i, "this is no UTF-8");
      std::uint32_t code = length == 1 ? lead : lead & (0x7FU >> length);
      for (std::size_t k = 1; k < length; ++k) {
        const auto next = static_cast<unsigned char>(text_[i + k]);
        if (next >> 6U != 2) return Fault(i, "this is no UTF-8");
        code = code << 6U | (next & 0x3FU);
      }
      static constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
      if (code < kLeast[length]) return Fault(i, "this is no UTF-8");
      if (!IsCharacter(code)) return Fault(i, "a character that XML does not allow");
      i += length;
    }
    return true;
  }

  bool Declaration() {
    const auto end = text_.find("?>", at_);
    if (end == std::string_view::npos) return Fault(at_, "the XML declaration is not closed");
    const std::string_view inside = text_.substr(at_, end - at_);
    const auto value = [&](std::string_view key) -> std::string_view {
      const auto found = inside.find(key);
      if (found == std::string_view::npos) return {};
      const auto open = inside.find_first_of("\"'", found);
      if (open == std::string_view::npos) return {};
      const auto close = inside.find(inside[open], open + 1);
      return close == std::string_view::npos ? std::string_view{} : inside.substr(open + 1, close - open - 1);
    };
    if (!value("version").starts_with("1.")) return Fault(at_, "the XML declaration needs version 1.0");
    std::string encoding(value("encoding"));
    std::transform(encoding.begin(), encoding.end(), encoding.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    if (!encoding.empty() && encoding != "UTF-8" && encoding != "US-ASCII") {
      return Fault(at_, "the encoding must be UTF-8");
    }
    at_ = end + 2;
    return true;
  }

  /// Text, a tag, a comment, an instruction or a CDATA section.
  bool Piece() {
    if (text_[at_] != '<') return Text();
    if (Ahead("<!--")) return Comment();
    if (Ahead("<?")) return Instruction();
    if (Ahead("<![CDATA[")) {
      if (open_.empty()) return Fault(at_, "text outside of the root");
      return Past("]]>", "a CDATA section is not closed");
    }
    if (Ahead("<!")) return Fault(at_, "a document type declaration is not allowed");
    if (Ahead("</")) return EndTag();
    return StartTag();
  }

  bool Past(std::string_view end, const char* otherwise) {
    const auto found = text_.find(end, at_);
    if (found == std::string_view::npos) return Fault(at_, otherwise);
    at_ = found + end.size();
    return true;
  }

  bool Text() {
    const auto end = std::min(text_.find('<', at_), text_.size());
    for (; at_ < end; ++at_) {
      if (open_.empty() && !IsSpace(text_[at_])) return Fault(at_, "text outside of the root");
      if (text_[at_] == '&' && !Reference()) return false;
      if (Ahead("]]>")) return Fault(at_, "]]> may not stand in text");
    }
    return true;
  }

  bool Comment() {
    const auto from = at_;
    const auto end = text_.find("--", at_ + 4);
    if (end == std::string_view::npos) return Fault(from, "a comment is not closed");
    if (text_.substr(end, 3) != "-->") return Fault(end, "-- may not stand in a comment");
    at_ = end + 3;
    return true;
  }

  bool Instruction() {
    const auto from = at_;
    at_ += 2;
    std::string target(Name());
    std::transform(target.begin(), target.end(), target.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (target.empty()) return Fault(from, "an instruction needs a name");
    if (target == "xml") return Fault(from, "the XML declaration may stand at the very beginning only");
    return Past("?>", "an instruction is not closed");
  }

  /// Stands at '&'; leaves `at_` on its last character.
  bool Reference() {
    const auto end = text_.find(';', at_);
    const std::string_view name =
        end == std::string_view::npos ? std::string_view{} : text_.substr(at_ + 1, end - at_ - 1);
    bool known = name == "lt" || name == "gt" || name == "amp" || name == "quot" || name == "apos";
    if (name.starts_with('#') && name.size() > 1 && name.size() < 10) {
      const bool hex = name[1] == 'x';
      std::uint32_t code = 0;
      known = name.size() > (hex ? 2U : 1U);
      for (const char c : name.substr(hex ? 2 : 1)) {
        const int digit = c >= '0' && c <= '9'          ? c - '0'
                          : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : hex && c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                        : -1;
        known = known && digit >= 0;
        code = code * (hex ? 16U : 10U) + static_cast<std::uint32_t>(std::max(digit, 0));
      }
      known = known && IsCharacter(code);
    }
    if (!known) return Fault(at_, "a reference to an entity that is not XML's own");
    at_ = end;
    return true;
  }

  std::string_view Name() {
    const auto from = at_;
    if (at_ >= text_.size() || !StartsName(text_[at_])) return {};
    while (at_ < text_.size() && GoesOnInName(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }

  bool StartTag() {
    const auto from = at_++;
    const std::string_view name = Name();
    if (name.empty()) return Fault(from, "a name is missing after <");
    if (open_.empty() && rooted_) return Fault(from, "more than one root");
    rooted_ = true;
    if (static_cast<int>(open_.size()) >= max_depth_) return Fault(from, "elements are nested too deeply");
    open_.push_back({name, prefixes_.size()});
    std::vector<Attribute> attributes;
    while (true) {
      const bool spaced = Space();
      if (at_ >= text_.size()) return Fault(from, "a tag is not closed");
      if (text_[at_] == '>') {
        ++at_;
        return Declared(name, from, attributes);
      }
      if (Ahead("/>")) {
        at_ += 2;
        const bool fine = Declared(name, from, attributes);
        Close();
        return fine;
      }
      if (!spaced) return Fault(at_, "white space is missing between attributes");
      if (!ReadAttribute(attributes)) return false;
    }
  }

  bool ReadAttribute(std::vector<Attribute>& attributes) {
    const auto from = at_;
    const std::string_view key = Name();
    if (key.empty()) return Fault(from, "this is no attribute name");
    for (const Attribute& other : attributes) {
      if (other.name == key) return Fault(from, "attribute " + std::string(key) + " is given twice");
    }
    attributes.push_back({key, from});
    if (attributes.size() > 64) return Fault(from, "more than 64 attributes");
    Space();
    if (!Ahead("=")) return Fault(at_, "attribute " + std::string(key) + " has no value");
    ++at_;
    Space();
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    if (quote != '"' && quote != '\'')
      return Fault(at_, "the value of " + std::string(key) + " needs quotes");
    const auto begin = ++at_;
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '<') return Fault(at_, "< may not stand in a value");
      if (text_[at_] == '&' && !Reference()) return false;
    }
    if (at_ >= text_.size()) return Fault(begin, "the value of " + std::string(key) + " is not closed");
    if (key.starts_with("xmlns:")) {
      if (begin == at_) return Fault(from, "a prefix may not be undeclared");
      prefixes_.push_back(key.substr(6));
    }
    ++at_;
    return true;
  }

  /// Every prefix used by the tag means something.
  bool Declared(std::string_view element, std::size_t at, const std::vector<Attribute>& attributes) {
    const auto check = [&](std::string_view name, std::size_t where) {
      const auto colon = name.find(':');
      if (colon == std::string_view::npos) return true;
      const std::string_view prefix = name.substr(0, colon);
      const std::string_view rest = name.substr(colon + 1);
      if (prefix.empty() || rest.empty() || rest.find(':') != std::string_view::npos) {
        return Fault(where, "this is no name");
      }
      if (prefix == "xml" || prefix == "xmlns") return true;
      if (std::find(prefixes_.begin(), prefixes_.end(), prefix) != prefixes_.end()) return true;
      return Fault(where, "the prefix " + std::string(prefix) + " is not declared");
    };
    if (!check(element, at)) return false;
    return std::all_of(attributes.begin(), attributes.end(),
                       [&](const Attribute& each) { return check(each.name, each.at); });
  }

  bool EndTag() {
    const auto from = at_;
    at_ += 2;
    const std::string_view name = Name();
    Space();
    if (!Ahead(">")) return Fault(at_, "an end tag is not closed");
    ++at_;
    if (open_.empty()) return Fault(from, "</" + std::string(name) + "> closes nothing");
    if (open_.back().name != name) {
      return Fault(from,
                   "</" + std::string(name) + "> where <" + std::string(open_.back().name) + "> is open");
    }
    Close();
    return true;
  }

  void Close() {
    prefixes_.resize(open_.back().prefixes);
    open_.pop_back();
  }

  std::string_view text_;
  int max_depth_;
  std::size_t at_ = 0;
  bool rooted_ = false;
  std::vector<Open> open_;
  std::vector<std::string_view> prefixes_;
  std::optional<XmlFault> fault_;
};

}  // namespace

std::optional<XmlFault> FaultOf(std::string_view text, int max_depth) {
  return Scanner(text, max_depth).Scan();
}

}  // namespace carillon::ivr
