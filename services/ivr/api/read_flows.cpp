#include "base/proto_time.hpp"
#include "ivr/api/api.hpp"
#include "ivr/domain/findings.hpp"
#include "ivr/domain/journey.hpp"
#include "ivr/domain/menus.hpp"
#include "ivr/store/announcements.hpp"
#include "ivr/store/flows.hpp"
#include "rpc/page.hpp"

namespace carillon::ivr::api {

Result<v1::Flow> GetFlow(Call& call, Deps& deps, const v1::GetFlowRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadFlow(tx, in.name(), in.version()); });
}

Result<v1::ListFlowsResponse> ListFlows(Call& call, Deps& deps, const v1::ListFlowsRequest& in) {
  TRY(const std::string after, rpc::PageKey(in.page_token(), "flows"));
  const int size = rpc::PageSize(in.page_size());
  TRY(const auto flows, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<v1::Flow>> {
    return store::ListFlows(tx, after, size + 1);
  }));
  v1::ListFlowsResponse out;
  for (const auto& flow : flows) {
    if (out.flows_size() == size) {
      out.set_next_page_token(rpc::PageToken(out.flows(size - 1).code(), "flows"));
      break;
    }
    *out.add_flows() = flow;
  }
  return out;
}

Result<v1::ValidateFlowResponse> ValidateFlow(Call& call, Deps& deps, const v1::ValidateFlowRequest& in) {
  v1::ValidateFlowResponse out;
  const auto document = ReadDocument(in.document());
  if (!document) {
    const Error& error = document.error();
    auto& finding = *out.add_findings();
    finding.set_severity(v1::FlowFinding::BLOCKING);
    finding.set_reason("DOCUMENT_MALFORMED");
    finding.set_message(error.message);
    if (const auto line = error.metadata.find("line"); line != error.metadata.end()) {
      finding.set_line(std::stoi(line->second));
    }
    if (const auto column = error.metadata.find("column"); column != error.metadata.end()) {
      finding.set_column(std::stoi(column->second));
    }
    return out;
  }
  TRY(const auto library,
      deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::set<std::string>> { return store::Codes(tx); }));
  for (auto& finding : Findings(**document, deps.settings.menus(), &library))
    *out.add_findings() = std::move(finding);
  return out;
}

Result<v1::SimulateFlowResponse> SimulateFlow(Call& call, Deps&, const v1::SimulateFlowRequest& in) {
  TRY(const auto document, ReadDocument(in.document()));
  return Simulate(document, in, in.has_time() ? FromProto(in.time()) : call.now);
}

Result<v1::ServiceNumber> GetServiceNumber(Call& call, Deps& deps, const v1::GetServiceNumberRequest& in) {
  return deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadNumber(tx, in.name()); });
}

Result<v1::ListServiceNumbersResponse> ListServiceNumbers(Call& call, Deps& deps,
                                                          const v1::ListServiceNumbersRequest& in) {
  TRY(const std::string after, rpc::PageKey(in.page_token(), "numbers"));
  const int size = rpc::PageSize(in.page_size());
  TRY(const auto numbers, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<v1::ServiceNumber>> {
    return store::ListNumbers(tx, after, size + 1);
  }));
  v1::ListServiceNumbersResponse out;
  for (const auto& number : numbers) {
    if (out.service_numbers_size() == size) {
      out.set_next_page_token(rpc::PageToken(out.service_numbers(size - 1).number(), "numbers"));
      break;
    }
    *out.add_service_numbers() = number;
  }
  return out;
}

}  // namespace carillon::ivr::api
