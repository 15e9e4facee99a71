#include "access/domain/audit_chain.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "base/proto_time.hpp"

namespace carillon::access::domain {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23};
const std::string kTenant = "0193a000-0000-7000-8000-000000000001";

// Stands for SHA-256: what matters here is that other texts have other hashes.
std::string HashOf(std::string_view text) {
  std::uint64_t a = 0xcbf29ce484222325, b = 0x84222325cbf29ce4;
  for (const char c : text) {
    a = (a ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    b = (b + static_cast<unsigned char>(c)) * 0x9e3779b97f4a7c15;
    b ^= b >> 29;
  }
  return std::to_string(a) + std::to_string(b);
}
// Stands for a signature: only who knows the secret makes it.
std::string SignatureOf(const pb::AuditBatch& batch) {
  return HashOf("secret" + CanonicalBatch(kTenant, batch));
}

/// A chain as the tables hold it.
struct Chain {
  std::vector<pb::AuditBatch> batches;
  std::vector<pb::AuditRecord> records;

  static Chain OfBatches(const std::vector<int>& sizes, TimePoint signed_at = kNow) {
    Chain chain;
    ChainHead head;
    int n = 0;
    for (const int size : sizes) {
      std::vector<pb::AuditRecord> fresh(static_cast<std::size_t>(size));
      for (auto& record : fresh) {
        ++n;
        record.set_name("auditRecords/" + std::to_string(n));
        record.set_subject("users/" + std::to_string(n % 3));
        record.set_action("/carillon.workorder.v1.WorkOrderService/CloseWorkOrder");
        record.add_resources("workOrders/" + std::to_string(n));
        record.set_result("OK");
        record.set_service(n % 2 == 0 ? "workorder" : "customer");
        *record.mutable_occur_time() = ToProto(kNow + std::chrono::seconds(n));
        *record.mutable_record_time() = ToProto(kNow - std::chrono::seconds(n));
      }
      auto batch = Chained(kTenant, fresh, head, signed_at, HashOf);
      batch.set_algorithm("ES256");
      batch.set_key_id("k1");
      batch.set_signature(SignatureOf(batch));
      head = {batch.last_sequence(), batch.last_hash()};
      chain.batches.push_back(batch);
      chain.records.insert(chain.records.end(), fresh.begin(), fresh.end());
    }
    return chain;
  }

  pb::AuditRecord& At(std::int64_t sequence) { return records[static_cast<std::size_t>(sequence - 1)]; }
  const pb::AuditBatch& BatchOf(std::int64_t sequence) const {
    return *std::find_if(batches.begin(), batches.end(),
                         [&](const auto& batch) { return batch.last_sequence() >= sequence; });
  }
  ChainHead Head() const { return {records.back().sequence(), records.back().hash()}; }

  ChainVerifier Verified(std::optional<ChainHead> remembered = std::nullopt, TimePoint now = kNow) const {
    auto sorted = records;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.sequence() < b.sequence(); });
    ChainVerifier verifier(
        kTenant, HashOf, [](const auto& batch) { return batch.signature() == SignatureOf(batch); }, now,
        std::move(remembered));
    auto from = sorted.begin();
    for (const auto& batch : batches) {
      const auto to = std::find_if(from, sorted.end(),
                                   [&](const auto& r) { return r.sequence() > batch.last_sequence(); });
      verifier.Check(batch, {from, to});
      from = to;
    }
    verifier.End({from, sorted.end()});
    return verifier;
  }
  std::string Broken(std::optional<ChainHead> remembered = std::nullopt) const {
    const auto verifier = Verified(std::move(remembered));
    return verifier.broken() ? std::string(NameOf(verifier.broken()->how)) + " " +
                                   std::to_string(verifier.broken()->sequence)
                             : "whole";
  }
};

void HashAnew(pb::AuditRecord& record) { record.set_hash(HashOf(CanonicalRecord(kTenant, record))); }

