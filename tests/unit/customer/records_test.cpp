#include "customer/domain/records.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "base/ids.hpp"
#include "customer/domain/errors.hpp"
#include "customer/domain/rows.hpp"
#include "sample.hpp"
#include "values.hpp"

namespace carillon::customer {
namespace {

using google::protobuf::util::MessageDifferencer;

pb::RawRecord Says(const std::string& system, TimePoint at, const std::function<void(pb::Customer&)>& what) {
  static int next = 0;
  pb::RawRecord record;
  record.set_name("customers/" + kId + "/records/" + std::to_string(1000 + next++));
  record.set_system(system);
  record.set_key(record.name());
  what(*record.mutable_values());
  *record.mutable_observe_time() = ToProto(at);
  return record;
}

void Mobile(pb::Customer& to, const std::string& number) {
  auto& medium = *to.add_contacts();
  medium.set_type(pb::ContactMedium::MOBILE);
  medium.set_number(number);
  medium.set_primary(true);
}

pb::Customer AShell() {
  pb::Customer shell;
  shell.set_name("customers/" + kId);
  shell.set_state(pb::Customer::ACTIVE);
  shell.mutable_person();
  shell.set_etag("7");
  *shell.mutable_create_time() = ToProto(kNoon);
  return shell;
}

const domain::TrustRanks kRanks{{"carillon", 1}, {"edw", 10}, {"billing", 20}, {"web", 20}};

TEST_CASE("each value is the most trusted source's, else the later, else the more complete",
          "[customer][records]") {
  const auto edw = Says("edw", kNoon, [](auto& c) { c.mutable_person()->set_full_name("张伟"); });
  const auto billing = Says("billing", kNoon + 1h, [](auto& c) {
    c.mutable_person()->set_full_name("张 伟");
    c.mutable_person()->set_occupation("教师");
    c.set_brand("青");
  });
  const auto web = Says("web", kNoon + 2h, [](auto& c) {
    c.mutable_person()->set_occupation("中学教师");
    c.mutable_person()->set_education("本科");
  });
  const auto late = Says("web", kNoon + 2h, [](auto& c) { c.mutable_person()->set_education("大学本科"); });
  const auto unknown = Says("elsewhere", kNoon + 9h, [](auto& c) {
    c.set_brand("红");
    c.set_home_branch("深圳福田支行");
  });
  const auto composed = domain::Compose(AShell(), {unknown, web, billing, edw, late}, kRanks);
  CHECK(composed.customer.person().full_name() == "张伟");       // trusted
  CHECK(composed.customer.person().occupation() == "中学教师");  // later of two of one rank
  CHECK(composed.customer.person().education() == "大学本科");   // more complete of two at one time
  CHECK(composed.customer.brand() == "青");
  CHECK(composed.customer.home_branch() == "深圳福田支行");
  std::map<std::string, std::string> from;
  for (const auto& source : composed.sources) from[source.path()] = source.record();
  CHECK(from == std::map<std::string, std::string>{{"person.full_name", edw.name()},
                                                   {"person.occupation", web.name()},
                                                   {"person.education", late.name()},
                                                   {"brand", billing.name()},
                                                   {"home_branch", unknown.name()}});
  CHECK(composed.customer.etag() == "7");
}

TEST_CASE("numbers of all sources are kept once, and one of a kind is the one to use",
          "[customer][records]") {
  const auto a = Says("edw", kNoon, [](auto& c) { Mobile(c, "+8613900002211"); });
  const auto b = Says("web", kNoon + 1h, [](auto& c) {
    Mobile(c, "+8613600009080");
    Mobile(c, "+8613900002211");
  });
  const auto composed = domain::Compose(AShell(), {b, a}, kRanks).customer;
  REQUIRE(composed.contacts_size() == 2);
  CHECK(composed.contacts(0).number() == "+8613900002211");
  CHECK(composed.contacts(0).primary());
  CHECK_FALSE(composed.contacts(1).primary());
}

TEST_CASE("the later word counts for consents, whoever brings it", "[customer][records]") {
  const auto consent = [](pb::Customer& to, pb::Consent::Decision decision, TimePoint at) {
    auto& one = *to.add_consents();
    one.set_channel(carillon::type::v1::VOICE);
    one.set_purpose(pb::Consent::MARKETING);
    one.set_decision(decision);
    *one.mutable_decide_time() = ToProto(at);
  };
  const auto trusted = Says("edw", kNoon + 5h, [&](auto& c) { consent(c, pb::Consent::GIVEN, kNoon); });
  const auto web = Says("web", kNoon, [&](auto& c) { consent(c, pb::Consent::WITHDRAWN, kNoon + 1h); });
  const auto composed = domain::Compose(AShell(), {trusted, web}, kRanks).customer;
  REQUIRE(composed.consents_size() == 1);
  CHECK(composed.consents(0).decision() == pb::Consent::WITHDRAWN);
}

TEST_CASE("an edit adds, replaces and takes away, and says nothing of the rest", "[customer][records]") {
  auto before = Made(LiXiuying());
  auto after = before;
  after.clear_contacts();
  after.set_brand("青");
  pb::RawRecord edits;
  edits.set_name("customers/" + kId + "/records/9");
  edits.set_system("carillon");
  domain::NoteEdit(edits, before, after, kNoon + 1h);
  CHECK(edits.removed_size() == 1);
  CHECK(domain::AttributeKeys(edits.values()) == std::vector<std::string>{"brand"});
  const auto own = domain::AsRecord(before, "customers/" + kId + "/records/1");
  auto composed = domain::Compose(before, {own, edits}, kRanks).customer;
  CHECK(composed.contacts_size() == 0);
  CHECK(composed.brand() == "青");
  CHECK(composed.person().full_name() == "李秀英");
  // Said anew, it is back.
  domain::NoteEdit(edits, after, before, kNoon + 2h);
  composed = domain::Compose(before, {own, edits}, kRanks).customer;
  CHECK(composed.contacts_size() == 1);
  CHECK(composed.brand().empty());
}

/// A tenant in memory: customers, where each went, what sources said; as the service keeps them.
struct World {
  std::map<std::string, pb::Customer> shells;
  std::map<std::string, std::string> went_into;
  std::map<std::string, std::vector<pb::RawRecord>> records;  ///< by home
  std::set<std::string> open_edits;

