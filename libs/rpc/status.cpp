#include "rpc/status.hpp"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include "base/ids.hpp"
#include "obs/log.hpp"

namespace carillon::rpc {

grpc::Status ToStatus(const Error& error) {
  google::rpc::Status out;
  out.set_code(static_cast<int>(error.code));
  out.set_message(error.message);
  google::rpc::ErrorInfo info;
  info.set_domain("carillon");
  info.set_reason(error.reason.empty() ? "UNKNOWN" : error.reason);
  if (error.code == Code::kInternal || error.code == Code::kUnknown) {
    const auto incident = NewId(RealNow());
    obs::LogError("internal error",
                  {{"incident", incident}, {"reason", error.reason}, {"error", error.message}});
    out.set_message("Something went wrong on our side; incident " + incident + ".");
    (*info.mutable_metadata())["incident"] = incident;
  } else {
    for (const auto& [key, value] : error.metadata) (*info.mutable_metadata())[key] = value;
  }
  out.add_details()->PackFrom(info);
  if (!error.violations.empty()) {
    google::rpc::BadRequest bad;
    for (const auto& violation : error.violations) {
      auto* field = bad.add_field_violations();
      field->set_field(violation.field);
      field->set_description(violation.description);
    }
    out.add_details()->PackFrom(bad);
  }
  if (error.code == Code::kNotFound) {
    google::rpc::ResourceInfo resource;
    if (const auto it = error.metadata.find("name"); it != error.metadata.end())
      resource.set_resource_name(it->second);
    resource.set_description(error.message);
    out.add_details()->PackFrom(resource);
  }
  if (error.code == Code::kFailedPrecondition) {
    google::rpc::PreconditionFailure failure;
    auto* violation = failure.add_violations();
    violation->set_type(error.reason);
    violation->set_description(error.message);
    out.add_details()->PackFrom(failure);
  }
  if (error.code == Code::kUnavailable || error.code == Code::kResourceExhausted) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_nanos(200'000'000);
    out.add_details()->PackFrom(retry);
  }
  return {static_cast<grpc::StatusCode>(error.code), out.message(), out.SerializeAsString()};
}

Error FromStatus(const grpc::Status& status) {
  Error out;
  out.code = static_cast<Code>(status.error_code());
  out.message = status.error_message();
  out.reason = out.code == Code::kUnavailable ? "PEER_DOWN" : "PEER_ERROR";
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return out;
  for (const auto& any : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    if (any.UnpackTo(&info)) {
      out.reason = info.reason();
      out.metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (any.UnpackTo(&bad)) {
      for (const auto& field : bad.field_violations())
        out.violations.push_back({field.field(), field.description()});
    }
  }
  return out;
}

}  // namespace carillon::rpc