TEST_CASE("records are numbered from one without a gap, each holding the hash of the one before",
          "[access][audit]") {
  const auto chain = Chain::OfBatches({3, 1, 2});
  std::string previous(64, '0');
  for (std::size_t i = 0; i < chain.records.size(); ++i) {
    CHECK(chain.records[i].sequence() == static_cast<std::int64_t>(i) + 1);
    CHECK(chain.records[i].previous_hash() == previous);
    previous = chain.records[i].hash();
  }
  CHECK(chain.batches[1].previous_hash() == chain.batches[0].last_hash());
  const auto verifier = chain.Verified();
  CHECK_FALSE(verifier.broken());
  CHECK(verifier.records() == 6);
  CHECK(verifier.batches() == 3);
  CHECK(verifier.head() == chain.Head());
  CHECK(verifier.services() == std::map<std::string, std::int64_t>{{"customer", 3}, {"workorder", 3}});
}

TEST_CASE("no two records have one canonical form", "[access][audit]") {
  pb::AuditRecord a, b;
  a.set_subject("users/1");
  a.set_action("login");
  b.set_subject("users/1login");
  CHECK(CanonicalRecord(kTenant, a) != CanonicalRecord(kTenant, b));
  a.Clear(), b.Clear();
  a.add_resources("x");
  b.add_shown_fields("x");
  CHECK(CanonicalRecord(kTenant, a) != CanonicalRecord(kTenant, b));
  CHECK(CanonicalRecord(kTenant, a) != CanonicalRecord("another", a));
}

TEST_CASE("the canonical form holds every field of a record but its hash, and of a batch but its signature",
          "[access][audit]") {
  const auto every_field_counts = [](auto message, const std::string& left_out, const auto& canonical) {
    const auto* type = message.GetDescriptor();
    const auto* reflection = message.GetReflection();
    int counted = 0;
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      auto other = message;
      if (field->is_repeated())
        reflection->AddString(&other, field, "x");
      else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT64)
        reflection->SetInt64(&other, field, 7);
      else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE)
        reflection->MutableMessage(&other, field)->CopyFrom(ToProto(kNow));
      else
        reflection->SetString(&other, field, "x");
      INFO(field->name());
      CHECK((canonical(message) != canonical(other)) == (field->name() != left_out));
      ++counted;
    }
    return counted;
  };
  CHECK(every_field_counts(pb::AuditRecord(), "hash",
                           [](const auto& r) { return CanonicalRecord(kTenant, r); }) >= 22);
  CHECK(every_field_counts(pb::AuditBatch(), "signature",
                           [](const auto& b) { return CanonicalBatch(kTenant, b); }) >= 8);
}

TEST_CASE("any single change, deletion, insertion or swap is found, at the record where it is",
          "[access][audit]") {
  std::mt19937 random(20261123);
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  int tried = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<int> sizes;
    for (std::int64_t i = pick(1, 6); i > 0; --i) sizes.push_back(static_cast<int>(pick(1, 5)));
    const auto whole = Chain::OfBatches(sizes);
    REQUIRE(whole.Broken() == "whole");
    const auto last = static_cast<std::int64_t>(whole.records.size());
    const auto n = pick(1, last);
    const auto at = std::to_string(n);
    const auto batch_of_n = whole.BatchOf(n);
    INFO("record " << n << " of " << last << ", batch " << batch_of_n.first_sequence() << " to "
                   << batch_of_n.last_sequence());

    auto changed = whole;
    changed.At(n).set_detail("nothing happened");
    CHECK(changed.Broken() == "CHANGED " + at);

    // With its own hash made again. Nobody can say where a whole end of a batch was made again begins: its
    // first.
    HashAnew(changed.At(n));
    CHECK(changed.Broken() ==
          "CHANGED " + std::to_string(n == batch_of_n.last_sequence() ? batch_of_n.first_sequence() : n));

    auto relinked = whole;  // a record that lies about the one before it
    relinked.At(n).set_previous_hash("another");
    HashAnew(relinked.At(n));
    CHECK(relinked.Verified().broken());

    auto deleted = whole;
    deleted.records.erase(deleted.records.begin() + n - 1);
    CHECK(deleted.Broken() == "MISSING " + at);

    auto inserted = whole;
    auto extra = whole.records[static_cast<std::size_t>(n - 1)];
    extra.set_subject("users/thief");
    HashAnew(extra);
    inserted.records.insert(inserted.records.begin() + n, extra);
    CHECK(inserted.Broken() == "INSERTED " + at);

    const auto m = pick(1, last);
    if (m != n) {
      auto swapped = whole;
      std::swap(swapped.At(n), swapped.At(m));
      swapped.At(n).set_sequence(n);
      swapped.At(m).set_sequence(m);
      CHECK(swapped.Broken() == "CHANGED " + std::to_string(std::min(n, m)));
    }

    auto forged = whole;
    auto& signature =
        forged.batches[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(sizes.size()) - 1))];
    signature.set_signature("forged");
    CHECK(forged.Broken() == "FORGED " + std::to_string(signature.first_sequence()));
    ++tried;
  }
  CHECK(tried == 300);
}

