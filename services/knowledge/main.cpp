#include "host/host.hpp"
#include "knowledge/service.hpp"

int main(int argc, char** argv) { return carillon::host::Main<carillon::knowledge::Service>(argc, argv); }
