#include <string_view>

#include "ivr/flow_command.hpp"
#include "ivr/scxml_command.hpp"
#include "ivr/service.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "scxml")
    return carillon::ivr::ScxmlCommand(argc - 1, argv + 1);
  if (argc > 1 && std::string_view(argv[1]) == "flow") return carillon::ivr::FlowCommand(argc - 1, argv + 1);
  return carillon::host::Main<carillon::ivr::Service>(argc, argv);
}
