#include "insight/service.hpp"

#include "insight/api/methods.hpp"
#include "insight/events/consume.hpp"

namespace carillon::insight {

struct Service::Parts {
  api::Deps deps;
};

Service::Service(host::Host& host, const Settings& settings)
    : parts_(std::make_unique<Parts>(
          Parts{{host.db(), host::Required(calendar::TimeZone::Load(settings.time_zone)),
                 std::chrono::seconds{settings.service_threshold_s},
                 std::chrono::seconds{settings.short_abandon_s}}})) {
  auto& deps = parts_->deps;
  rpc::Binder bind(host.server(), "carillon.insight.v1.ReportService", deps);
  bind.Unary("GetDayReport", api::GetDayReport);
  bind.Unary("GetIntervals", api::GetIntervals);
  bind.Unary("GetForecast", api::GetForecast);
  bind.Unary("ListFacts", api::ListFacts);
  bind.Unary("GetReconciliation", api::GetReconciliation);
  events::OnCalls(host, deps);
  events::OnSessions(host, deps);
  events::OnInteractions(host, deps);
  events::OnAgents(host, deps);
  events::OnOrders(host, deps);
  events::OnCampaigns(host, deps);
  events::OnAttempts(host, deps);
  events::OnEvaluations(host, deps);
}

Service::~Service() = default;

}  // namespace carillon::insight