TEST_CASE("an end made again without the key is found in the batch where it begins", "[access][audit]") {
  auto chain = Chain::OfBatches({2, 4, 3});
  std::vector<pb::AuditRecord> end(chain.records.begin() + 3, chain.records.end());
  end[0].set_result("PERMISSION_MISSING");
  const auto batch = Chained(kTenant, end, {3, chain.At(3).hash()}, kNow, HashOf);
  std::copy(end.begin(), end.end(), chain.records.begin() + 3);
  CHECK(chain.Broken() == "CHANGED 3");  // the signature of 3 to 6 does not say which of them
  auto& signature = chain.batches[1];
  signature.set_last_hash(chain.At(6).hash());
  CHECK(chain.Broken() == "FORGED 3");
  CHECK(batch.first_sequence() == 4);
}

TEST_CASE("a batch that is gone leaves its records unproven", "[access][audit]") {
  auto chain = Chain::OfBatches({2, 2, 2});
  auto middle = chain;
  middle.batches.erase(middle.batches.begin() + 1);
  CHECK(middle.Broken() == "MISSING 3");
  auto end = chain;
  end.batches.pop_back();
  CHECK(end.Broken() == "INSERTED 5");
  auto behind = chain;
  behind.records.push_back(chain.records.back());
  behind.records.back().set_sequence(7);
  CHECK(behind.Broken() == "INSERTED 7");
}

TEST_CASE(
    "an end that was cut off, or signed anew with the real key, shows against the head that was remembered",
    "[access][audit]") {
  const auto before = Chain::OfBatches({2, 2, 2});
  auto cut = before;
  cut.batches.pop_back();
  cut.records.resize(4);
  CHECK(cut.Broken() == "whole");
  CHECK(cut.Broken(before.Head()) == "CUT_OFF 5");
  CHECK(Chain{}.Broken(before.Head()) == "CUT_OFF 1");
  CHECK(Chain{}.Broken() == "whole");

  const auto anew = Chain::OfBatches({2, 2, 3});  // the sixth record now stands within a batch
  CHECK(anew.Broken(before.Head()) == "whole");
  auto other = before.Head();
  other.hash = "another";
  CHECK(anew.Broken(other) == "REWRITTEN 6");
  CHECK(before.Broken(other) == "REWRITTEN 6");
}

TEST_CASE("a beginning may be missing when it was signed more than a year ago, and only then",
          "[access][audit]") {
  auto chain = Chain::OfBatches({3, 3, 3});
  chain.records.erase(chain.records.begin(), chain.records.begin() + 4);
  CHECK(chain.Broken() == "MISSING 1");
  const auto later = kNow + 24h * 400;
  const auto verifier = chain.Verified(std::nullopt, later);
  CHECK_FALSE(verifier.broken());
  CHECK(verifier.records() == 5);
  CHECK(verifier.head().sequence == 9);
  auto hole = chain;
  hole.records.erase(hole.records.begin() + 1);
  CHECK(hole.Verified(std::nullopt, later).broken()->sequence == 6);
  auto changed = chain;
  changed.records[0].set_detail("nothing happened");
  CHECK(changed.Verified(std::nullopt, later).broken()->sequence == 5);
}

}  // namespace
}  // namespace carillon::access::domain
