#include "simulator/domain/people.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

namespace carillon::simulator {
namespace {

constexpr std::array kSurnames = {"王", "李", "张", "刘", "陈", "杨", "黄",   "赵",  "周", "吴", "徐",
                                  "孙", "马", "朱", "胡", "郭", "何", "林",   "罗",  "高", "郑", "梁",
                                  "谢", "宋", "唐", "许", "韩", "冯", "邓",   "曹",  "彭", "曾", "肖",
                                  "田", "董", "潘", "袁", "蔡", "蒋", "余",   "于",  "杜", "叶", "程",
                                  "魏", "苏", "吕", "丁", "任", "卢", "欧阳", "司徒"};
constexpr std::array kGivenMale = {"伟", "强", "磊", "军", "勇", "杰", "涛", "明", "超", "刚",
                                   "平", "辉", "鹏", "华", "飞", "鑫", "波", "斌", "宇", "浩",
                                   "凯", "健", "俊", "帆", "志", "建", "国", "文", "海", "龙",
                                   "峰", "东", "振", "宏", "博", "泽", "睿", "晨"};
constexpr std::array kGivenFemale = {"芳", "娜", "敏", "静", "丽", "娟", "霞", "燕", "玲", "梅",
                                     "艳", "红", "萍", "英", "兰", "洁", "琳", "雪", "慧", "婷",
                                     "颖", "莹", "佳", "欣", "怡", "秀", "淑", "晓", "雅", "思",
                                     "梦", "雨", "诗", "子", "涵", "琪", "月", "云"};
constexpr std::array kPlaces = {"广州", "佛山", "深圳", "东莞", "清远",
                                "中山", "珠海", "惠州", "肇庆", "江门"};
constexpr std::array kTrades = {"陶瓷进出口", "电子科技", "物流",   "食品",
                                "建材",       "服装",     "旅行社", "环保设备"};
constexpr std::array kRegions = {
    "440103", "440104", "440105", "440106", "440111", "440112", "440113", "440303", "440304", "440305",
    "440306", "440307", "440402", "440604", "440605", "440606", "440703", "441202", "441302", "441802",
    "110101", "110105", "110108", "310101", "310104", "310115", "320102", "320106", "330102", "330106",
    "350102", "370102", "420102", "420106", "430102", "430104", "500103", "510104", "510107", "610102"};
constexpr std::array kMobilePrefixes = {"134", "135", "136", "137", "138", "139", "150", "151", "152", "157",
                                        "158", "159", "182", "183", "187", "188", "130", "131", "132", "155",
                                        "156", "185", "186", "133", "153", "180", "181", "189"};
constexpr std::array kOccupations = {"教师", "工程师", "会计", "销售", "公务员", "医生", "司机", "个体户",
                                     "学生", "退休",   "护士", "厨师", "程序员", "工人", "农民", "律师"};
constexpr std::string_view kUsccLetters = "0123456789ABCDEFGHJKLMNPQRTUWXY";

std::string PaddedNumber(std::size_t value, std::size_t width) {
  auto text = std::to_string(value);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

std::string HexKey(std::uint64_t bits) {
  std::string text(16, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, bits >>= 4U)
    *digit = "0123456789abcdef"[bits & 0xfU];
  return text;
}

template <class List>
std::string OneOf(const List& list, Random& random) {
  return list[random.Index(list.size())];
}

int UsccValue(char c) { return static_cast<int>(kUsccLetters.find(c)); }

/// What every caller needs and no file gives: name, document, mobile, account; unique within the maker.
class CallerMaker {
 public:
  Caller Make(Random& random, bool company, int birth_year) {
    Caller out;
    out.key = HexKey(random.Next());
    out.company = company;
    out.region = OneOf(kRegions, random);
    do {
      out.mobile = "+86" + OneOf(kMobilePrefixes, random) + PaddedNumber(random.Index(100'000'000), 8);
    } while (!mobiles_.insert(out.mobile).second);
    out.account = "622588" + PaddedNumber(random.Index(10'000'000'000U), 10);
    if (company) {
      MakeCompany(out, random);
    } else {
      out.birth_year = birth_year;
      MakePerson(out, random);
    }
    return out;
  }

 private:
  static std::string PersonName(Random& random, bool female) {
    std::string name = OneOf(kSurnames, random);
    const int characters = random.Chance(0.8) ? 2 : 1;
    for (int i = 0; i < characters; ++i)
      name += female ? OneOf(kGivenFemale, random) : OneOf(kGivenMale, random);
    return name;
  }

  void MakePerson(Caller& out, Random& random) {
    out.female = random.Chance(0.5);
    out.name = PersonName(random, out.female);
    do {
      std::string id = out.region + PaddedNumber(static_cast<std::size_t>(out.birth_year), 4) +
                       PaddedNumber(1 + random.Index(12), 2) + PaddedNumber(1 + random.Index(28), 2);
      const auto order = random.Index(500) * 2 + (out.female ? 0 : 1);  // odd for men
      id += PaddedNumber(order, 3);
      out.document = id + ResidentIdCheck(id);
    } while (!documents_.insert(out.document).second);
  }

  void MakeCompany(Caller& out, Random& random) {
    out.representative = PersonName(random, random.Chance(0.3));
    do {
      out.name = OneOf(kPlaces, random) + OneOf(kGivenMale, random) + OneOf(kGivenFemale, random) +
                 OneOf(kTrades, random) + "有限公司";
    } while (!documents_.insert(out.name).second);
    do {
      std::string organisation;
      for (int i = 0; i < 8; ++i) organisation += kUsccLetters[random.Index(kUsccLetters.size())];
      organisation += OrganisationCodeCheck(organisation);
      // GB 32100 has no room for I, O, S, V, Z; the organisation code's own check may be none of them.
      if (kUsccLetters.find(organisation.back()) == std::string_view::npos) continue;
      const std::string code = "91" + out.region + organisation;
      out.document = code + UsccCheck(code);
    } while (out.document.empty() || !documents_.insert(out.document).second);
  }

  std::set<std::string, std::less<>> mobiles_;
  std::set<std::string, std::less<>> documents_;
};

std::string GradeOfBalance(long minor) {
  if (minor >= 80'000'000) return "DIAMOND";
  if (minor >= 30'000'000) return "GOLD";
  if (minor >= 10'000'000) return "SILVER";
  return "STANDARD";
}

/// What the customer has of the bank and allows it.
void MakeCustomerOfBank(Caller& caller, Random& random) {
  caller.has_card = random.Chance(0.45);
  caller.has_term_deposit = random.Chance(0.2);
  const double asked = random.Uniform();
  caller.marketing = asked < 0.7    ? Caller::Consent::kGiven
                     : asked < 0.85 ? Caller::Consent::kWithdrawn
                                    : Caller::Consent::kNeverAsked;
  caller.do_not_contact = random.Chance(0.03);
}

std::vector<std::string> Columns(std::string_view line) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ';' && !quoted)
      out.emplace_back();
    else if (c != '\r' && c != '\n')
      out.back() += c;
  }
  return out;
}

}  // namespace

char ResidentIdCheck(std::string_view seventeen) {
  constexpr std::array kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < kWeights.size(); ++i) sum += (seventeen[i] - '0') * kWeights[i];
  return "10X98765432"[sum % 11];
}

