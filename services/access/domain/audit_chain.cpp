#include "access/domain/audit_chain.hpp"

#include "base/proto_time.hpp"

namespace carillon::access::domain {
namespace {

// Retention drops no month that is younger (migrations: drop_audit_months_before).
constexpr std::chrono::hours kKeptAtLeast{24 * 365};

class CanonicalForm {
 public:
  explicit CanonicalForm(std::string_view word) { Add(word); }
  CanonicalForm& Add(std::string_view text) {
    out_ += std::to_string(text.size()) + ':';
    out_ += text;
    return *this;
  }
  CanonicalForm& Add(std::int64_t number) { return Add(std::to_string(number)); }
  CanonicalForm& Add(const google::protobuf::Timestamp& at) {
    return Add(std::int64_t{FromProto(at).time_since_epoch().count()});
  }
  CanonicalForm& Add(const google::protobuf::RepeatedPtrField<std::string>& items) {
    Add(std::int64_t{items.size()});
    for (const auto& item : items) Add(item);
    return *this;
  }
  std::string Text() { return std::move(out_); }

 private:
  std::string out_;
};

std::string Range(const pb::AuditBatch& batch) {
  return std::to_string(batch.first_sequence()) + " to " + std::to_string(batch.last_sequence());
}

}  // namespace

std::string CanonicalRecord(std::string_view tenant, const pb::AuditRecord& r) {
  CanonicalForm form("carillon audit record 1");
  form.Add(tenant).Add(r.name()).Add(r.subject()).Add(r.action()).Add(r.resource()).Add(r.result());
  form.Add(r.detail()).Add(r.before_hash()).Add(r.after_hash()).Add(r.occur_time()).Add(r.record_time());
  form.Add(r.resources()).Add(r.shown_fields()).Add(r.client()).Add(r.service()).Add(r.request_id());
  form.Add(r.request_hash()).Add(r.address()).Add(r.token_id()).Add(r.sequence()).Add(r.previous_hash());
  form.Add(r.chain_time());
  return form.Text();
}

std::string CanonicalBatch(std::string_view tenant, const pb::AuditBatch& b) {
  CanonicalForm form("carillon audit batch 1");
  form.Add(tenant).Add(b.first_sequence()).Add(b.last_sequence()).Add(b.previous_hash()).Add(b.last_hash());
  form.Add(b.sign_time()).Add(b.algorithm()).Add(b.key_id());
  return form.Text();
}

pb::AuditBatch Chained(std::string_view tenant, std::vector<pb::AuditRecord>& records, const ChainHead& head,
                       TimePoint real_now, const Hash& hash) {
  auto last = head;
  for (auto& record : records) {
    record.set_sequence(++last.sequence);
    record.set_previous_hash(last.hash);
    *record.mutable_chain_time() = ToProto(real_now);
    last.hash = hash(CanonicalRecord(tenant, record));
    record.set_hash(last.hash);
  }
  pb::AuditBatch batch;
  batch.set_first_sequence(head.sequence + 1);
  batch.set_last_sequence(last.sequence);
  batch.set_previous_hash(head.hash);
  batch.set_last_hash(last.hash);
  *batch.mutable_sign_time() = ToProto(real_now);
  return batch;
}

const char* NameOf(Break how) {
  switch (how) {
    case Break::kChanged:
      return "CHANGED";
    case Break::kMissing:
      return "MISSING";
    case Break::kInserted:
      return "INSERTED";
    case Break::kForged:
      return "FORGED";
    case Break::kCutOff:
      return "CUT_OFF";
    case Break::kRewritten:
      return "REWRITTEN";
  }
  return "";
}

ChainVerifier::ChainVerifier(std::string tenant, Hash hash, SignedWell signed_well, TimePoint real_now,
                             std::optional<ChainHead> remembered)
    : tenant_(std::move(tenant)),
      hash_(std::move(hash)),
      signed_well_(std::move(signed_well)),
      real_now_(real_now),
      remembered_(std::move(remembered)) {}

void ChainVerifier::Say(std::int64_t sequence, Break how, std::string what) {
  if (!broken_) broken_ = BrokenChain{sequence, how, std::move(what)};
}

void ChainVerifier::Check(const pb::AuditBatch& batch, const std::vector<pb::AuditRecord>& records) {
  if (broken_) return;
  const auto next = head_.sequence + 1;
  if (batch.first_sequence() > next) return Say(next, Break::kMissing, "No batch covers it.");
  if (batch.first_sequence() < next || batch.last_sequence() < batch.first_sequence())
    return Say(batch.first_sequence(), Break::kInserted, "A second batch covers it.");
  if (!signed_well_(batch))
    return Say(next, Break::kForged, "The signature of the batch " + Range(batch) + " does not fit.");
  if (batch.previous_hash() != head_.hash)
    return Say(next, Break::kRewritten, "The batch " + Range(batch) + " was signed behind another record.");
  CheckRecords(batch, records);
  if (broken_) return;
  if (remembered_ && remembered_->sequence == batch.last_sequence() && remembered_->hash != batch.last_hash())
    return Say(remembered_->sequence, Break::kRewritten, "Another record stood here before.");
  head_ = {batch.last_sequence(), batch.last_hash()};
  ++batches_;
}

void ChainVerifier::CheckRecords(const pb::AuditBatch& batch, const std::vector<pb::AuditRecord>& records) {
  const bool may_have_gone = records_ == 0 && FromProto(batch.sign_time()) < real_now_ - kKeptAtLeast;
  auto expected = batch.first_sequence();
  if (may_have_gone) {
    if (records.empty()) return;
    expected = std::max(expected, records.front().sequence());
  }
  std::vector<std::string> hashes;
  for (const auto& record : records) {
    if (record.sequence() > expected) break;
    if (record.sequence() < expected)
      return Say(record.sequence(), Break::kInserted, "There is a second record of this number.");
    hashes.push_back(hash_(CanonicalRecord(tenant_, record)));
    if (hashes.back() != record.hash())
      return Say(expected, Break::kChanged, "The record does not have its hash.");
    ++expected;
  }
  if (expected <= batch.last_sequence()) return Say(expected, Break::kMissing, "The record is not there.");

  // Every record fits its own hash. Now the links: the first that does not hold, and how far the signed end
  // proves the records before it.
  const bool whole = records.front().sequence() == batch.first_sequence();
  std::size_t link = 0;  // from the record of this index to the next
  while (link + 1 < records.size() && records[link + 1].previous_hash() == hashes[link]) ++link;
  std::size_t proven = records.size();
  for (auto* wanted = &batch.last_hash(); proven > 0 && hashes[proven - 1] == *wanted; --proven)
    wanted = &records[proven - 1].previous_hash();
  if (proven > 0 && link + 1 == records.size())
    return Say(records.front().sequence(), Break::kChanged,
               "The records " + Range(batch) + " are not those that were signed.");
  if (proven >
      0)  // all before and all behind fit: then it is the one between that lies about the one before it
    return Say(records[proven == link + 2 ? link + 1 : link].sequence(), Break::kChanged,
               "The record is not the one that was chained.");
  if (whole && records.front().previous_hash() != batch.previous_hash())
    return Say(records.front().sequence(), Break::kChanged, "The record does not follow the one before.");
  for (const auto& record : records) {
    ++services_[record.service()];
    if (remembered_ && remembered_->sequence == record.sequence() && remembered_->hash != record.hash())
      Say(record.sequence(), Break::kRewritten, "Another record stood here before.");
  }
  records_ += static_cast<std::int64_t>(records.size());
}

void ChainVerifier::End(const std::vector<pb::AuditRecord>& rest) {
  if (broken_) return;
  if (!rest.empty()) return Say(rest.front().sequence(), Break::kInserted, "No batch stands for the record.");
  if (remembered_ && remembered_->sequence > head_.sequence)
    Say(head_.sequence + 1, Break::kCutOff,
        "The chain went to " + std::to_string(remembered_->sequence) + " when it was looked at before.");
}

}  // namespace carillon::access::domain
