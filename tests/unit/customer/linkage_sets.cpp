#include "linkage_sets.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <random>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "customer/api/link_values.hpp"

namespace carillon::customer {
namespace {

using domain::Kind;
using domain::LinkField;
using Texts = std::vector<std::string>;

std::string Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  return first == std::string_view::npos
             ? ""
             : std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

Texts Cells(const std::string& line) {
  Texts cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  for (auto& cell : cells) cell = Trimmed(cell);
  return cells;
}

bool IsDay(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (c != '-' && c != '/') {
      return false;
    }
  }
  if (digits.size() != 8) return false;
  const int year = std::stoi(digits.substr(0, 4)), month = std::stoi(digits.substr(4, 2));
  const int day = std::stoi(digits.substr(6));
  return year > 1850 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/// What most of a column's values are.
LinkField FieldOf(const std::string& name, const Texts& values) {
  std::size_t known = 0, residents = 0, phones = 0, days = 0, codes = 0, companies = 0, words = 0,
              numbered = 0;
  std::size_t length = 0;
  for (const auto& value : values) {
    if (value.empty() || ++known > 2000) continue;
    const std::string number =
        domain::NormalizedNumber(carillon::customer::v1::Identifier::RESIDENT_ID, value);
    const auto digits = static_cast<std::size_t>(
        std::count_if(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; }));
    residents += domain::ReadResidentId(number) ? 1U : 0U;
    phones += digits >= 8 && text::ToE164(value) ? 1U : 0U;
    days += IsDay(value) ? 1U : 0U;
    codes += digits == value.size() || value.size() <= 3 ? 1U : 0U;
    companies += domain::CompanyCore(text::Fold(value)).size() + 4 < value.size() && digits == 0 ? 1U : 0U;
    words += value.find(' ') != std::string::npos || text::Length(value) > 4 ? 1U : 0U;
    numbered += digits > 0 ? 1U : 0U;
    length += value.size();
  }
  known = std::max<std::size_t>(1, std::min<std::size_t>(known, 2000));
  const auto most = [&](std::size_t count) { return count * 2 > known; };
  if (most(residents)) return {name, Kind::kIdentity, false};
  if (most(days)) return {name, Kind::kDate, false};
  if (most(phones)) return {name, Kind::kPhone, true};
  if (most(codes)) return {name, Kind::kCode, false};
  if (most(companies)) return {name, Kind::kCompany, false};
  if (most(words) && length > known * 9) return {name, Kind::kText, most(numbered)};
  return {name, Kind::kName, false};
}

std::vector<std::string> OwnersOf(const Texts& ids) {
  std::vector<std::string> owners;
  for (const auto& id : ids) {
    const auto end = std::min(id.find("-org"), id.find("-dup-"));
    owners.push_back(id.substr(0, end));
  }
  return owners;
}

std::size_t PairsOf(std::size_t size) { return size * (size - 1) / 2; }

using Random = std::mt19937_64;
std::size_t Below(Random& random, std::size_t end) { return static_cast<std::size_t>(random() % end); }
bool Chance(Random& random, double p) { return static_cast<double>(random() >> 11U) * 0x1.0p-53 < p; }
template <class List>
const auto& Any(Random& random, const List& list) {
  return list[Below(random, list.size())];
}

// Family names by how common they are: the first twenty are half of all people.
const Texts kFamilyNames{"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙",
                         "胡", "朱", "高", "林", "何", "郭", "马", "罗", "梁", "宋", "郑", "谢",
                         "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅",
                         "沈", "曾", "彭", "吕", "苏", "卢", "蒋", "蔡", "贾", "丁", "魏", "薛",
                         "叶", "阎", "余", "潘", "杜", "戴", "夏", "钟", "汪", "田", "任", "姜"};
// Characters of given names; those of a group sound the same.
const std::vector<Texts> kGivenSounds{{"芳", "方", "坊"},
                                      {"伟", "玮", "炜"},
                                      {"静", "婧", "靖"},
                                      {"磊", "蕾"},
                                      {"洋", "阳", "扬", "杨"},
                                      {"丽", "莉", "立"},
                                      {"敏", "旻"},
                                      {"杰", "洁", "捷"},
                                      {"强"},
                                      {"军", "君", "俊", "钧"},
                                      {"娜"},
                                      {"涛", "桃"},
                                      {"明", "鸣", "铭"},
                                      {"超"},
                                      {"秀", "岫"},
                                      {"霞", "侠"},
                                      {"平", "萍", "屏"},
                                      {"刚", "钢"},
                                      {"桂", "贵"},
                                      {"英", "瑛", "颖"},
                                      {"华", "桦", "骅"},
                                      {"玉", "钰", "煜"},
                                      {"文", "雯", "闻"},
                                      {"建", "健", "剑"},
                                      {"国"},
                                      {"志", "智", "治"},
                                      {"海"},
                                      {"红", "宏", "鸿"},
                                      {"春"},
                                      {"梅", "玫"},
                                      {"兰", "岚"},
                                      {"勇", "永", "咏"},
                                      {"燕", "艳", "雁"},
                                      {"鹏", "朋"},
                                      {"晨", "辰", "臣"},
                                      {"雪"},
                                      {"佳", "嘉", "家"},
                                      {"欣", "新", "昕"},
                                      {"宇", "羽", "雨"},
                                      {"浩", "昊", "皓"},
                                      {"子", "梓", "紫"},
                                      {"轩", "宣", "萱"},
                                      {"怡", "宜"},
                                      {"琳", "霖", "林"},
                                      {"慧", "惠", "会"}};
const std::vector<std::pair<std::string, std::string>> kPlaces{
    {"110101", "北京市东城区"},       {"110105", "北京市朝阳区"},       {"310104", "上海市徐汇区"},
    {"440103", "广东省广州市荔湾区"}, {"440305", "广东省深圳市南山区"}, {"440604", "广东省佛山市禅城区"},
    {"330102", "浙江省杭州市上城区"}, {"320102", "江苏省南京市玄武区"}, {"510104", "四川省成都市锦江区"},
    {"420102", "湖北省武汉市江岸区"}, {"430102", "湖南省长沙市芙蓉区"}, {"610102", "陕西省西安市新城区"},
    {"370102", "山东省济南市历下区"}, {"210102", "辽宁省沈阳市和平区"}, {"350102", "福建省福州市鼓楼区"}};
const Texts kRoads{"建国路", "人民路", "解放路", "中山路", "和平路", "新华路", "祖庙路",
                   "文化路", "建设路", "胜利路", "长江路", "黄河路", "朝阳路", "光明路",
                   "幸福路", "东风路", "延安路", "北京路", "南京路", "体育路"};
const Texts kTrades{"进出口", "科技", "电子", "贸易", "建筑", "物流",
                    "广告",   "餐饮", "纺织", "医药", "软件", "陶瓷"};
const Texts kLegal{"有限公司", "有限责任公司", "股份有限公司", "集团有限公司"};
const Texts kCompanyWords{"华", "鑫", "盛", "泰", "隆", "达", "兴", "瑞", "恒", "信",
                          "宏", "宝", "金", "天", "美", "安", "和", "康", "捷", "联",
                          "创", "力", "源", "丰", "佳", "德", "诚", "海", "龙", "凯"};

std::string Digits(Random& random, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += static_cast<char>('0' + Below(random, 10));
  return out;
}

std::string Padded(std::size_t number, std::size_t width) {
  std::string out = std::to_string(number);
  return out.size() < width ? std::string(width - out.size(), '0') + out : out;
}

std::string Birth(Random& random, std::size_t from, std::size_t to) {
  return std::to_string(from + Below(random, to - from)) + Padded(1 + Below(random, 12), 2) +
         Padded(1 + Below(random, 28), 2);
}

std::string ResidentNumber(Random& random, const std::string& region, const std::string& birth, bool male) {
  const std::size_t sequence = Below(random, 500) * 2 + (male ? 1 : 0);
  const std::string digits = region + birth + Padded(sequence % 1000, 3);
  // A 15-digit form is completed with the right check digit, so let the product's own function do it.
  for (const char check : std::string("10X98765432")) {
    if (domain::ReadResidentId(digits + check)) return digits + check;
  }
  throw std::logic_error("no check digit fits");
}

struct Given {
  std::vector<std::pair<std::size_t, std::size_t>> sounds;  ///< group and character
  std::string text() const {
    std::string out;
    for (const auto& [group, one] : sounds) out += kGivenSounds[group][one];
    return out;
  }
};

Given AGiven(Random& random) {
  Given given;
  const std::size_t length = Chance(random, 0.35) ? 1 : 2;
  for (std::size_t i = 0; i < length; ++i) {
    const std::size_t group = Below(random, kGivenSounds.size());
    given.sounds.emplace_back(group, Below(random, kGivenSounds[group].size()));
  }
  return given;
}

/// The same sounds in other characters, where there are others.
std::string SoundsLike(Random& random, Given given) {
  for (auto& [group, one] : given.sounds) one = Below(random, kGivenSounds[group].size());
  return given.text();
}

std::string Mobile(Random& random) {
  static const Texts kPrefixes{"138", "139", "137", "136", "135", "158",
                               "159", "186", "187", "188", "177", "199"};
  return Any(random, kPrefixes) + Digits(random, 8);
}

std::string WrittenPhone(Random& random, const std::string& mobile) {
  switch (Below(random, 4)) {
    case 0:
      return "+86" + mobile;
    case 1:
      return mobile.substr(0, 3) + "-" + mobile.substr(3, 4) + "-" + mobile.substr(7);
    case 2:
      return "0086 " + mobile;
    default:
      return mobile;
  }
}

struct Address {
  std::string place, road;
  std::size_t number, building, room;
};

Address AnAddress(Random& random, const std::string& place) {
  return {place, Any(random, kRoads), 1 + Below(random, 300), 1 + Below(random, 20),
          (1 + Below(random, 24)) * 100 + 1 + Below(random, 6)};
}

std::string Written(Random& random, const Address& at) {
  std::string place = at.place;
  if (Chance(random, 0.25)) {
    if (const auto province = place.find("省"); province != std::string::npos)
      place = place.substr(province + 3);
  }
  std::string out = place + at.road + std::to_string(at.number) + "号";
  if (Chance(random, 0.85)) {
    const bool shortly = Chance(random, 0.3);
    out += std::to_string(at.building) + (shortly ? "-" : "号楼") + std::to_string(at.room) +
           (shortly ? "" : "室");
  }
  return out;
}

std::string ACompany(Random& random, const std::string& city) {
  return city + Any(random, kCompanyWords) + Any(random, kCompanyWords) + Any(random, kTrades);
}

std::string WithSlip(Random& random, std::string digits) {
  const std::size_t at = Below(random, digits.size());
  if (Chance(random, 0.5) && at + 1 < digits.size()) {
    std::swap(digits[at], digits[at + 1]);
  } else {
    digits[at] = static_cast<char>('0' + Below(random, 10));
  }
  return digits;
}

struct Human {
  std::string family, birth, number, mobile, employer;
  Given given;
  Address address;
  bool male = false;
};

std::string CityOf(const std::string& place) {
  const auto province = place.find("省");
  const std::string rest = province == std::string::npos ? place : place.substr(province + 3);
  return rest.substr(0, rest.find("市"));
}

Human AHuman(Random& random, const std::pair<std::string, std::string>& place, std::size_t from,
             std::size_t to) {
  Human human;
  // The square makes the first names as common as they are.
  const double draw = static_cast<double>(Below(random, 1'000'000)) / 1e6;
  human.family =
      kFamilyNames[static_cast<std::size_t>(draw * draw * static_cast<double>(kFamilyNames.size()))];
  human.given = AGiven(random);
  human.male = Chance(random, 0.5);
  human.birth = Birth(random, from, to);
  human.number = ResidentNumber(random, place.first, human.birth, human.male);
  human.mobile = Mobile(random);
  human.address = AnAddress(random, place.second);
  human.employer = ACompany(random, CityOf(place.second));
  return human;
}

/// One record of one system.
Texts RecordOf(Random& random, const Human& human) {
  std::string name = human.family + human.given.text();
  if (Chance(random, 0.06)) name = human.family + SoundsLike(random, human.given);
  if (Chance(random, 0.04)) {
    const std::string family = text::Pinyin(human.family), given = text::Pinyin(human.given.text());
    name = Chance(random, 0.5) ? family + " " + given : given + " " + family;
  }
  std::string number = human.number;
  if (Chance(random, 0.15) && number.substr(6, 2) == "19") number = number.substr(0, 6) + number.substr(8, 9);
  if (Chance(random, 0.03)) number = WithSlip(random, number.substr(0, 15)) + number.substr(15);
  if (Chance(random, 0.35)) number.clear();
  std::string birth = human.birth;
  if (Chance(random, 0.04)) birth = WithSlip(random, birth);
  if (Chance(random, 0.03)) birth = birth.substr(0, 4) + birth.substr(6) + birth.substr(4, 2);
  if (Chance(random, 0.15)) birth.clear();
  std::string phone = WrittenPhone(random, Chance(random, 0.12) ? Mobile(random) : human.mobile);
  if (Chance(random, 0.08)) phone.clear();
  std::string address = Written(random, human.address);
  if (Chance(random, 0.10)) address.clear();
  std::string employer = human.employer + (Chance(random, 0.7) ? Any(random, kLegal) : "");
  if (Chance(random, 0.5)) employer.clear();
  return {name, number, birth, phone, address, employer};
}

}  // namespace

