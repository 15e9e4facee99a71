#include "customer/domain/linkage.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace carillon::customer::domain {
namespace {

/// A key that more records have is combined with others.
constexpr std::size_t kMostInBlock = 24;
/// Keys combined at most; what is still too large then is walked by neighbours.
constexpr int kMostKeys = 4;
/// Chances are learnt from this many candidates and as many of the other pairs at most.
constexpr std::size_t kSampledPairs = 200'000;
constexpr double kLeastChance = 1e-6;
constexpr int kRounds = 60;

constexpr auto kAt = [](Level level) { return static_cast<std::size_t>(level); };

bool IsWords(Kind kind) { return kind == Kind::kName || kind == Kind::kText; }

std::uint64_t Mixed(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a * 0x9E3779B97F4A7C15U + b + 0x632BE59BD9B4E019U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

struct Entry {
  std::uint64_t key;
  RecordId record;
  std::uint32_t last;  ///< the next of the record's common keys to combine with
  friend auto operator<=>(const Entry&, const Entry&) = default;
};

std::uint64_t Packed(RecordPair pair) { return (std::uint64_t{pair.a} << 32U) | pair.b; }
RecordPair Unpacked(std::uint64_t pair) {
  return {static_cast<RecordId>(pair >> 32U), static_cast<RecordId>(pair)};
}

/// The keys of a record: its values, words wherever they stand.
void KeysOf(const Population& population, RecordId record, std::vector<std::uint64_t>& keys) {
  keys.clear();
  for (std::size_t f = 0; f < population.fields().size(); ++f) {
    const std::uint32_t value = population.value(record, f);
    if (value == 0) continue;
    keys.push_back(IsWords(population.fields()[f].kind) ? Mixed(1, value) : Mixed(100 + f, value));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

Level LevelOf(Pattern pattern, std::size_t field) {
  return static_cast<Level>((pattern >> (3 * field)) & 7U);
}

Pattern PatternOf(const Population& population, RecordPair pair) {
  Pattern pattern = 0;
  for (std::size_t f = 0; f < population.fields().size(); ++f) {
    pattern |= static_cast<Pattern>(population.Agreement(pair.a, pair.b, f)) << (3 * f);
  }
  return pattern;
}

double Bits(double m, double u) { return std::log2(std::max(m, kLeastChance) / std::max(u, kLeastChance)); }

/// `level_of` and `share_of` say of a field how the two agree and how many of all records have the value.
template <class LevelFn, class ShareFn>
Judged Summed(const LinkModel& model, LevelFn level_of, ShareFn share_of, std::vector<FieldEvidence>* told) {
  Judged out;
  double household = 0;  // bits for one household against strangers
  for (std::size_t f = 0; f < model.fields.size(); ++f) {
    const Level level = level_of(f);
    double weight = 0;
    if (level != Level::kMissing) {
      // Two strangers share a value as often as it is had.
      const double share = level == Level::kExact ? share_of(f) : 0;
      const double u = share > 0 ? share : model.u[f][kAt(level)];
      weight = Bits(model.m[f][kAt(level)], u);
      household += model.households > 0 ? Bits(model.h[f][kAt(level)], u) : 0;
    }
    out.weight += weight;
    if (told != nullptr) told->push_back({f, level, weight});
  }
  const double strangers = 1 - model.prior - model.households;
  // The odds against two people of one household as well as against strangers.
  const double against = strangers + (model.households > 0 ? model.households * std::exp2(household) : 0);
  out.weight += std::log2(model.prior / against);
  out.probability = 1 / (1 + std::exp2(-out.weight));
  return out;
}

Judged Weighed(const LinkModel& model, const Population& population, RecordPair pair,
               std::vector<FieldEvidence>* told) {
  bool conflict = false;
  const auto level_of = [&](std::size_t f) {
    const Level level = population.Agreement(pair.a, pair.b, f);
    if (model.fields[f].kind == Kind::kIdentity && level != Level::kExact && level != Level::kMissing) {
      const auto& a = population.form(population.value(pair.a, f)).reading;
      const auto& b = population.form(population.value(pair.b, f)).reading;
      conflict = conflict || ResidentConflict(a, b);
    }
    return level;
  };
  const auto share_of = [&](std::size_t f) {
    return static_cast<double>(population.count(f, population.value(pair.a, f))) /
           static_cast<double>(population.size());
  };
  Judged out = Summed(model, level_of, share_of, told);
  out.conflict = conflict;
  return out;
}

std::uint32_t Root(std::vector<std::uint32_t>& parents, std::uint32_t x) {
  while (parents[x] != x) x = parents[x] = parents[parents[x]];
  return x;
}

}  // namespace

Population::Population(std::vector<LinkField> fields)
    : fields_(std::move(fields)), forms_(1), counts_(fields_.size(), std::vector<std::uint32_t>(1)) {}

RecordId Population::Add(std::span<const RawValue> values) {
  const auto record = static_cast<RecordId>(size());
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    std::uint32_t value = 0;
    if (!values[f].folded.empty()) {
      std::string key = (fields_[f].kind == Kind::kCompany ? "c" : "v") + values[f].folded;
      const auto [at, isnew] = known_.try_emplace(std::move(key), static_cast<std::uint32_t>(forms_.size()));
      if (isnew) forms_.push_back(FormOf(fields_[f].kind, values[f].folded, values[f].reading));
      value = forms_[at->second].text.empty() ? 0 : at->second;
    }
    values_.push_back(value);
    if (counts_[f].size() <= value) counts_[f].resize(forms_.size());
    if (value != 0) ++counts_[f][value];
  }
  return record;
}

Level Population::Agreement(RecordId a, RecordId b, std::size_t field) const {
  const std::uint32_t left = value(a, field), right = value(b, field);
  if (left == 0 || right == 0) return Level::kMissing;
  if (left == right) return Level::kExact;
  const Level level = Compared(fields_[field].kind, forms_[left], forms_[right]);
  if (level != Level::kDifferent || !IsWords(fields_[field].kind)) return level;
  for (std::size_t other = 0; other < fields_.size(); ++other) {
    if (other == field || !IsWords(fields_[other].kind)) continue;
    if (value(b, other) == left || value(a, other) == right) return Level::kElsewhere;
  }
  return level;
}

std::vector<RecordPair> Candidates(const Population& population) {
  std::vector<std::uint64_t> pairs;
  std::vector<Entry> entries, crowded;
  std::vector<std::uint64_t> keys;
  for (RecordId r = 0; r < population.size(); ++r) {
    KeysOf(population, r, keys);
    for (const auto key : keys) entries.push_back({key, r, 0});
  }
  // The keys of each record that too many have, in order: what combinations are made of.
  std::vector<std::vector<std::uint64_t>> common(population.size());
  std::vector<RecordId> together;
  for (int depth = 1; !entries.empty(); ++depth) {
    std::sort(entries.begin(), entries.end());
    crowded.clear();
    for (std::size_t begin = 0, end = 0; begin < entries.size(); begin = end) {
      for (end = begin + 1; end < entries.size() && entries[end].key == entries[begin].key;) ++end;
      const bool crowd = end - begin > kMostInBlock && depth < kMostKeys;
      together.clear();
      for (std::size_t i = begin; i < end; ++i) {
        if (crowd) crowded.push_back(entries[i]);
        // Who has no more keys to be told apart by stays with the neighbours.
        if (!crowd || (depth > 1 && common[entries[i].record].size() == static_cast<std::size_t>(depth))) {
          together.push_back(entries[i].record);
        }
      }
      for (std::size_t i = 0; i < together.size(); ++i) {
        for (std::size_t j = i + 1; j < std::min(together.size(), i + kMostInBlock); ++j) {
          pairs.push_back(Packed({together[i], together[j]}));
        }
      }
    }
    entries.clear();
    if (depth == 1) {
      for (Entry& entry : crowded) {
        common[entry.record].push_back(entry.key);
        entry.last = static_cast<std::uint32_t>(common[entry.record].size());
      }
    }
    // Each set of keys is made once: by its keys in order.
    for (const Entry& entry : crowded) {
      const auto& more = common[entry.record];
      for (std::uint32_t n = entry.last; n < more.size(); ++n) {
        entries.push_back({entry.key ^ more[n], entry.record, n + 1});
      }
    }
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  std::vector<RecordPair> out;
  out.reserve(pairs.size());
  for (const auto pair : pairs) out.push_back(Unpacked(pair));
  return out;
}

LinkModel Learnt(const Population& population, const std::vector<RecordPair>& candidates) {
  const double all =
      static_cast<double>(population.size()) * (static_cast<double>(population.size()) - 1) / 2;
  std::unordered_map<Pattern, double> seen;
  const std::size_t step = candidates.size() / kSampledPairs + 1;
  const double each = static_cast<double>(candidates.size()) /
                      static_cast<double>(std::max<std::size_t>(1, (candidates.size() + step - 1) / step));
  for (std::size_t i = 0; i < candidates.size(); i += step)
    seen[PatternOf(population, candidates[i])] += each;
  // The other pairs, by a sample that is the same every time.
  const double others = all - static_cast<double>(candidates.size());
  std::vector<Pattern> sampled;
  std::uint64_t state = 42;
  for (std::size_t i = 0; i < kSampledPairs && population.size() > 1; ++i) {
    state = Mixed(state, i);
    const auto a = static_cast<RecordId>((state >> 32U) % population.size());
    const auto b = static_cast<RecordId>((state & 0xFFFFFFFFU) % population.size());
    const RecordPair pair{std::min(a, b), std::max(a, b)};
    if (a == b || std::binary_search(candidates.begin(), candidates.end(), pair)) continue;
    sampled.push_back(PatternOf(population, pair));
  }
  if (others > 0) {
    for (const Pattern pattern : sampled) seen[pattern] += others / static_cast<double>(sampled.size());
  }
  return LearntFrom(population.fields(), {seen.begin(), seen.end()}, static_cast<double>(population.size()));
}

LinkModel LearntFrom(std::vector<LinkField> compared, const std::map<Pattern, double>& patterns,
                     double records) {
  const std::size_t fields = compared.size();
  LinkModel model;
  model.fields = std::move(compared);
  const bool with_households =
      std::any_of(model.fields.begin(), model.fields.end(), [](const LinkField& f) { return f.shared; });
  model.prior = 0.5 / std::max(1.0, records);
  model.households = with_households ? model.prior : 0;
  const LinkModel::Chances same{0, 0.80, 0.05, 0.08, 0.04, 0.01, 0.02};
  LinkModel::Chances any{};
  model.u.assign(fields, any);
  for (const auto& [pattern, weight] : patterns) {
    for (std::size_t f = 0; f < fields; ++f) model.u[f][kAt(LevelOf(pattern, f))] += weight;
  }
  const auto normalise = [](LinkModel::Chances& chances) {
    chances[0] = 0;
    double sum = 0;
    for (double& chance : chances) sum += chance;
    for (std::size_t l = 1; l < kLevels; ++l) {
      chances[l] = sum > 0 ? std::max(chances[l] / sum, kLeastChance) : kLeastChance;
    }
  };
  for (auto& chances : model.u) normalise(chances);
  model.m.assign(fields, same);
  model.h.resize(fields);
  for (std::size_t f = 0; f < fields; ++f) model.h[f] = model.fields[f].shared ? same : model.u[f];

  for (int round = 0; round < kRounds; ++round) {
    std::vector<LinkModel::Chances> m(fields, any), u(fields, any), h(fields, any);
    double matched = 0, household = 0, total = 0;
    for (const auto& [pattern, weight] : patterns) {
      double pm = model.prior, ph = model.households, pu = 1 - model.prior - model.households;
      for (std::size_t f = 0; f < fields; ++f) {
        const auto level = kAt(LevelOf(pattern, f));
        if (level == 0) continue;
        pm *= model.m[f][level];
        ph *= model.h[f][level];
        pu *= model.u[f][level];
      }
      const double sum = pm + ph + pu;
      const double rm = sum > 0 ? pm / sum * weight : 0, rh = sum > 0 ? ph / sum * weight : 0;
      matched += rm;
      household += rh;
      total += weight;
      for (std::size_t f = 0; f < fields; ++f) {
        const auto level = kAt(LevelOf(pattern, f));
        m[f][level] += rm;
        h[f][level] += rh;
        u[f][level] += weight - rm - rh;
      }
    }
    for (std::size_t f = 0; f < fields; ++f) {
      // A level that was never seen is rare, not impossible.
      for (std::size_t l = 1; l < kLevels; ++l) m[f][l] += 0.5;
      normalise(m[f]);
      normalise(u[f]);
      normalise(h[f]);
    }
    model.m = m;
    model.u = u;
    if (with_households) model.h = h;
    model.prior = std::max(matched / total, 1e-15);
    model.households = with_households ? std::max(household / total, 1e-15) : 0;
  }
  return model;
}

Judged Judge(const LinkModel& model, Pattern pattern, std::span<const double> shares) {
  std::vector<FieldEvidence> evidence;
  Judged out = Summed(
      model, [&](std::size_t f) { return LevelOf(pattern, f); }, [&](std::size_t f) { return shares[f]; },
      &evidence);
  out.evidence = std::move(evidence);
  return out;
}

Judged Judge(const LinkModel& model, const Population& population, RecordPair pair) {
  std::vector<FieldEvidence> evidence;
  Judged out = Weighed(model, population, pair, &evidence);
  out.evidence = std::move(evidence);
  return out;
}

std::vector<Link> Links(const LinkModel& model, const Population& population,
                        const std::vector<RecordPair>& candidates, double least) {
  std::vector<Link> out;
  for (const RecordPair pair : candidates) {
    const Judged judged = Weighed(model, population, pair, nullptr);
    if (judged.weight >= least && !judged.conflict) out.push_back({pair, judged.weight});
  }
  std::sort(out.begin(), out.end(), [](const Link& x, const Link& y) {
    return x.weight != y.weight ? x.weight > y.weight : x.pair < y.pair;
  });
  return out;
}

std::vector<std::vector<RecordId>> Grouped(const LinkModel& model, const Population& population,
                                           const std::vector<Link>& links) {
  std::vector<std::uint32_t> parents(population.size());
  std::iota(parents.begin(), parents.end(), 0U);
  std::vector<std::vector<RecordId>> members(population.size());
  for (RecordId r = 0; r < population.size(); ++r) members[r] = {r};
  for (const Link& link : links) {
    auto a = Root(parents, link.pair.a), b = Root(parents, link.pair.b);
    if (a == b) continue;
    double sum = 0;
    bool conflict = false;
    for (const RecordId x : members[a]) {
      for (const RecordId y : members[b]) {
        const Judged judged = Weighed(model, population, {std::min(x, y), std::max(x, y)}, nullptr);
        sum += judged.weight;
        conflict = conflict || judged.conflict;
      }
    }
    if (conflict || sum < 0) continue;
    if (members[a].size() < members[b].size()) std::swap(a, b);
    members[a].insert(members[a].end(), members[b].begin(), members[b].end());
    members[b].clear();
    parents[b] = a;
  }
  std::vector<std::vector<RecordId>> out;
  for (auto& group : members) {
    if (group.size() < 2) continue;
    std::sort(group.begin(), group.end());
    out.push_back(std::move(group));
  }
  std::sort(out.begin(), out.end());
  return out;
}

Decision Decided(const Judged& judged, const Thresholds& thresholds) {
  if (judged.probability >= thresholds.merge && !judged.conflict) return Decision::kMerge;
  return judged.probability >= thresholds.review ? Decision::kReview : Decision::kApart;
}

}  // namespace carillon::customer::domain
