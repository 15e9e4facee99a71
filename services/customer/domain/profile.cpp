#include "customer/domain/profile.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "customer/domain/customers.hpp"
#include "customer/domain/errors.hpp"

namespace carillon::customer::domain {
namespace {

struct Own {
  std::string_view list, code, chinese, english, inverse;
};

constexpr std::array kOwn{
    Own{"RELATIONSHIP", "SPOUSE", "配偶", "spouse", ""},
    Own{"RELATIONSHIP", "PARENT", "父母", "parent", "CHILD"},
    Own{"RELATIONSHIP", "CHILD", "子女", "child", "PARENT"},
    Own{"RELATIONSHIP", "SIBLING", "兄弟姐妹", "sibling", ""},
    Own{"RELATIONSHIP", "GUARDIAN", "监护人", "guardian", "WARD"},
    Own{"RELATIONSHIP", "WARD", "被监护人", "ward", "GUARDIAN"},
    Own{"RELATIONSHIP", "HOUSEHOLD", "同户", "household", ""},
    Own{"RELATIONSHIP", "EMPLOYER", "雇主", "employer", "EMPLOYEE"},
    Own{"RELATIONSHIP", "EMPLOYEE", "雇员", "employee", "EMPLOYER"},
    Own{"RELATIONSHIP", "LEGAL_REPRESENTATIVE", "法定代表人", "legal representative", "REPRESENTED_BY"},
    Own{"RELATIONSHIP", "REPRESENTED_BY", "由其代表", "represented by", "LEGAL_REPRESENTATIVE"},
    Own{"RELATIONSHIP", "SHAREHOLDER", "股东", "shareholder", "OWNED_BY"},
    Own{"RELATIONSHIP", "OWNED_BY", "由其持股", "owned by", "SHAREHOLDER"},
    Own{"RELATIONSHIP", "DECISION_MAKER", "决策人", "decision maker", "DECIDED_BY"},
    Own{"RELATIONSHIP", "DECIDED_BY", "由其决策", "decided by", "DECISION_MAKER"},
    Own{"RELATIONSHIP", "CONTACT", "联系人", "contact", "REACHED_THROUGH"},
    Own{"RELATIONSHIP", "REACHED_THROUGH", "经其联系", "reached through", "CONTACT"},
    Own{"RELATIONSHIP", "GUARANTOR", "担保人", "guarantor", "GUARANTEED_BY"},
    Own{"RELATIONSHIP", "GUARANTEED_BY", "由其担保", "guaranteed by", "GUARANTOR"},
    Own{"RELATIONSHIP", "BENEFICIARY", "受益人", "beneficiary", "BENEFACTOR"},
    Own{"RELATIONSHIP", "BENEFACTOR", "施益人", "benefactor", "BENEFICIARY"},
    Own{"RELATIONSHIP", "REFERRER", "介绍人", "referrer", "REFERRED_BY"},
    Own{"RELATIONSHIP", "REFERRED_BY", "经其介绍", "referred by", "REFERRER"},
    Own{"RELATIONSHIP", "AGENT", "代办人", "agent", "ACTED_FOR_BY"},
    Own{"RELATIONSHIP", "ACTED_FOR_BY", "由其代办", "acted for by", "AGENT"},
    Own{"RELATIONSHIP", "PARENT_COMPANY", "母公司", "parent company", "SUBSIDIARY"},
    Own{"RELATIONSHIP", "SUBSIDIARY", "子公司", "subsidiary", "PARENT_COMPANY"},
    Own{"ALERT", "BLACKLIST", "黑名单", "blacklist", ""},
    Own{"ALERT", "LOST_CARD", "挂失", "lost card", ""},
    Own{"ALERT", "FROZEN", "冻结", "frozen", ""},
    Own{"ALERT", "OVERDUE", "欠费", "overdue", ""},
    Own{"ALERT", "FRAUD_SUSPECT", "疑似欺诈", "suspected fraud", ""},
    Own{"ALERT", "ID_EXPIRED", "证件过期", "document expired", ""},
    Own{"ALERT", "DECEASED", "已故", "deceased", ""},
    Own{"ALERT", "DATA_INCOMPLETE", "资料不全", "record incomplete", ""},
    Own{"ALERT", "OPEN_COMPLAINT", "投诉处理中", "open complaint", ""},
    Own{"ALERT", "PROFESSIONAL_COMPLAINANT", "专业投诉客户", "professional complainant", ""},
    Own{"ALERT", "ABUSIVE_CALLER", "骚扰来电", "abusive caller", ""},
    Own{"ALERT", "DO_NOT_CALL", "谢绝来电", "do not call", ""},
    Own{"ALERT", "LITIGATION", "诉讼中", "litigation", ""},
    Own{"TRANSACTION_CHANNEL", "COUNTER", "柜面", "counter", ""},
    Own{"TRANSACTION_CHANNEL", "ATM", "自动柜员机", "ATM", ""},
    Own{"TRANSACTION_CHANNEL", "POS", "销售终端", "point of sale", ""},
    Own{"TRANSACTION_CHANNEL", "EBANK", "网银", "e-bank", ""},
    Own{"TRANSACTION_CHANNEL", "CALL_CENTRE", "呼叫中心", "call centre", ""},
    Own{"TRANSACTION_CHANNEL", "MOBILE_APP", "手机应用", "mobile app", ""},
    Own{"TRANSACTION_CHANNEL", "WECHAT", "微信", "WeChat", ""},
    Own{"TRANSACTION_CHANNEL", "BRANCH_HALL", "营业厅", "branch hall", ""},
    Own{"CONTACT_PLACE", "COUNTER", "柜面", "counter", ""},
    Own{"CONTACT_PLACE", "BRANCH_HALL", "营业厅", "branch hall", ""},
    Own{"CONTACT_PLACE", "ATM", "自动柜员机", "ATM", ""},
    Own{"CONTACT_PLACE", "POS", "销售终端", "point of sale", ""},
    Own{"CONTACT_PLACE", "EBANK", "网银", "e-bank", ""},
    Own{"CONTACT_PLACE", "MOBILE_APP", "手机应用", "mobile app", ""},
    Own{"CONTACT_PLACE", "WECHAT", "微信", "WeChat", ""},
    Own{"CONTACT_PLACE", "WEB", "网站", "web site", ""},
    Own{"CONTACT_PLACE", "LETTER", "信函", "letter", ""},
    Own{"CONTACT_PLACE", "VISIT", "上门", "visit", ""},
    Own{"SPECIAL_NEED", "ELDERLY", "老年人", "elderly", ""},
    Own{"SPECIAL_NEED", "DISABLED", "残疾人", "disabled", ""},
    Own{"SPECIAL_NEED", "LIMITED_MOBILITY", "行动不便", "limited mobility", ""},
    Own{"SPECIAL_NEED", "HARD_OF_HEARING", "听力障碍", "hard of hearing", ""},
    Own{"SPECIAL_NEED", "VISION", "视力障碍", "vision impaired", ""},
    Own{"UNMASK_PURPOSE", "SERVICE", "服务客户", "serving the customer", ""},
    Own{"UNMASK_PURPOSE", "IDENTITY", "核实身份", "identity check", ""},
    Own{"UNMASK_PURPOSE", "COMPLAINT", "处理投诉", "complaint", ""},
    Own{"UNMASK_PURPOSE", "DATA_CORRECTION", "更正资料", "correction of the record", ""},
    Own{"UNMASK_PURPOSE", "DUPLICATE_REVIEW", "核对重复客户", "review of duplicates", ""},
    Own{"UNMASK_PURPOSE", "INVESTIGATION", "调查核实", "investigation", ""},
    Own{"UNMASK_PURPOSE", "QUALITY", "质量检查", "quality check", ""},
    Own{"UNMASK_PURPOSE", "LEGAL_REQUEST", "依法查询", "request by law", ""},
    Own{"UNMASK_PURPOSE", "SUBJECT_REQUEST", "本人请求", "the person's own request", ""},
    Own{"ERASURE_REASON", "SUBJECT_REQUEST", "本人请求", "the person's own request", ""},
    Own{"ERASURE_REASON", "CONSENT_WITHDRAWN", "撤回同意", "consent withdrawn", ""},
    Own{"ERASURE_REASON", "PURPOSE_ENDED", "目的已实现", "purpose reached", ""},
    Own{"ERASURE_REASON", "RETENTION_OVER", "保存期限届满", "kept long enough", ""},
};

std::string CodeName(std::string_view list, std::string_view code) {
  return "codes/" + std::string(list) + "." + std::string(code);
}

}  // namespace

std::vector<pb::Code> OwnCodes(std::string_view list) {
  std::vector<pb::Code> out;
  for (const auto& own : kOwn) {
    if (own.list != list) continue;
    pb::Code code;
    code.set_name(CodeName(list, own.code));
    (*code.mutable_label()->mutable_texts())["zh-CN"] = std::string(own.chinese);
    (*code.mutable_label()->mutable_texts())["en"] = std::string(own.english);
    code.set_inverse(std::string(own.inverse));
    out.push_back(std::move(code));
  }
  return out;
}

std::vector<pb::Code> CodesOf(std::vector<pb::Code> own, const std::vector<pb::Code>& tenants) {
  std::map<std::string, pb::Code> codes;
  for (auto& code : own) codes[code.name()] = std::move(code);
  for (const auto& code : tenants) codes[code.name()] = code;
  std::vector<pb::Code> out;
  for (auto& [name, code] : codes) out.push_back(std::move(code));
  return out;
}

const pb::Code* FindCode(const std::vector<pb::Code>& codes, std::string_view code) {
  const auto at = std::find_if(codes.begin(), codes.end(), [&](const pb::Code& one) {
    return !one.retired() && one.name().substr(one.name().find('.') + 1) == code;
  });
  return at == codes.end() ? nullptr : &*at;
}

Result<pb::Relationship> Related(pb::Relationship draft, const pb::Customer& from, const pb::Customer& to,
                                 const std::vector<pb::Code>& codes, TimePoint now) {
  TRY_VOID(RequireOpen(from));
  TRY_VOID(RequireOpen(to));
  if (FindCode(codes, draft.type()) == nullptr) return errors::CodeUnknown("relationship.type", draft.type());
  std::vector<Violation> bad;
  if (from.name() == to.name()) bad.push_back({"relationship.other", "is the customer itself"});
  if (from.client() != to.client()) bad.push_back({"relationship.other", "is another client's customer"});
  if (!draft.has_start_time()) *draft.mutable_start_time() = ToProto(now);
  if (draft.has_end_time() && FromProto(draft.end_time()) <= FromProto(draft.start_time())) {
    bad.push_back({"relationship.end_time", "is not after the start"});
  }
  if (!bad.empty()) return errors::RelationshipInvalid(std::move(bad));
  return draft;
}

pb::Relationship Inverse(const pb::Relationship& relationship, const std::string& from,
                         const std::vector<pb::Code>& codes) {
  pb::Relationship out = relationship;
  out.set_other(from);
  for (const auto& code : codes) {
    if (code.name() == CodeName("RELATIONSHIP", relationship.type()) && !code.inverse().empty()) {
      out.set_type(code.inverse());
    }
  }
  return out;
}

Result<pb::PartyInteraction> Appended(pb::PartyInteraction draft, const std::vector<pb::Code>& places,
                                      TimePoint now) {
  if (!draft.place().empty() && FindCode(places, draft.place()) == nullptr)
    return errors::CodeUnknown("interaction.place", draft.place());
  std::vector<Violation> bad;
  if (draft.channel() == carillon::type::v1::CHANNEL_UNSPECIFIED && draft.place().empty())
    bad.push_back({"interaction.channel", "is required where there is no place"});
  if (!draft.has_end_time()) *draft.mutable_end_time() = ToProto(now);
  if (FromProto(draft.end_time()) > now) bad.push_back({"interaction.end_time", "is to come"});
  if (draft.has_start_time() && FromProto(draft.start_time()) > FromProto(draft.end_time()))
    bad.push_back({"interaction.start_time", "is after the end"});
  if (!bad.empty()) return errors::InteractionInvalid(std::move(bad));
  return draft;
}

bool HoldsAt(const pb::Relationship& relationship, TimePoint at) {
  return FromProto(relationship.start_time()) <= at &&
         (!relationship.has_end_time() || FromProto(relationship.end_time()) > at);
}

}  // namespace carillon::customer::domain
