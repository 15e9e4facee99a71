#include "customer/store/selections.hpp"

#include "base/ids.hpp"
#include "customer/domain/errors.hpp"
#include "customer/store/names.hpp"
#include "customer/store/statements.hpp"

namespace carillon::customer::store {
namespace {

using domain::Clause;
using domain::Trait;
using Op = Clause::Op;
using Sort = Clause::Kind;

/// Writes conditions as SQL over `customers c`; every value is an element of $1, text[].
class Writer {
 public:
  std::string Of(const Clause& condition) {
    switch (condition.kind) {
      case Sort::kNot:
        return "NOT " + Of(condition.parts.front());
      case Sort::kTest:
        return "coalesce(" + Test(condition) + ", false)";
      default:
        break;
    }
    std::string out;
    for (const auto& part : condition.parts) {
      if (!out.empty()) out += condition.kind == Sort::kAll ? " AND " : " OR ";
      out += Of(part);
    }
    return "(" + out + ")";
  }
  std::vector<std::string> OfEach(const std::vector<Clause>& conditions) {
    std::vector<std::string> out;
    out.reserve(conditions.size());
    for (const auto& condition : conditions) out.push_back(Of(condition));
    return out;
  }
  const std::vector<std::string>& values() const { return values_; }

 private:
  std::string Value(const std::string& value) {
    values_.push_back(value);
    return "$1[" + std::to_string(values_.size()) + "]";
  }

  std::string Compared(const std::string& expression, const Clause& test, const std::string& cast) {
    if (test.op == Op::kPresent) return expression + " <> ''";
    if (test.op == Op::kBegins) return "starts_with(" + expression + ", " + Value(test.values.front()) + ")";
    if (test.values.size() > 1) {
      std::string in;
      for (const auto& value : test.values) in += (in.empty() ? "" : ", ") + Value(value);
      return expression + " IN (" + in + ")";
    }
    static constexpr const char* kSigns[] = {" = ", " < ", " <= ", " > ", " >= "};
    return expression + kSigns[static_cast<int>(test.op)] + Value(test.values.front()) + cast;
  }

  static constexpr const char* kOpenAccounts =
      "FROM accounts a WHERE a.tenant_id = c.tenant_id AND a.customer_id = c.customer_id AND a.state NOT IN "
      "('CLOSED', 'EXPIRED')";

  static std::string OpenAccount(const std::string& which) {
    return std::string("EXISTS (SELECT ") + kOpenAccounts + (which.empty() ? "" : " AND " + which) + ")";
  }

  /// Of all open accounts together, whatever their currencies.
  static std::string Sum(const std::string& amount) {
    return "(SELECT sum((a." + amount + "->>'units')::numeric) " + kOpenAccounts + ")";
  }

  std::string Test(const Clause& test) {
    const bool any = test.op == Op::kPresent;
    switch (test.trait) {
      case Trait::kState:
        return Compared("c.state", test, "");
      case Trait::kGrade:
        return Compared("c.grade", test, "");
      case Trait::kStage:
        return Compared("c.life_cycle_stage", test, "");
      case Trait::kPartyType:
        return Compared("c.party_type", test, "");
      case Trait::kChannel:
        return Compared("c.preferred_channel", test, "");
      case Trait::kBrand:
        return Compared("c.brand", test, "");
      case Trait::kRegion:
        return Compared("c.home_region", test, "");
      case Trait::kBranch:
        return Compared("c.home_branch", test, "");
      case Trait::kLanguage:
        return Compared("c.preferred_language", test, "");
      case Trait::kOwnerUnit:
        return Compared("c.owner_unit", test, "");
      case Trait::kOwnerUser:
        return Compared("c.owner_user", test, "");
      case Trait::kSource:
        return Compared("c.source_system", test, "");
      case Trait::kDoNotContact:
        return Compared("c.do_not_contact", test, "::boolean");
      case Trait::kBirthYear:
        return Compared("c.birth_year", test, "::numeric");
      case Trait::kAge:
        return Compared("customer_age(c.party, $2)", test, "::numeric");
      case Trait::kCreateTime:
        return Compared("c.created_at", test, "::timestamptz");
      case Trait::kUpdateTime:
        return Compared("c.updated_at", test, "::timestamptz");
      case Trait::kContactTime:
        return Compared("c.contacted_at", test, "::timestamptz");
      case Trait::kNeeds:
        return any ? "c.special_needs <> '[]'"
                   : "c.special_needs @> jsonb_build_array(" + Value(test.values.front()) + ")";
      case Trait::kAlerts:
        return "EXISTS (SELECT FROM alerts l WHERE l.tenant_id = c.tenant_id AND l.customer_id = "
               "c.customer_id AND "
               "l.cleared_at IS NULL AND (l.expires_at IS NULL OR l.expires_at > $2)" +
               (any ? "" : " AND l.code = " + Value(test.values.front())) + ")";
      case Trait::kAccounts:
        return OpenAccount(any ? "" : "a.type = " + Value(test.values.front()));
      case Trait::kAccountExpiry:
        return OpenAccount(Compared("a.expires_on", test, "::date"));
      case Trait::kAccountPoints:
        return OpenAccount(Compared("a.points", test, "::numeric"));
      case Trait::kAccountProduct:
        return OpenAccount(Compared("a.product_code", test, ""));
      case Trait::kAccountDaysLeft:
        return OpenAccount(
            Compared("(a.expires_on - ($2 AT TIME ZONE 'Asia/Shanghai')::date)", test, "::numeric"));
      case Trait::kBalance:
        return Compared(Sum("balance"), test, "::numeric");
      case Trait::kArrears:
        return Compared(Sum("arrears"), test, "::numeric");
      case Trait::kLifetimeValue:
        return Compared("(c.lifetime_value->>'units')::numeric", test, "::numeric");
      case Trait::kContacts:
        return "EXISTS (SELECT FROM contact_media m WHERE m.tenant_id = c.tenant_id AND m.customer_id = "
               "c.customer_id" +
               (any ? "" : " AND m.type = " + Value(test.values.front())) + ")";
      case Trait::kSegment: {
        const auto dimension = Value(test.key);
        return "EXISTS (SELECT FROM segments s WHERE s.tenant_id = c.tenant_id AND s.customer_id = "
               "c.customer_id AND "
               "s.dimension = " +
               dimension + (any ? "" : " AND " + Compared("s.value", test, "")) + ")";
      }
      case Trait::kCustomText:
        break;
      case Trait::kCustomDate:
        return Own(test, "::date");
      case Trait::kCustomNumber:
        return Own(test, "::numeric");
      case Trait::kCustomFlag:
        return Own(test, "::boolean");
    }
    return Own(test, "");
  }