RecordSet ReadCsv(std::istream& in, const std::string& truth, const std::vector<std::string>& hidden) {
  std::string line;
  std::getline(in, line);
  const Texts heading = Cells(line);
  const auto at = std::find(heading.begin(), heading.end(), truth);
  if (at == heading.end()) throw std::runtime_error("there is no column " + truth);
  std::vector<Texts> columns(heading.size());
  while (std::getline(in, line)) {
    if (Trimmed(line).empty()) continue;
    Texts cells = Cells(line);
    cells.resize(heading.size());
    for (std::size_t c = 0; c < heading.size(); ++c) columns[c].push_back(std::move(cells[c]));
  }
  RecordSet set;
  set.owners = OwnersOf(columns[static_cast<std::size_t>(at - heading.begin())]);
  set.records.resize(set.owners.size());
  for (std::size_t c = 0; c < heading.size(); ++c) {
    if (heading[c] == truth || std::find(hidden.begin(), hidden.end(), heading[c]) != hidden.end()) continue;
    set.fields.push_back(FieldOf(heading[c], columns[c]));
    for (std::size_t r = 0; r < set.records.size(); ++r) set.records[r].push_back(columns[c][r]);
  }
  return set;
}

RecordSet GeneratedPeople(std::size_t records, std::uint64_t seed) {
  Random random(seed);
  RecordSet set;
  set.fields = {{"name", Kind::kName, false},       {"id_number", Kind::kIdentity, false},
                {"birth_date", Kind::kDate, false}, {"mobile", Kind::kPhone, true},
                {"address", Kind::kText, true},     {"employer", Kind::kCompany, false}};
  std::vector<std::string> given_up;  // numbers that were somebody's once
  std::size_t people = 0;
  const auto add = [&](const Human& human) {
    const std::size_t copies =
        1 + (Chance(random, 0.45) ? 1 : 0) + (Chance(random, 0.2) ? Below(random, 3) : 0);
    const std::string owner = "p" + std::to_string(people++);
    for (std::size_t i = 0; i < copies; ++i) {
      set.records.push_back(RecordOf(random, human));
      set.owners.push_back(owner);
    }
  };
  while (set.records.size() < records) {
    const auto& place = Any(random, kPlaces);
    Human human = AHuman(random, place, 1950, 1999);
    if (!given_up.empty() && Chance(random, 0.05)) human.mobile = Any(random, given_up);
    if (Chance(random, 0.05) && given_up.size() < 100'000) given_up.push_back(human.mobile);
    add(human);
    if (Chance(random, 0.02)) {  // somebody else of the same sound, in the same town
      Human other = AHuman(random, place, 1950, 1999);
      other.family = human.family;
      other.given = human.given;
      for (auto& [group, one] : other.given.sounds) one = Below(random, kGivenSounds[group].size());
      add(other);
    }
    if (!Chance(random, 0.25)) continue;
    // A household: a spouse of another name, children with the father's; one phone for all, or their own.
    const bool one_phone = Chance(random, 0.6);
    const std::size_t others = 1 + Below(random, 3);
    for (std::size_t i = 0; i < others; ++i) {
      Human other = i == 0 ? AHuman(random, place, 1950, 1999) : AHuman(random, place, 2000, 2018);
      if (i > 0) other.family = human.family;
      other.address = human.address;
      if (one_phone) other.mobile = human.mobile;
      add(other);
    }
  }
  return set;
}

RecordSet GeneratedCompanies(std::size_t records, std::uint64_t seed) {
  Random random(seed);
  RecordSet set;
  set.fields = {{"name", Kind::kCompany, false},
                {"credit_code", Kind::kCode, false},
                {"phone", Kind::kPhone, true},
                {"address", Kind::kText, true},
                {"legal_representative", Kind::kName, false}};
  std::string agency = Mobile(random);
  for (std::size_t company = 0; set.records.size() < records; ++company) {
    const auto& place = Any(random, kPlaces);
    if (company % 40 == 0) agency = Mobile(random);
    const std::string name = ACompany(random, CityOf(place.second)), legal = Any(random, kLegal);
    const std::string code = "91" + place.first + "MA" + Digits(random, 7) + "X";
    const std::string phone = Chance(random, 0.1) ? agency : Mobile(random);
    const Address address = AnAddress(random, place.second);
    const Human head = AHuman(random, place, 1950, 1990);
    const std::size_t copies = 1 + (Chance(random, 0.5) ? 1 + Below(random, 2) : 0);
    for (std::size_t i = 0; i < copies; ++i) {
      std::string written = name + (Chance(random, 0.8) ? legal : Any(random, kLegal));
      if (Chance(random, 0.15)) written = name;
      set.records.push_back({written, Chance(random, 0.4) ? "" : code,
                             Chance(random, 0.1) ? "" : WrittenPhone(random, phone),
                             Chance(random, 0.1) ? "" : Written(random, address),
                             Chance(random, 0.3) ? "" : head.family + head.given.text()});
      set.owners.push_back("c" + std::to_string(company));
    }
  }
  return set;
}

double Score::precision() const {
  return found == 0 ? 1 : static_cast<double>(right) / static_cast<double>(found);
}
double Score::recall() const {
  return true_pairs == 0 ? 1 : static_cast<double>(right) / static_cast<double>(true_pairs);
}
double Score::f1() const {
  const double p = precision(), r = recall();
  return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

namespace {

domain::Population PopulationOf(const RecordSet& set) {
  domain::Population population(set.fields);
  std::vector<domain::RawValue> values(set.fields.size());
  // Readings are slow to make, and names repeat.
  std::unordered_map<std::string, domain::RawValue> names;
  for (const auto& record : set.records) {
    for (std::size_t f = 0; f < set.fields.size(); ++f) {
      if (set.fields[f].kind != Kind::kName) {
        values[f] = api::LinkValue(set.fields[f].kind, record[f]);
        continue;
      }
      const auto [at, isnew] = names.try_emplace(record[f]);
      if (isnew) at->second = api::LinkValue(Kind::kName, record[f]);
      values[f] = at->second;
    }
    population.Add(values);
  }
  return population;
}

std::string Told(const RecordSet& set, const domain::Judged& judged, domain::RecordPair pair) {
  std::string out = set.owners[pair.a] == set.owners[pair.b] ? "one customer" : "two customers";
  out += ", weight " + std::to_string(judged.weight) + (judged.conflict ? ", conflict" : "") + ":";
  for (const auto& evidence : judged.evidence) {
    out += " " + set.fields[evidence.field].name + " " + std::string(domain::LevelName(evidence.level)) +
           " " + std::to_string(evidence.weight) + " (" + set.records[pair.a][evidence.field] + " | " +
           set.records[pair.b][evidence.field] + ");";
  }
  return out;
}

}  // namespace

Outcome Linked(const RecordSet& set, const domain::Thresholds& thresholds) {
  Outcome out;
  const auto began = std::chrono::steady_clock::now();
  const domain::Population population = PopulationOf(set);
  const auto candidates = domain::Candidates(population);
  out.model = domain::Learnt(population, candidates);
  const auto links = domain::Links(out.model, population, candidates, 0);
  const auto groups = domain::Grouped(out.model, population, links);
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();

  out.candidates = candidates.size();
  std::unordered_map<std::string, std::size_t> sizes;
  for (const auto& owner : set.owners) ++sizes[owner];
  for (const auto& [owner, size] : sizes) out.linked.true_pairs += PairsOf(size);
  out.merged.true_pairs = out.linked.true_pairs;
  for (const auto& group : groups) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      for (std::size_t j = i + 1; j < group.size(); ++j) {
        ++out.linked.found;
        if (set.owners[group[i]] == set.owners[group[j]]) ++out.linked.right;
      }
    }
  }
  for (const auto& link : links) {
    const auto judged = domain::Judge(out.model, population, link.pair);
    if (domain::Decided(judged, thresholds) != domain::Decision::kMerge) continue;
    ++out.merged.found;
    if (set.owners[link.pair.a] == set.owners[link.pair.b]) ++out.merged.right;
  }
  return out;
}

std::vector<std::string> Explained(const RecordSet& set, std::size_t n) {
  const domain::Population population = PopulationOf(set);
  const auto candidates = domain::Candidates(population);
  const auto model = domain::Learnt(population, candidates);
  auto links = domain::Links(model, population, candidates, -20);
  std::sort(links.begin(), links.end(), [](const auto& x, const auto& y) {
    return std::abs(x.weight) != std::abs(y.weight) ? std::abs(x.weight) < std::abs(y.weight)
                                                    : x.pair < y.pair;
  });
  std::vector<std::string> out;
  for (const auto& link : links) {
    if (out.size() == n) break;
    out.push_back(Told(set, domain::Judge(model, population, link.pair), link.pair));
  }
  return out;
}

}  // namespace carillon::customer
