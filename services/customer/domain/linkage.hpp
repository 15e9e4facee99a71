#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "customer/domain/likeness.hpp"

/// Which records are of one customer: blocking, Fellegi–Sunter weights learnt without labels, and groups.
/// Pure, and the same for the same records in the same order. How and why: docs/adr/0025.
namespace carillon::customer::domain {

/// One attribute that is compared.
struct LinkField {
  std::string name;
  Kind kind = Kind::kText;
  bool shared = false;  ///< people of one household have it in common: a phone, an address
};

/// One value of a record; an empty text is a value that is not known.
struct RawValue {
  std::string folded;   ///< text::Fold of what was written
  std::string reading;  ///< text::Pinyin where it holds Chinese characters, else empty
};

using RecordId = std::uint32_t;

/// Records made ready to be compared; equal values are kept once.
class Population {
 public:
  explicit Population(std::vector<LinkField> fields);
  /// One value per field. Returns the record's number, from 0.
  RecordId Add(std::span<const RawValue> values);

  std::size_t size() const { return values_.size() / fields_.size(); }
  const std::vector<LinkField>& fields() const { return fields_; }
  /// The value's number, 0 = not known; equal numbers are equal values, in whatever field.
  std::uint32_t value(RecordId record, std::size_t field) const {
    return values_[record * fields_.size() + field];
  }
  const Form& form(std::uint32_t value) const { return forms_[value]; }
  /// How many records have this value in this field.
  std::uint32_t count(std::size_t field, std::uint32_t value) const { return counts_[field][value]; }
  /// How the two agree in one field.
  Level Agreement(RecordId a, RecordId b, std::size_t field) const;

 private:
  std::vector<LinkField> fields_;
  std::vector<std::uint32_t> values_;
  std::vector<Form> forms_;
  std::vector<std::vector<std::uint32_t>> counts_;
  std::unordered_map<std::string, std::uint32_t> known_;
};

/// Two records, the lower number first.
struct RecordPair {
  RecordId a = 0, b = 0;
  friend auto operator<=>(const RecordPair&, const RecordPair&) = default;
};

/// The pairs worth comparing: those who share a value that few have, or several values together that few
/// have. Grows with n log n: a key of more than a bound of records is no key but the beginning of one.
std::vector<RecordPair> Candidates(const Population& population);

/// What one field says about a pair.
struct FieldEvidence {
  std::size_t field = 0;
  Level level = Level::kMissing;
  double weight = 0;  ///< bits; above zero speaks for one customer
};

/// How a pair was judged.
struct Judged {
  double weight = 0;       ///< bits, the odds before any evidence included
  double probability = 0;  ///< that the two are one customer
  bool conflict =
      false;  ///< two good resident numbers, or all that identifies differs: never without a clerk
  std::vector<FieldEvidence> evidence;
};

/// Chances of each level among pairs of one customer (m) and of two (u), learnt from the records alone.
struct LinkModel {
  using Chances = std::array<double, kLevels>;
  std::vector<LinkField> fields;
  std::vector<Chances> m, u;  ///< by field; without kMissing, which says nothing
  double prior = 0;           ///< share of true pairs among all pairs
  double households = 0;      ///< share of pairs of one household, where a field is shared
  std::vector<Chances> h;     ///< by field, among those
};

/// Expectation–maximisation over the candidates and a sample of all other pairs, weighted so that both
/// together stand for every pair there is: what blocking picks out does not bend the chances.
LinkModel Learnt(const Population& population, const std::vector<RecordPair>& candidates);

/// The levels of a pair in all fields, three bits a field, the first one lowest.
using Pattern = std::uint64_t;

/// The same from how many of all pairs of `records` records show each pattern.
LinkModel LearntFrom(std::vector<LinkField> fields, const std::map<Pattern, double>& seen, double records);

/// What a pattern says. `shares`: by field how many of all records have the value they agree in exactly;
/// 0 = as often as two records do.
Judged Judge(const LinkModel& model, Pattern pattern, std::span<const double> shares);

/// Every field's evidence and the sum. Agreement on a rare value weighs more than on a common one.
Judged Judge(const LinkModel& model, const Population& population, RecordPair pair);

/// A pair and its weight in bits.
struct Link {
  RecordPair pair;
  double weight = 0;
};
/// The links whose weight is at least `least`, heaviest first.
std::vector<Link> Links(const LinkModel& model, const Population& population,
                        const std::vector<RecordPair>& candidates, double least);

/// Groups of records of one customer each, by descending weight; a group is joined to another only when what
/// speaks between all their members together does not speak against it. Groups of one are left out; sorted.
std::vector<std::vector<RecordId>> Grouped(const LinkModel& model, const Population& population,
                                           const std::vector<Link>& links);

/// How the service's two thresholds decide about one pair.
enum class Decision : std::uint8_t { kMerge, kReview, kApart };
struct Thresholds {
  double merge = 0.9999, review = 0.5;  ///< probabilities
};
Decision Decided(const Judged& judged, const Thresholds& thresholds);

}  // namespace carillon::customer::domain
