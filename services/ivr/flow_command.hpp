#pragma once

namespace carillon::ivr {

/// carillon-ivr flow test [--print] FOLDER: runs every *.flowtest of a folder and the folders in it against
/// the flow each names, and looks for what would keep that flow from being published. A line for each test
/// with the path it took (with --print all that was said), a line for each blocking finding, then "N passed,
/// N failed". Exit code 0 = all passed, 1 = not all, 2 = it could not look.
int FlowCommand(int argc, char** argv);

}  // namespace carillon::ivr
