#include "routing/service.hpp"

int main(int argc, char** argv) { return carillon::host::Main<carillon::routing::Service>(argc, argv); }
