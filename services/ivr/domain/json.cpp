#include "ivr/domain/json.hpp"

#include <charconv>
#include <string>

namespace carillon::ivr {
namespace {

constexpr int kMaxJsonDepth = 64;

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool Whole(google::protobuf::Value& value) {
    if (!Read(value, 0)) return false;
    Skip();
    return at_ == end_;
  }

 private:
  void Skip() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }
  bool Next(char wanted) {
    Skip();
    if (at_ == end_ || *at_ != wanted) return false;
    ++at_;
    return true;
  }
  bool Word(std::string_view word) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool Read(google::protobuf::Value& value, int depth) {
    Skip();
    if (at_ == end_ || depth > kMaxJsonDepth) return false;
    switch (*at_) {
      case '{':
        return Members(*value.mutable_struct_value(), depth);
      case '[':
        return Items(*value.mutable_list_value(), depth);
      case '"':
        return Text(*value.mutable_string_value());
      case 't':
        value.set_bool_value(true);
        return Word("true");
      case 'f':
        value.set_bool_value(false);
        return Word("false");
      case 'n':
        value.set_null_value(google::protobuf::NULL_VALUE);
        return Word("null");
      default: {
        double number = 0;
        const auto [stopped, failed] = std::from_chars(at_, end_, number);
        if (failed != std::errc() || (*at_ != '-' && (*at_ < '0' || *at_ > '9'))) return false;
        at_ = stopped;
        value.set_number_value(number);
        return true;
      }
    }
  }

  bool Members(google::protobuf::Struct& object, int depth) {
    ++at_;
    if (Next('}')) return true;
    std::string name;
    do {
      Skip();
      name.clear();
      if (!Text(name) || !Next(':')) return false;
      auto& member = (*object.mutable_fields())[name];
      member.Clear();
      if (!Read(member, depth + 1)) return false;
    } while (Next(','));
    return Next('}');
  }

  bool Items(google::protobuf::ListValue& list, int depth) {
    ++at_;
    if (Next(']')) return true;
    do {
      if (!Read(*list.add_values(), depth + 1)) return false;
    } while (Next(','));
    return Next(']');
  }

  bool Text(std::string& text) {
    if (at_ == end_ || *at_ != '"') return false;
    for (++at_; at_ < end_; ++at_) {
      if (*at_ == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(*at_) < 0x20) return false;
      if (*at_ != '\\') {
        text += *at_;
      } else if (!Escape(text)) {
        return false;
      }
    }
    return false;
  }

  bool Escape(std::string& text) {
    if (++at_ == end_) return false;
    constexpr std::string_view kNames = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
    if (const auto found = kNames.find(*at_); found != std::string_view::npos) {
      text += kMeant[found];
      return true;
    }
    char32_t sign = 0;
    if (!Unit(sign)) return false;
    if (sign >= 0xd800 && sign < 0xdc00 && end_ - at_ > 2 && at_[1] == '\\' && at_[2] == 'u') {
      const char* const before = at_;
      char32_t low = 0;
      at_ += 2;
      if (!Unit(low)) return false;
      if (low >= 0xdc00 && low < 0xe000) {
        sign = 0x10000 + ((sign - 0xd800) << 10) + (low - 0xdc00);
      } else {
        at_ = before;
      }
    }
    if (sign >= 0xd800 && sign < 0xe000) sign = 0xfffd;
    const auto byte = [&](char32_t bits) { text += static_cast<char>(bits); };
    if (sign < 0x80) {
      byte(sign);
    } else if (sign < 0x800) {
      byte(0xc0 | sign >> 6);
      byte(0x80 | (sign & 0x3f));
    } else if (sign < 0x10000) {
      byte(0xe0 | sign >> 12);
      byte(0x80 | (sign >> 6 & 0x3f));
      byte(0x80 | (sign & 0x3f));
    } else {
      byte(0xf0 | sign >> 18);
      byte(0x80 | (sign >> 12 & 0x3f));
      byte(0x80 | (sign >> 6 & 0x3f));
      byte(0x80 | (sign & 0x3f));
    }
    return true;
  }

  /// "uXXXX", from the u to the last digit.
  bool Unit(char32_t& unit) {
    if (*at_ != 'u' || end_ - at_ < 5) return false;
    std::uint32_t value = 0;
    const auto [stopped, failed] = std::from_chars(at_ + 1, at_ + 5, value, 16);
    if (failed != std::errc() || stopped != at_ + 5) return false;
    at_ += 4;
    unit = value;
    return true;
  }

  const char* at_;
  const char* end_;
};

}  // namespace

bool ReadJson(std::string_view text, google::protobuf::Value& value) {
  value.Clear();
  return text.empty() || JsonReader(text).Whole(value);
}

}  // namespace carillon::ivr