  // A value that was written before its field was defined may be of another kind: it passes nothing.
  std::string Own(const Clause& test, const std::string& cast) {
    const auto key = Value(test.key);
    const std::string text = "(c.custom_fields->>" + key + ")";
    if (test.op == Op::kPresent || cast.empty()) return Compared(text, test, "");
    const char* form = cast == "::numeric"   ? "'^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$'"
                       : cast == "::boolean" ? "'^(true|false)$'"
                                             : "'^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'";
    return Compared("(CASE WHEN " + text + " ~ " + form + " THEN " + text + cast + " END)", test, cast);
  }

  std::vector<std::string> values_;
};

}  // namespace

Estimate EstimatePassing(pg::Tx& tx, const std::vector<Clause>& conditions, const std::string& client) {
  Writer writer;
  const auto written = writer.OfEach(conditions);
  const auto row = tx.Exec(kEstimatePassing, pg::Array(written), pg::Array(writer.values()),
                           pg::Time(tx.now()), pg::MaybeId(client))[0];
  Estimate out;
  out.exact = row["exact"].as<bool>();
  out.customers = row["customers"].as<std::int64_t>();
  for (const auto& count : pg::ArrayOf(row["passing"])) out.passing.push_back(std::stoll(count));
  return out;
}

std::vector<Judged> JudgeAll(pg::Tx& tx, const std::vector<Clause>& conditions,
                             const std::vector<std::string>& ids) {
  Writer writer;
  const auto written = writer.OfEach(conditions);
  std::vector<Judged> out;
  for (const auto& row : tx.Exec(kJudgeAll, pg::Array(written), pg::Array(writer.values()),
                                 pg::Time(tx.now()), pg::Array(ids))) {
    auto& one = out.emplace_back(Judged{row["id"].c_str(), {}});
    for (const auto& passed : pg::ArrayOf(row["passed"])) one.passed.push_back(passed == "true");
  }
  return out;
}

std::int64_t SaveSelection(pg::Tx& tx, const pb::Selection& selection, const Clause& condition,
                           std::int64_t most) {
  Writer writer;
  const std::string written = writer.Of(condition);
  const auto id = IdOf(selection.name());
  NoteSelected(tx, selection);
  const auto count = tx.Exec(kSelect, written, pg::Array(writer.values()), pg::Time(tx.now()),
                             pg::MaybeId(selection.client()), most + 1, id)
                         .affected_rows();
  return static_cast<std::int64_t>(count);
}

void NoteSelected(pg::Tx& tx, const pb::Selection& selection) {
  tx.Exec(kSaveSelection, IdOf(selection.name()), pg::MaybeId(selection.client()), pg::JsonOf(selection));
}

Result<pb::Selection> LoadSelection(pg::Tx& tx, const std::string& id) {
  const auto rows = tx.Exec(kLoadSelection, id);
  if (rows.empty()) return errors::SelectionUnknown("selections/" + id);
  return pg::OfJson<pb::Selection>(rows[0]["body"]);
}

std::vector<pb::Selection> Selections(pg::Tx& tx, std::string_view after, int limit) {
  return Bodies<pb::Selection>(tx.Exec(
      kSelections, after.empty() ? "ffffffff-ffff-ffff-ffff-ffffffffffff" : std::string(after), limit));
}

std::vector<std::string> SelectedIds(pg::Tx& tx, const std::string& id, std::string_view after, int limit) {
  std::vector<std::string> out;
  for (const auto& row : tx.Exec(kSelected, id, AfterOf(after), limit)) out.emplace_back(row["id"].c_str());
  return out;
}

void DeleteSelection(pg::Tx& tx, const std::string& id) { tx.Exec(kDeleteSelection, id); }

std::vector<pb::Selection> SelectionsWith(pg::Tx& tx, const std::vector<std::string>& family) {
  return Bodies<pb::Selection>(tx.Exec(kSelectionsWith, pg::Array(family)));
}

}  // namespace carillon::customer::store