  std::string Root(std::string id) const {
    while (went_into.contains(id)) id = went_into.at(id);
    return id;
  }
  bool IsIn(const std::string& id, const std::string& root) const {
    for (std::string at = id;; at = went_into.at(at)) {
      if (at == root) return true;
      if (!went_into.contains(at)) return false;
    }
  }
  std::vector<pb::RawRecord> Family(const std::string& root) const {
    std::vector<pb::RawRecord> out;
    for (const auto& [home, of] : records) {
      if (IsIn(home, root)) out.insert(out.end(), of.begin(), of.end());
    }
    return out;
  }
  domain::Composed Now(const std::string& root) const {
    return domain::Compose(shells.at(root), Family(root), kRanks);
  }
};

TEST_CASE(
    "any history of records, edits, merges and unmerges gives the sources back and knows whence each value "
    "is",
    "[customer][records]") {
  int merges = 0, unmerges = 0, values_checked = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    const auto any = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
    World world;
    std::vector<std::string> ids;
    TimePoint now = kNoon;
    const auto say = [&](pb::Customer& c) {
      if (any(2) == 0) c.mutable_person()->set_full_name("名" + std::to_string(any(4)));
      if (any(2) == 0) c.mutable_person()->set_employer("公司" + std::to_string(any(4)));
      if (any(2) == 0) c.set_brand("b" + std::to_string(any(4)));
      if (any(2) == 0) Mobile(c, "+861380013800" + std::to_string(any(6)));
      if (any(3) == 0) c.add_special_needs(any(2) == 0 ? "ELDERLY" : "VISION");
    };
    static constexpr std::array kSystems{"edw", "billing", "web", "elsewhere"};
    for (int i = 0; i < 6; ++i) {
      const std::string id = "customers/" + std::to_string(i);
      ids.push_back(id);
      pb::Customer shell = AShell();
      shell.set_name(id);
      *shell.mutable_create_time() = ToProto(now += 1min);
      world.shells[id] = shell;
      world.records[id].push_back(Says(kSystems[any(4)], now, say));
    }
    // What each source record was when nothing was merged; edits come on top as records of their own.
    for (int step = 0; step < 40; ++step) {
      now += 1min;
      const std::string id = ids[any(ids.size())], root = world.Root(id);
      switch (any(4)) {
        case 0: {  // a source says something new, whoever the customer is by now
          world.records[id].push_back(Says(kSystems[any(4)], now, say));
          break;
        }
        case 1: {  // people edit the one that is there
          const auto before = world.Now(root).customer;
          auto after = before;
          say(after);
          after.mutable_special_needs()->Clear();
          if (world.open_edits.insert(root).second) {
            world.records[root].push_back(Says("carillon", now, [](auto&) {}));
          }
          auto& own = world.records[root];
          const auto edits =
              std::find_if(own.rbegin(), own.rend(), [](const auto& r) { return r.system() == "carillon"; });
          domain::NoteEdit(*edits, before, after, now);
          break;
        }
        case 2: {
          const std::string other = world.Root(ids[any(ids.size())]);
          if (other == root) break;
          const bool root_stays = domain::StaysOf(world.shells[root], world.shells[other]);
          const auto& goes = root_stays ? other : root;
          const auto& stays = root_stays ? root : other;
          REQUIRE(domain::RequireMergeable(world.shells[goes], world.shells[stays]));
          const auto kept_before = world.records;
          world.went_into[goes] = stays;
          world.open_edits.erase(goes);
          world.open_edits.erase(stays);
          // Both are in the one that stays, and undone at once both are what they were.
          CHECK(world.Family(stays).size() >= world.records[goes].size() + world.records[stays].size());
          World undone = world;
          undone.went_into.erase(goes);
          for (const auto& [home, of] : kept_before) {
            for (std::size_t r = 0; r < of.size(); ++r) {
              REQUIRE(undone.records[home][r].SerializeAsString() == of[r].SerializeAsString());
            }
          }
          ++merges;
          break;
        }
        default: {
          if (!world.went_into.contains(id)) break;
          const std::string survivor = world.Root(id);
          const auto together = world.Family(survivor).size();
          world.went_into.erase(id);
          world.open_edits.erase(survivor);
          // Nothing is lost and nothing is in both.
          REQUIRE(world.Family(survivor).size() + world.Family(id).size() == together);
          ++unmerges;
        }
      }
      for (const auto& each : ids) {
        if (world.went_into.contains(each)) continue;
        const auto composed = world.Now(each);
        // Whatever order the records come in, the customer is the same.
        auto shuffled = world.Family(each);
        std::shuffle(shuffled.begin(), shuffled.end(), random);
        const auto again = domain::Compose(world.shells[each], shuffled, kRanks);
        REQUIRE(MessageDifferencer::Equals(composed.customer, again.customer));
        std::map<std::string, pb::RawRecord> by_name;
        for (const auto& record : world.Family(each)) by_name[record.name()] = record;
        for (const auto& source : composed.sources) {
          REQUIRE(by_name.contains(source.record()));
          // The record says just this value.
          const auto value = ValueAt(composed.customer, source.path());
          const auto& said = by_name[source.record()].values();
          const auto keys = domain::AttributeKeys(value);
          REQUIRE(keys.size() == 1);
          const auto said_keys = domain::AttributeKeys(said);
          REQUIRE(std::find(said_keys.begin(), said_keys.end(), keys[0]) != said_keys.end());
          if (source.path() == "brand") REQUIRE(said.brand() == composed.customer.brand());
          if (source.path() == "person.full_name") {
            REQUIRE(said.person().full_name() == composed.customer.person().full_name());
          }
          ++values_checked;
        }
        // And every value has a source.
        REQUIRE(domain::AttributeKeys(composed.customer).size() == composed.sources.size());
      }
    }
    // All undone, in any order: each is what its own records say.
    while (!world.went_into.empty()) {
      auto at = world.went_into.begin();
      std::advance(at, static_cast<std::ptrdiff_t>(any(world.went_into.size())));
      world.went_into.erase(at);
    }
    for (const auto& id : ids) {
      const auto alone = domain::Compose(world.shells[id], world.records[id], kRanks);
      REQUIRE(MessageDifferencer::Equals(world.Now(id).customer, alone.customer));
    }
  }
  CHECK(merges > 100);
  CHECK(unmerges > 100);
  CHECK(values_checked > 10000);
}

TEST_CASE("what can not be one is refused", "[customer][records]") {
  const auto one = Made(LiXiuying());
  CHECK(domain::RequireMergeable(one, one).error().reason == "MERGE_IMPOSSIBLE");
  auto other = one;
  other.set_name("customers/018f3000-0000-7000-8000-000000000002");
  CHECK(domain::RequireMergeable(one, other));
  CHECK(domain::StaysOf(one, other));
  CHECK_FALSE(domain::StaysOf(other, one));
  other.set_client("clients/x");
  CHECK(domain::RequireMergeable(one, other).error().reason == "MERGE_IMPOSSIBLE");
  other = one;
  other.set_name("customers/018f3000-0000-7000-8000-000000000002");
  other.set_state(pb::Customer::ERASED);
  CHECK(domain::RequireMergeable(one, other).error().reason == "CUSTOMER_ERASED");
  const auto gone = domain::WentInto(one, "customers/x", kNoon);
  CHECK(gone.state() == pb::Customer::MERGED);
  CHECK(gone.identifiers_size() + gone.contacts_size() == 0);
  CHECK(gone.person().full_name().empty());
}

TEST_CASE("a file is read row by row, however it is cut", "[customer][records]") {
  const std::string file =
      "key,full_name,mobile,changed_at\r\n"
      "1,\"李, 秀英\",13800138000,2024-05-01T00:00:00Z\n"
      "\n"
      "2,\"say \"\"hi\"\"\nthere\",,\n"
      "3,王芳,139,";
  for (std::size_t piece = 1; piece <= file.size(); ++piece) {
    std::vector<std::vector<std::string>> rows;
    std::size_t at = 0;
    std::size_t length = piece;
    while (at < file.size()) {
      const bool last = at + length >= file.size();
      const auto found = domain::RowsOf(std::string_view(file).substr(at, length), last, 200);
      for (const auto& row : found.cells) rows.push_back(row);
      if (found.ends.empty()) {
        if (last) break;
        length += piece;  // the sender makes it longer
      } else {
        at += found.ends.back();
        length = piece;
      }
    }
    REQUIRE(rows.size() == 4);
    REQUIRE(rows[1][1] == "李, 秀英");
    REQUIRE(rows[2][1] == "say \"hi\"\nthere");
    REQUIRE(rows[3] == std::vector<std::string>{"3", "王芳", "139", ""});
  }
  CHECK(domain::RowsOf("a\nb\nc\n", true, 2).ends == std::vector<std::size_t>{2, 4});
}

TEST_CASE("a row says what its columns are called, and what does not read is named", "[customer][records]") {
  const std::vector<std::string> columns{"key",   "full_name", "gender",    "birth_date",
                                         "grade", "-",         "changed_at"};
  REQUIRE(domain::RequireColumns(columns));
  const auto record =
      domain::RecordOfRow(columns, {"k1", "李秀英", "女", "1985-03-07", "GOLD", "?", "2024-05-01T00:00:00Z"});
  REQUIRE(record);
  CHECK(record->key() == "k1");
  CHECK(record->values().person().gender() == pb::Person::FEMALE);
  CHECK(record->values().person().birth_date().day() == 7);
  CHECK(record->values().grade() == pb::Customer::GOLD);
  const auto bad = domain::RecordOfRow(columns, {"", "x", "?", "soon", "BEST", "", "yesterday"});
  REQUIRE_FALSE(bad);
  CHECK(bad.error().violations.size() == 4);
  for (const char* cell : {"a\x01", "\xC3\x28", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\x80", "\xE4\xB8"}) {
    CHECK_FALSE(domain::RecordOfRow({"key", "full_name"}, {"k", cell}));
  }
  CHECK_FALSE(domain::RecordOfRow({"key", "full_name"}, {"k", std::string(257, 'x')}));
  CHECK_FALSE(domain::RecordOfRow({"key", "full_name"}, {"", "x"}));
  CHECK_FALSE(domain::RecordOfRow({"key", "full_name", "home_region"}, {"k", "x", "44"}));
  CHECK(domain::RecordOfRow({"key", "full_name"}, {"k", "欧阳𠮷"}));
  CHECK(domain::RecordOfRow(columns, {"k1"}).error().reason == "ROW_MALFORMED");
  const std::vector<std::string> amounts{"key", "account_number", "account_balance", "lifetime_value"};
  const auto rich = domain::RecordOfRow(amounts, {"k", "6225", "860000.5", "-12"});
  REQUIRE(rich);
  CHECK(rich->values().accounts(0).balance().units() == 860000);
  CHECK(rich->values().accounts(0).balance().nanos() == 500000000);
  CHECK(rich->values().lifetime_value().units() == -12);
  for (const char* cell : {"1.", ".5", "1,5", "-", "1e3", "1234567890123456", "1.1234567891"}) {
    CHECK_FALSE(domain::RecordOfRow(amounts, {"k", "6225", cell, "1"}));
  }
  CHECK(domain::RequireColumns({"key", "shoe"}).error().violations.size() == 2);
  CHECK(domain::RequireColumns({"full_name", "full_name"}).error().reason == "COLUMNS_INVALID");
}

}  // namespace
}  // namespace carillon::customer