char UsccCheck(std::string_view seventeen) {
  int sum = 0;
  int weight = 1;
  for (std::size_t i = 0; i < 17; ++i) {
    sum += UsccValue(seventeen[i]) * weight;
    weight = weight * 3 % 31;
  }
  return kUsccLetters[static_cast<std::size_t>((31 - sum % 31) % 31)];
}

char OrganisationCodeCheck(std::string_view eight) {
  constexpr std::array kWeights = {3, 7, 9, 10, 5, 8, 4, 2};
  constexpr std::string_view kLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  int sum = 0;
  for (std::size_t i = 0; i < kWeights.size(); ++i)
    sum += static_cast<int>(kLetters.find(eight[i])) * kWeights[i];
  const int check = 11 - sum % 11;
  return check == 10 ? 'X' : check == 11 ? '0' : static_cast<char>('0' + check);
}

std::vector<Caller> MakeCallers(std::size_t count, const Random& random) {
  std::vector<Caller> out;
  CallerMaker maker;
  for (std::size_t i = 0; i < count; ++i) {
    Random own = random.Fork("caller" + std::to_string(i));
    const bool company = i % 20 == 19;
    const int born = 2004 - static_cast<int>(std::min(70.0, own.Lognormal(3.1, 0.6)));
    Caller caller = maker.Make(own, company, born);
    if (!company) caller.occupation = OneOf(kOccupations, own);
    caller.balance_minor = static_cast<long>(own.Lognormal(15, 1.6));
    caller.grade = GradeOfBalance(caller.balance_minor);
    MakeCustomerOfBank(caller, own);
    out.push_back(std::move(caller));
  }
  return out;
}

Result<ReadCallers> CallersOfTable(const std::vector<std::string>& lines, const Random& random,
                                   int this_year) {
  std::map<std::string, std::size_t> at;
  if (!lines.empty()) {
    const auto names = Columns(lines.front());
    for (std::size_t i = 0; i < names.size(); ++i) at[names[i]] = i;
  }
  if (!at.contains("age") || !at.contains("job"))
    return InvalidArgument("HEADER_UNKNOWN", "the table's first line must name the columns age and job");
  ReadCallers out;
  CallerMaker maker;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const auto columns = Columns(lines[i]);
    const auto text = [&](const char* name) -> std::string {
      const auto found = at.find(name);
      if (found == at.end() || found->second >= columns.size() || columns[found->second] == "unknown")
        return "";
      return columns[found->second];
    };
    const auto number = [&](const char* name) -> long {
      const auto value = text(name);
      long result = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
      return error == std::errc{} && end == value.data() + value.size() ? result : -1'000'000'000;
    };
    const long age = number("age");
    if (age < 14 || age > 120 || columns.size() != at.size()) {
      ++out.refused;
      continue;
    }
    Random own = random.Fork("row" + std::to_string(i));
    Caller caller = maker.Make(own, false, this_year - static_cast<int>(age));
    caller.occupation = text("job");
    caller.marital_status = text("marital");
    caller.education = text("education");
    if (const long balance = number("balance"); balance > -1'000'000'000)
      caller.balance_minor = balance * 100;
    // The file's balances are euros of one account; the upper classes are a hundredth as rich as the made-up
    // ones.
    caller.grade = GradeOfBalance(caller.balance_minor * 50);
    MakeCustomerOfBank(caller, own);
    if (text("contact").empty()) caller.marketing = Caller::Consent::kNeverAsked;
    out.callers.push_back(std::move(caller));
  }
  return out;
}

}  // namespace carillon::simulator
