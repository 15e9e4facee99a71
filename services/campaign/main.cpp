#include "campaign/service.hpp"
#include "host/host.hpp"

int main(int argc, char** argv) { return carillon::host::Main<carillon::campaign::Service>(argc, argv); }
