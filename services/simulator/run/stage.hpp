#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "simulator/clients/user.hpp"
#include "simulator/domain/plan.hpp"

/// The set for a day: a tenant with its organisation, customers, queues, menu and desks, made through the
/// public APIs with an administrator's login. Everything is looked for before it is made, so a second run
/// finds it all.
namespace carillon::simulator {

struct StageSettings {
  std::string platform_login;  ///< administrator of the tenant `platform`
  std::string platform_password;
  std::string secret;  ///< passwords of the demo's people are derived from it
  std::string tenant = "bank";
  std::string flow_file;      ///< SCXML of the bank's menu
  std::string articles_file;  ///< what goes into the knowledge base; none = nothing
  std::string service_number = "4008195000";
  std::uint64_t seed = 1;
  TimePoint midnight;           ///< business time of the day's local midnight
  std::vector<Window> windows;  ///< in which campaigns dial; none = no campaign
  int wave = 0;                 ///< of customers that is called on this day
  int reserved_agents = 1;      ///< left to inbound calls
};

struct Seat {
  std::string code;       ///< what the customer hears
  std::string seat;       ///< place
  std::string extension;  ///< phone
  std::string agent;      ///< agents/{uuid}
  std::unique_ptr<User> user;
};

struct Stage {
  std::string client;  ///< clients/{uuid}
  std::string service_number;
  std::vector<std::string> customers;  ///< customers/{uuid} by caller; empty = refused
  int refused_customers = 0;
  std::map<std::string, std::unique_ptr<Seat>> seats;  ///< by the plan's agent login
  std::map<std::string, std::string> desks;            ///< "back-office", "crew" -> desks/{uuid}
  std::vector<std::string> campaigns;                  ///< campaigns/{uuid} of the day
  std::string sample_plan;                             ///< samplePlans/{uuid} of the day
  std::map<std::string, std::string> unwilling;        ///< record number of who may not be sold to -> why
  std::unique_ptr<User> administrator, setup, line, back_office, crew, revisitor, supervisor, planner,
      approver, outbound_manager, quality_manager, librarian, chief_librarian;
};

/// Password of one of the demo's people.
std::string PasswordOf(const std::string& secret, const std::string& login);
/// The service password a caller keys.
std::string ServicePasswordOf(const Caller& caller);

/// Makes what is missing. `say` is told what goes on. Fails with the first refusal that is no "exists
/// already".
Result<Stage> SetUp(const Platform& platform, const StageSettings& settings, const DayPlan& plan,
                    const std::vector<Caller>& callers, const std::function<void(const std::string&)>& say);

}  // namespace carillon::simulator
