#include "simulator/domain/menu.hpp"

#include <array>

namespace carillon::simulator {
namespace {

using Words = std::vector<std::string_view>;

/// The digit said at or after `from`, behind the next "按"; also "press 3".
std::string KeyBehind(std::string_view text, std::size_t from) {
  for (const std::string_view verb : {"按", "press "}) {
    auto at = text.find(verb, from);
    if (at == std::string_view::npos) continue;
    at += verb.size();
    while (at < text.size() && text[at] == ' ') ++at;
    if (at < text.size() && ((text[at] >= '0' && text[at] <= '9') || text[at] == '*' || text[at] == '#'))
      return std::string(1, text[at]);
    if (text.substr(at).starts_with("零")) return "0";
    if (text.substr(at).starts_with("星号键")) return "*";
    if (text.substr(at).starts_with("井号键")) return "#";
  }
  return "";
}

}  // namespace

const std::vector<std::string_view>& WordsFor(Need need) {
  static const Words kOfBalance = {"账户余额", "余额查询", "余额", "账户查询", "查询"};
  static const Words kOfRegular = {"人工", "客户代表", "operator", "继续等待"};
  static const Words kOfEnglish = {"English", "英语", "人工", "继续等待"};
  static const Words kOfInternet = {"网上银行", "人工", "继续等待"};
  static const Words kOfStock = {"证券", "基金", "理财", "电话银行", "人工", "继续等待"};
  static const Words kOfProspect = {"业务咨询", "咨询", "人工", "继续等待"};
  static const Words kOfCallBack = {"人工", "客户代表", "继续等待"};
  switch (need) {
    case Need::kBalance:
      return kOfBalance;
    case Need::kEnglish:
      return kOfEnglish;
    case Need::kInternet:
      return kOfInternet;
    case Need::kStock:
      return kOfStock;
    case Need::kProspect:
      return kOfProspect;
    case Need::kCallBack:
      return kOfCallBack;
    case Need::kRegular:
      break;
  }
  return kOfRegular;
}

std::string KeyFor(const std::vector<std::string>& texts, Need need) {
  for (const auto word : WordsFor(need)) {
    for (const auto& text : texts) {
      const auto at = text.find(word);
      if (at == std::string::npos) continue;
      if (auto key = KeyBehind(text, at + word.size()); !key.empty()) return key;
    }
  }
  return "";
}

bool AsksForPassword(const std::vector<std::string>& texts) {
  for (const auto& text : texts)
    if (text.find("密码") != std::string::npos && text.find("按") == std::string::npos) return true;
  for (const auto& text : texts)
    if (text.find("密码") != std::string::npos && text.find("井号键") != std::string::npos) return true;
  return false;
}

}  // namespace carillon::simulator
